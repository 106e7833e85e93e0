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
html_theme_options = {
    "light_logo": "fermata.svg",
    "dark_logo": "fermata.svg",
    "navigation_with_keys": True,
}
# A prompt is not copied.
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True
