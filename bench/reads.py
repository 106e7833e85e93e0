"""What is read and not talked to: lines out of a pipe, and files."""

from between import ahead
from kinds import Bench, Case, Run, Target, python

OURS = ("fermata:io_uring", "fermata:epoll")
FILES = "FILES"  # stands for the directory of small files

# Of both backends.
LINES_WHY = (
    "a call, the look whether the task is cut and may read, and a place in the "
    "stream where the limit has three variables: seven nanoseconds."
)

LINES = Bench(
    "lines",
    "a line of 100 bytes, out of a pipe",
    [
        Case(
            "100",
            "each line",
            targets=[
                Target(1.2, "limit", of="fermata:io_uring", why=LINES_WHY),
                Target(1.2, "limit", of="fermata:epoll", why=LINES_WHY),
            ],
        )
    ],
    [
        Run(
            {
                "fermata:io_uring": ["ours_lines", "uring"],
                "fermata:epoll": ["ours_lines", "epoll"],
                "limit": ["limit_lines"],
                "go": ["gopeer", "lines"],
                "tokio": ["tokio-peer", "lines"],
                "asyncio": python("asyncio", "lines"),
                "uvloop": python("uvloop", "lines"),
            }
        )
    ],
    [
        "limit: read(2), memchr, memcpy.",
        "Processor time of the reader alone; yes(1) writes.",
        "fm_read_line, bufio.Scanner, BufReader.read_line, "
        "StreamReader.readline; libuv has none.",
    ],
)


def files_programs(count):
    return {
        "fermata:io_uring": ["ours_files", "uring", FILES, count],
        "fermata:epoll": ["ours_files", "epoll", FILES, count],
        "limit": ["limit_files", FILES, count],
        "go": ["gopeer", "files", count, "0", FILES],
        "tokio": ["tokio-peer", "files", count, FILES],
    }


SMALL = Bench(
    "files",
    "read a whole file of 4 KiB that is in memory, one of 10,000",
    [
        Case("1", "one at a time"),
        Case("64", "64 tasks", targets=[ahead(of) for of in OURS]),
    ],
    [Run(files_programs(count), threads=True) for count in ("1", "64")],
    [
        "limit: open, read, close; with 64 on as many threads as there are "
        "processors.",
        "fm_file_load, os.ReadFile, tokio::fs::read. Fermata has one thread "
        "for what is in memory; Go has as many as there are processors.",
    ],
)
