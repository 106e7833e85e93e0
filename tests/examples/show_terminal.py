"""show_terminal.py - what the show does with a terminal

    show_terminal.py COLUMNS ROWS WHEN SHOW...

WHEN is "end": it is let be; or "stop" or "quit": Ctrl-C or Ctrl-\\ is typed at
its first picture.
Prints what it wrote and ends as it did; with 99 where a line is longer than
the terminal, a picture too high, or the terminal is not as it was.
"""
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios

columns, rows, when, *command = sys.argv[1:]
SEQUENCE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def control():
    fcntl.ioctl(1, termios.TIOCSCTTY, 0)


def watch(master, process):
    """All that it writes until it has ended."""
    keys = {"stop": b"\x03", "quit": b"\x1c"}
    said, typed = b"", when not in keys
    while True:
        ended = process.poll() is not None
        if select.select([master], [], [], 0 if ended else 0.1)[0]:
            said += os.read(master, 65536)
        elif ended:
            return said.decode()
        if not typed and said.count(b"pipeline") > 1:
            os.write(master, keys[when])
            typed = True


def wrong(said):
    """Says what is not as it should be."""
    for picture in re.split(r"\x1b\[\d+A\r", said):
        for line in SEQUENCE.sub("", picture).replace("\r", "").split("\n"):
            if len(line) > int(columns):
                yield f"{len(line)} columns: {line}"
    for up in re.findall(r"\x1b\[(\d+)A", said):
        if int(up) >= int(rows):
            yield f"a picture of {up} rows"
    for hidden, back in (("\x1b[?25l", "\x1b[?25h"), ("\x1b[?7l", "\x1b[?7h")):
        if said.rfind(hidden) > said.rfind(back):
            yield f"{hidden[1:]} is left"


def main():
    master, slave = os.openpty()
    size = struct.pack("HHHH", int(rows), int(columns), 0, 0)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
    before = termios.tcgetattr(slave)
    process = subprocess.Popen(command, stdin=slave, stdout=slave,
                               stderr=slave, start_new_session=True,
                               preexec_fn=control)
    said = watch(master, process)
    print(said)
    faults = list(wrong(said))
    if termios.tcgetattr(slave) != before:
        faults.append("the terminal's settings are left")
    print("\n".join(faults))
    return 99 if faults else process.returncode


sys.exit(main())
