#!/usr/bin/env python3
#
# links.py - every link of the built site leads to a file and an anchor in it
#
#   tools/docs/links.py HTML
#
# Nothing is fetched: addresses elsewhere are listed in HTML/../elsewhere.txt,
# one a line. Prints what leads nowhere, and a last line that counts.

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page, and the places in it that others may lead to."""

    def __init__(self, path):
        super().__init__()
        self.links = []
        self.places = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.places.update(
            found[name] for name in ("id", "name") if found.get(name)
        )
        for name in ("href", "src"):
            if found.get(name) is not None:
                self.links.append((self.getpos()[0], found[name]))

    handle_startendtag = handle_starttag


def target(root, path, link):
    """The file that a link of a page leads to."""
    if link.path.startswith("/"):
        return root / unquote(link.path).lstrip("/")
    if link.path == "":
        return path
    return (path.parent / unquote(link.path)).resolve()


def wrong(root, pages, path, href):
    link = urlsplit(href)
    to = target(root, path, link)
    if not to.is_file():
        return "no such file"
    if link.fragment and to in pages:
        if unquote(link.fragment) not in pages[to].places:
            return "no such place"
    return None


def main(folder):
    root = Path(folder).resolve()
    pages = {path: Page(path) for path in sorted(root.rglob("*.html"))}
    count, lost, elsewhere = 0, 0, set()
    for path, page in pages.items():
        for line, href in page.links:
            if urlsplit(href).scheme:
                elsewhere.add(href)
                continue
            count += 1
            why = wrong(root, pages, path, href)
            if why:
                lost += 1
                print(f"{path.relative_to(root)}:{line}: {why}: {href}")
    listed = "".join(f"{href}\n" for href in sorted(elsewhere))
    (root.parent / "elsewhere.txt").write_text(listed)
    print(
        f"links: {len(pages)} pages, {count} links inside, "
        f"{len(elsewhere)} elsewhere, {lost} lead nowhere"
    )
    return lost > 0 or not pages


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
