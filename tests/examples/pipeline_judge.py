"""What examples/pipeline says of a log, against a plain recount of it.

    pipeline_judge.py PIPELINE DIRECTORY STORY
"""
import base64
import calendar
import json
import os
import random
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

PIPELINE, PLACE, STORY = sys.argv[1:]
BEGIN = 1_700_000_000
DATE = re.compile(r"\[(\d\d)/Nov/2023:(\d\d):(\d\d):(\d\d) \+0000\]")


# ---- logs and their recount ------------------------------------------------

def line_of(when, number, rand):
    day, clock = divmod(when - 1_698_796_800, 86400)  # of November 2023
    return ('10.0.0.%d - - [%02d/Nov/2023:%02d:%02d:%02d +0000] '
            '"GET /%d?\\"a\\" HTTP/1.1" %d %s "-" "an agent"\n' % (
                rand.randrange(256), day + 1, clock // 3600,
                clock // 60 % 60, clock % 60, number,
                rand.choice([200, 200, 304, 404, 500]),
                rand.choice(["-", "0", str(rand.randrange(100000))])))


def lines_of(seed, count):
    """Some late, some not to be read, most in order."""
    rand = random.Random(seed)
    when = BEGIN
    for number in range(count):
        when += rand.choice([0, 0, 0, 0, 0, 1, 1, 2, 40])
        if rand.random() < 0.01:
            yield rand.choice(["\n", "nothing of that kind\n",
                               line_of(when, number, rand)[:-40] + "\n"])
        late = rand.randrange(30) if rand.random() < 0.1 else 0
        yield line_of(when - late, number, rand)


def recount(lines, span, lateness):
    """All windows by their beginnings, and how many lines there were, how
    many of them not to be read, and how many late."""
    windows, mark = {}, 0
    count = unreadable = late = 0
    for line in lines:
        count += 1
        date = DATE.search(line)
        reply = re.search(r'" (\d+) (\d+|-) "-" "an agent"\n', line)
        if not date or not reply:
            unreadable += 1
            continue
        day, hour, minute, second = map(int, date.groups())
        when = (1_698_796_800 + (day - 1) * 86400 + hour * 3600 +
                minute * 60 + second)
        mark = max(mark, when - lateness)
        start = when - when % span
        if start + span <= mark:
            late += 1
            continue
        had = windows.get(start, (0, 0, 0))
        size = 0 if reply[2] == "-" else int(reply[2])
        windows[start] = (had[0] + 1, had[1] + (int(reply[1]) >= 400),
                          had[2] + size)
    return windows, (count, unreadable, late)


# ---- the program -----------------------------------------------------------

def path(name):
    return os.path.join(PLACE, name)


def write(name, lines, how="a"):
    with open(path(name), how, encoding="ascii") as out:
        out.writelines(lines)


def command(*options, log="log", span=10, late=20):
    return [PIPELINE, "--window", str(span), "--late", str(late),
            *options] + ([path(log)] if log else [])


def run(*options, stdin=None, **more):
    done = subprocess.run(command(*options, **more), input=stdin,
                          stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout


def table(text):
    """What it prints where that is no terminal."""
    windows = {}
    for row in text.splitlines():
        day, clock, requests, _, errors, _, size, _ = row.split()
        when = time.strptime(day + clock + "UTC", "%Y-%m-%d%H:%M:%S%Z")
        start = int(calendar.timegm(when))
        assert start not in windows, row
        windows[start] = (int(requests), int(errors), int(size))
    return windows


def stored(query):
    with sqlite3.connect(path("store"), timeout=60) as store:
        try:
            return store.execute(query).fetchall()
        except sqlite3.OperationalError:  # it is not made yet
            return []


def stored_windows(closed=1):
    return {start: (requests, errors, size)
            for start, requests, errors, size in stored(
                "SELECT start, requests, errors, bytes FROM windows"
                " WHERE closed = %d" % closed)}


def stored_figures():
    rows = stored("SELECT lines, unreadable, late FROM moment")
    return rows[0] if rows else (0, 0, 0)


class Following:
    """The program while it follows the log."""

    def __init__(self, *options, **more):
        self.process = subprocess.Popen(
            command("--follow", "--store", path("store"), *options, **more),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def has(self, lines):
        while stored_figures()[0] < lines:
            assert self.process.poll() is None, self.process.stderr.read()
            time.sleep(0.02)
        same(stored_figures()[0], lines)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate()
        same((self.process.returncode, said), (0, ""))


def same(found, wanted):
    if isinstance(found, dict) and found != wanted:
        wrong = {start: (found.get(start), wanted.get(start))
                 for start in {*found, *wanted}
                 if found.get(start) != wanted.get(start)}
        sys.exit("found and wanted: %s" % wrong)
    if found != wanted:
        sys.exit("%r, not %r" % (found, wanted))


# ---- stories ---------------------------------------------------------------

def windows():
    """Are what a recount says, of a file and of standard input."""
    for seed, span, late in (1, 10, 0), (2, 10, 20), (3, 1, 5), (4, 60, 45):
        lines = list(lines_of(seed, 3000))
        counted, figures = recount(lines, span, late)
        write("log", lines, "w")
        same(table(run(span=span, late=late)), counted)
        same(table(run(log=None, stdin="".join(lines), span=span,
                       late=late)), counted)
        run("--store", path("store"), span=span, late=late)
        same(stored_windows(), counted)
        same(stored_figures(), figures)
        os.remove(path("store"))


def bad():
    """What is no line of a log is counted, however long it is."""
    good = line_of(BEGIN, 1, random.Random(1))
    future = good.replace("Nov/2023", "Nov/2093")
    nul = good.replace(' "-" "an agent"', '\0')
    lines = ["x" * 65536 + "\n", "y" * 500000 + "\n", good, "\n", future,
             nul, good, "z" * 70000]
    write("log", lines)
    run("--store", path("store"))
    same(stored_figures(), (8, 6, 0))
    same([window[0] for window in stored_windows().values()], [2])
    os.remove(path("store"))
    run("--store", path("store"), log=None, stdin="".join(lines))
    same(stored_figures(), (8, 6, 0))


class Writer(threading.Thread):
    """Appends to the log, in pieces that are not lines, and rotates it."""

    def __init__(self, lines, seed):
        super().__init__()
        self.lines = lines
        self.rand = random.Random(seed)
        self.files = 0

    def rotate(self):
        for number in range(self.files, -1, -1):
            os.rename(path("log.%d" % number if number else "log"),
                      path("log.%d" % (number + 1)))
        self.files += 1

    def run(self):
        left = list(self.lines)
        while left:
            count = self.rand.randrange(1, 120)
            text = "".join(left[:count])
            del left[:count]
            cut = self.rand.randrange(len(text))
            write("log", [text[:cut]])
            time.sleep(self.rand.choice([0, 0, 0.02]))
            write("log", [text[cut:]])
            if left and self.rand.random() < 0.3:
                self.rotate()


def killed():
    """Neither loses nor doubles a window, wherever the log is by then."""
    seed = random.randrange(1 << 32)
    print("seed %d" % seed)
    rand = random.Random(seed)
    lines = list(lines_of(seed, 15000))
    counted, figures = recount(lines, 2, 4)
    write("log", lines[:10])
    first = Following(span=2, late=4)
    first.has(10)
    first.kill()
    writer = Writer(lines[10:], seed)
    writer.start()
    for _ in range(10):
        following = Following(span=2, late=4)
        time.sleep(rand.random() * 0.3)
        following.kill()
        done = stored_windows()
        same(done, {start: counted[start] for start in done})
    writer.join()
    run("--store", path("store"), span=2, late=4)
    same(stored_windows(), counted)
    same(stored_windows(closed=0), {})
    same(stored_figures(), figures)


def rotated():
    """It goes on in the new file, and when the log is emptied."""
    lines = list(lines_of(5, 900))
    counted, _ = recount(lines, 10, 20)
    write("log", lines[:300])
    following = Following()
    following.has(300)
    os.rename(path("log"), path("log.1"))
    write("log", lines[300:600])
    following.has(600)
    os.truncate(path("log"), 0)
    write("log", lines[600:])
    following.has(len(lines))
    following.interrupt()
    still = stored_windows(closed=0)
    assert still, "an open window was not kept as one"
    same({**stored_windows(), **still}, counted)
    run("--store", path("store"))
    same(stored_windows(), counted)


# ---- WebSockets ------------------------------------------------------------

class Watching:
    """A WebSocket, as a few lines of Python's sockets see it."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.peer = socket.create_connection((host, int(port)))
        key = base64.b64encode(b"0123456789abcdef")
        self.peer.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
                          b"Connection: Upgrade\r\nSec-WebSocket-Version: 13"
                          b"\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n")
        self.said = b""
        while b"\r\n\r\n" not in self.said:
            self.hear()
        head, self.said = self.said.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101 "), head

    def hear(self):
        some = self.peer.recv(4096)
        assert some, self.said
        self.said += some

    def window(self):
        """A text of less than 64 KiB; pings are passed over."""
        while True:
            while len(self.said) < 4:
                self.hear()
            size, begin = self.said[1], 2
            if size == 126:
                size, begin = struct.unpack(">H", self.said[2:4])[0], 4
            while len(self.said) < begin + size:
                self.hear()
            kind = self.said[0] & 15
            text = self.said[begin:begin + size]
            self.said = self.said[begin + size:]
            if kind == 1:
                return json.loads(text)

    def until(self, requests, closed):
        window = None
        while window is None or (window["requests"] < requests or
                                 window["closed"] != closed):
            window = self.window()
        return window


def watched():
    """Tells of each window, when it changes and when it is closed."""
    rand = random.Random(1)
    lines = [line_of(BEGIN, number, rand) for number in range(3)]
    counted, _ = recount(lines, 10, 20)
    write("log", lines[:2])
    following = Following("--listen", "127.0.0.1:0")
    said = following.process.stderr.readline()
    address = said.rsplit(" ", 1)[1].strip()
    idle = Watching(address)  # reads nothing, and holds nothing up
    one = Watching(address)
    window = one.until(2, False)
    same((window["start"], window["seconds"]), (BEGIN, 10))
    write("log", lines[2:])
    one.until(3, False)
    write("log", [line_of(BEGIN + 100, 4, rand)])
    window = one.until(3, True)
    same((window["requests"], window["errors"], window["bytes"]),
         counted[BEGIN])
    late = Watching(address)
    same(late.window()["closed"], True)
    many = [line_of(BEGIN + 200 + number, number, rand)
            for number in range(20000)]
    write("log", many)
    following.has(20004)
    one.until(1, True)
    for watching in idle, one, late:
        watching.peer.close()
    following.interrupt()


globals()[STORY]()
