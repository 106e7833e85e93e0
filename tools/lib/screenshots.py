"""screenshots.py - makes the pictures of docs/pictures; see tools/screenshots

    screenshots.py SHOW FERMATA SITE PAGE BROWSER DIRECTORY
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from browser import Browser
from terminal_svg import film, still

COLUMNS, WIDE, ROWS, STEP = 80, 108, 24, 0.5
TREE_COLUMNS, TREE_ROWS = 112, 60
ASKED = "parseInt(document.getElementById('asked').textContent)"
ENDED = "!document.getElementById('end').hidden"


def tmux(*arguments):
    return subprocess.run(["tmux", "-L", f"fermata-{os.getpid()}", *arguments],
                          check=True, stdout=subprocess.PIPE, text=True).stdout


def moments(show, site, page, columns, rows):
    """What a terminal has of the show, from its beginning to its end."""
    command = f"LANG=C.UTF-8 '{show}' --page '{page}' '{site}'; read line"
    tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y",
         str(rows), f"sh -c \"{command}\"")
    lines = []
    while "agree" not in "".join(lines):
        time.sleep(STEP)
        lines = tmux("capture-pane", "-p", "-e").rstrip("\n").split("\n")
        if len(lines) > 12:
            yield lines
    tmux("kill-session")


def terminal(show, site, page, path):
    """All of it."""
    frames = list(moments(show, site, page, COLUMNS, ROWS))
    title = "three programs on one loop"
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(film(frames, COLUMNS, ROWS, title, STEP)) + "\n")


def tree(show, site, page, path):
    """The tasks at the busiest moment, which it tells at its end."""
    *_, lines = moments(show, site, page, TREE_COLUMNS, TREE_ROWS)
    first = next(i for i, line in enumerate(lines) if "busiest" in line) + 1
    lines = lines[first:first + lines[first:].index("")]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(still(lines, TREE_COLUMNS, len(lines),
                                   "fermata pstree, of itself")) + "\n")


def served(show, site, page):
    """The show, which stays, and where its page is."""
    server = subprocess.Popen(
        [show, "--stay", "--lines", "--address", "127.0.0.1:0", "--page", page,
         site], stdout=subprocess.PIPE, text=True)
    return server, re.search(r"http://\S+", server.stdout.readline())[0]


def ended(server):
    server.send_signal(signal.SIGINT)
    server.stdout.read()
    server.wait()


def inside(show, fermata, site, page, path):
    """The tasks of the show as a tree, while it has much to do."""
    server, _ = served(show, site, page)
    tmux("-f", "/dev/null", "new-session", "-d", "-x", str(WIDE), "-y",
         str(ROWS), f"LANG=C.UTF-8 '{fermata}' top --tree {server.pid}")
    lines = []
    while "visit" not in "".join(lines) or "-%" in lines[2]:
        time.sleep(STEP)
        lines = tmux("capture-pane", "-p", "-e", "-N").split("\n")[:-1]
    tmux("kill-session")
    ended(server)
    with open(path, "w", encoding="utf-8") as file:
        title = "fermata top --tree $(pidof show)"
        file.write("\n".join(still(lines, WIDE, ROWS, title)) + "\n")


def pages(show, site, page, browser, directory):
    """The same as a page: on the way on a desk, at its end on a telephone."""
    server, url = served(show, site, page)
    with tempfile.TemporaryDirectory() as profile, \
            Browser(browser, profile) as look:
        look.size(1200, 600)
        look.open(url)
        for name, condition, width, height in (
                ("page", f"{ASKED} > 180", 1200, 590),
                ("phone", ENDED, 390, 844)):
            for dark in (False, True):
                look.size(width, height, dark)
                look.wait(condition)
                time.sleep(0.3)  # what moves has arrived
                look.picture(f"{directory}/{name}{'-dark' * dark}.png")
    ended(server)


def main():
    show, fermata, site, page, browser, directory = sys.argv[1:]
    inside(show, fermata, site, page, f"{directory}/top.svg")
    terminal(show, site, page, f"{directory}/show.svg")
    tree(show, site, page, f"{directory}/tree.svg")
    pages(show, site, page, browser, directory)


main()
