"""show_page.py - the page of the show, as a browser sees it

    show_page.py URL BROWSER PROFILE

Looks at it as the crawl goes on and when it has ended, on a desk and on a
telephone, from its beginning and late; then says so and waits for a line, with
which the server has gone.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/lib"))
from browser import Browser

FITS = "document.documentElement.scrollWidth <= innerWidth"
ENDED = "document.getElementById('state').textContent === 'finished, all agree'"
NUMBERS = ("['requests', 'pages', 'lines'].map(id => "
           "document.getElementById(id).textContent).join()")
SAME = ("[...document.querySelectorAll('#same b')].map(b => "
        "b.textContent).join()")
LINKS = "document.querySelectorAll('#links tbody tr').length"
BARS = "document.querySelectorAll('#bars li').length"
GONE = "document.getElementById('state').textContent.includes('gone')"


def look(page):
    """What the page says when all is over."""
    page.wait(f"({ENDED}) && {LINKS} && {BARS}")
    assert page.tell(FITS), "it has to be moved sideways"
    requests, pages, lines = page.tell(NUMBERS).split(",")
    assert requests == lines and int(pages) > 0, page.tell(NUMBERS)
    assert len(set(page.tell(SAME).split(","))) == 1, page.tell(SAME)
    return page.tell(NUMBERS)


def main():
    url, browser, profile = sys.argv[1:]
    with Browser(browser, profile) as page:
        page.size(1280, 900)
        page.open(url)
        first = look(page)
        page.size(390, 844, dark=True)
        assert page.tell(FITS), "it has to be moved sideways"
        page.open(url)
        assert look(page) == first, first
        assert not page.errors, page.errors
        print("looked", flush=True)
        sys.stdin.readline()
        page.wait(GONE)


main()
