"""What a comparison is made of, and who takes part.

A program is asked with one of the argument lists of its benchmark and prints
`BENCH CASE VALUE` lines; a case that it does not print is one that it does
not have. `NAME=VALUE` before its name is its environment. Less is better, but
where a case says otherwise. `fermata:epoll` is Fermata on that backend,
`limit:epoll` a limit with the same means.
"""

from dataclasses import dataclass, field

NAP = "NAP"  # stands for the milliseconds that sleepers sleep

# The order of the rows in a table, and what each is.
PEERS = {
    "go": "goroutines, GOMAXPROCS=1",
    "tokio": "current_thread runtime",
    "asyncio": "CPython's own loop",
    "uvloop": "asyncio's tasks on libuv's loop",
    "libuv": "callbacks",
    "state-threads": "the classic C library of this kind",
    "nginx": "one worker, told by a file what to serve",
    "h2o": "one thread, told by a file what to serve",
    "nghttpd": "the server of nghttp2's own tools, which has files alone",
    "fasthttp": "Go without net/http",
    "hyper": "on Tokio's current_thread runtime",
    "libcurl": "its multi interface, on epoll",
    "node": "Node's own http",
    "gorilla": "goroutines, on net/http",
    "tungstenite": "on Tokio's current_thread runtime",
    "ws": "for Node, with its addons where they are installed",
    "websockets": "asyncio on uvloop",
    "uvicorn": "asyncio on uvloop, with httptools",
    "aiohttp": "asyncio on uvloop",
    "ucontext": "glibc's swapcontext",
    "llhttp": "Node's parser",
    "corosensei": "Rust stackful coroutines, expanded in place",
}


@dataclass
class Target:
    """ours <= most; with a peer, "limit" or "peers", ours <= most * theirs.

    "limit" is the better one where there are two, "peers" the best of them.
    Where more is better, ours >= most and ours >= most * theirs.
    """

    most: float
    than: str = ""
    words: str = ""
    of: str = "fermata"
    why: str = ""  # the reason, where it is missed
    but: str = ""  # none of "peers"


@dataclass
class Case:
    key: str  # as the programs print it
    title: str
    unit: str = "ns"
    targets: list = field(default_factory=list)
    note: str = ""  # what JSON and the report add to the title
    table: str = ""  # the heading of the table it is in, if there are several
    narrow: bool = False  # no ratio beside it
    more: bool = False  # is better


@dataclass
class Run:
    """Programs that run right after each other in every round."""

    programs: dict  # name -> command
    case: str = ""  # whatever count a program prints as its case
    threads: bool = False  # they have two, and get all processors
    prints: str = ""  # the benchmark that they print, if it is another


@dataclass
class Load:
    """Servers, which bench/load asks by turns, in slices of every round."""

    programs: dict
    case: str
    settings: list


@dataclass
class Bench:
    name: str
    story: str
    cases: list
    runs: list
    notes: list = field(default_factory=list)


def is_ours(program):
    return program.split(":")[0] == "fermata"


def is_limit(program):
    return program.split(":")[0] == "limit"


def shown(program):
    """As tables name it: `fermata (epoll)` for `fermata:epoll`."""
    name, _, means = program.partition(":")
    return f"{name} ({means})" if means else name


def programs_of(bench):
    """In the order of a table's rows: ours, the limits, the peers."""
    named = dict.fromkeys(n for run in bench.runs for n in run.programs)
    yield from filter(is_ours, named)
    yield from filter(is_limit, named)
    yield from (peer for peer in PEERS if peer in named)


def reference(bench):
    """What ratios are shown to."""
    return next(programs_of(bench))


def python(which, *arguments):
    interpreter = "venv/bin/python3" if which == "uvloop" else "python3"
    return [interpreter, "peer.py", which, *arguments]


def everywhere(bench, count, ours, limit):
    """The programs that have tasks; Python's make at most 10,000."""
    fewer = str(min(10000, int(count)))
    return {
        "fermata": [ours, count],
        "limit": [limit, count],
        "go": ["gopeer", bench, count],
        "tokio": ["tokio-peer", bench, count],
        "asyncio": python("asyncio", bench, fewer),
        "uvloop": python("uvloop", bench, fewer),
        "state-threads": ["st_tasks", bench, count],
    }
