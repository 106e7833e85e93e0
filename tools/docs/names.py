"""Public names lead to where the reference tells about them, in every page.

names.json, which tools/mkdocs writes, has the page and the anchor of each. The
anchors of the reference are the names themselves.
"""

import json
import re
from pathlib import Path

from docutils import nodes

NAME = re.compile(r"\b(?:fm|FM)_\w+")
PLACES = re.compile(
    r'<section id="(?P<section>[^"]+)"'
    r"|(?P<linked><a [^>]*>.*?</a>)"
    r"|(?P<code><code [^>]*>.*?</code>)"
    r'|(?P<token><span class="\w+">(?:fm|FM)_\w+</span>)',
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
        place = app.names.get(match[0])
        if place in (None, f"{page}.html#{section}"):
            return match[0]
        return f'<a class="name" href="{up}{place}">{match[0]}</a>'

    def changed(match):
        nonlocal section
        section = match["section"] or section
        if match["code"] or match["token"]:
            return NAME.sub(link, match[0]).replace(
                '<span class="pre">-E', '<span class="pre whole">-E'
            )
        return match[0]

    context["body"] = PLACES.sub(changed, context["body"])


def setup(app):
    app.connect("builder-inited", read)
    app.connect("doctree-read", name_sections, priority=100)
    app.connect("html-page-context", link_names)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
