"""Public names lead to where the reference tells about them, in every page.

names.json, which tools/mkdocs writes, has the page and the anchor of each. The
anchors of the reference are the names themselves.
"""

import json
import re
from pathlib import Path

from docutils import nodes

PLACES = re.compile(
    r'<section id="(?P<section>[^"]+)"'
    r'|(?P<inside><a [^>]*>.*?</a>)'
    r'|<span class="(?P<kind>\w+)">(?P<token>fm_\w+|FM_\w+)</span>'
    r'|(?P<code><code class="docutils literal notranslate"><span class="pre">'
    r"(?P<name>fm_\w+|FM_\w+)(?:\([^<]*\))?</span></code>)",
    re.DOTALL,
)


def read(app):
    path = Path(app.srcdir, "names.json")
    app.names = json.loads(path.read_text()) if path.exists() else {}


def name_sections(app, doctree):
    """Sphinx would write fm-go for fm_go, and for FM_GO as well."""
    if not app.env.docname.startswith("reference/"):
        return
    for section in doctree.findall(nodes.section):
        title = section[0].astext()
        if title in app.names:
            section["ids"] = [title]


def link_names(app, page, template, context, doctree):
    if not context.get("body"):
        return
    up = "../" * page.count("/")
    section = ""

    def link(match):
        nonlocal section
        text = match[0]
        if match["section"]:
            section = match["section"]
        name = match["token"] or match["name"]
        place = app.names.get(name)
        if place in (None, f"{page}.html#{section}"):
            return text
        return f'<a class="name" href="{up}{place}">{text}</a>'

    context["body"] = PLACES.sub(link, context["body"])


def setup(app):
    app.connect("builder-inited", read)
    app.connect("doctree-read", name_sections, priority=100)
    app.connect("html-page-context", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
