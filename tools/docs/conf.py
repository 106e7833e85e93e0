"""How Sphinx makes the site of what tools/mkdocs has written."""

import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

api = (HERE / "../../include/fermata/api.h").read_text()

project = "Fermata"
author = "the authors of Fermata"
version = release = re.search(r'FM_VERSION "(.*?)"', api)[1]

extensions = ["myst_parser", "sphinx_copybutton", "names", "plots"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]
highlight_language = "text"
smartquotes = False
toc_object_entries = False

pygments_style = "tints.Light"
pygments_dark_style = "tints.Dark"

html_theme = "furo"
html_title = "Fermata"
html_static_path = ["static"]
# Files of the tree that a page links to.
exclude_patterns = ["extra"]
html_extra_path = [str(HERE / "../../build/docs/source/extra")]
html_css_files = ["site.css"]
html_favicon = "static/fermata.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_use_index = False
html_logo = "static/fermata.svg"
html_theme_options = {
    "navigation_with_keys": True,
    "light_css_variables": {
        "color-brand-primary": "#a84a04",
        "color-brand-content": "#a84a04",
        "color-brand-visited": "#8a4a1c",
        "fm-settles": "#8a2a6b",
        "fm-on-brand": "#fff",
        "fm-ours": "#d06a12",
        "fm-limit": "#a3a7af",
        "fm-peer": "#8aa6c6",
        "color-sidebar-link-text": "#43464d",
        "color-sidebar-link-text--top-level": "#22242a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#f0a35e",
        "color-brand-content": "#f0a35e",
        "color-brand-visited": "#d0a47e",
        "fm-settles": "#d99ac2",
        "fm-on-brand": "#1b1208",
        "fm-ours": "#ef9a4d",
        "fm-limit": "#7c828e",
        "fm-peer": "#5b7ba4",
        "color-sidebar-link-text": "#b6b9c2",
        "color-sidebar-link-text--top-level": "#dddee3",
    },
}
# A prompt is not copied.
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
