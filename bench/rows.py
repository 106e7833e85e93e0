"""What is measured: benchmarks, their cases, who takes part, the targets.

A program is asked with one of the argument lists of its benchmark and prints
`BENCH CASE VALUE` lines; a case that it does not print is one that it does
not have. Everywhere, less is better.
"""

from dataclasses import dataclass, field

# The order of the rows in a table, and what each is.
PEERS = {
    "go": "goroutines, GOMAXPROCS=1",
    "tokio": "current_thread runtime",
    "asyncio": "CPython's own loop",
    "uvloop": "asyncio's tasks on libuv's loop",
    "libuv": "callbacks",
    "state-threads": "the classic C library of this kind",
    "ucontext": "glibc's swapcontext",
    "corosensei": "Rust stackful coroutines, expanded in place",
}


@dataclass
class Target:
    """ours <= most; with a peer or "limit", ours <= most * theirs."""

    most: float
    than: str = ""
    words: str = ""
    why: str = ""  # the reason, where it is missed


# Of the start row.
START_WHY = (
    "a slot with a generation, a record of four cache lines that is filled in "
    "anew, two places in queues and two turns for each; what is left to gain "
    "is a record that a warm stack keeps filled in."
)


@dataclass
class Case:
    key: str  # as the programs print it
    title: str
    unit: str = "ns"
    target: Target = None
    note: str = ""  # what JSON and the report add to the title


@dataclass
class Run:
    """Programs that run right after each other in every round."""

    programs: dict  # name -> command
    case: str = ""  # whatever count a program prints as its case


@dataclass
class Bench:
    name: str
    story: str
    cases: list
    runs: list
    notes: list = field(default_factory=list)


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


FEWER = " (asyncio, uvloop: 10,000)"
FEWER_NOTE = "asyncio and uvloop: 10,000 tasks where the others have 100,000."
SLEEPERS = "1000000"
SLEEPERS_FEWER = " (asyncio, uvloop, state-threads: 10,000)"
NAP = "NAP"  # stands for the milliseconds that sleepers sleep

SWITCH = Bench(
    "switch",
    "from one stack to another",
    [
        Case("called", "called", target=Target(1.15, "limit")),
        Case(
            "inline",
            "inline",
            target=Target(
                1.15,
                "limit",
                why="sp, bp and pc lie in the record, so that either kind of "
                "switch may resume a task; the limit keeps bp on the stack. "
                "At a nanosecond and a half one store is a tenth.",
            ),
        ),
    ],
    [
        Run(
            {
                "fermata": ["ours_switch"],
                "limit": ["limit_switch"],
                "go": ["gopeer", "switch"],
                "ucontext": ["ucontext_switch"],
                "corosensei": ["tokio-peer", "switch"],
            }
        )
    ],
    [
        "called: a function that keeps six registers.",
        "inline: expanded in place; the compiler keeps only what lives.",
    ],
)

YIELD = Bench(
    "yield",
    "every task lets all the others run once",
    [
        Case(
            "10",
            "10 tasks",
            target=Target(
                8,
                why="beside the switch, each yield keeps the order, the "
                "budget and the word that a cancel sets; the limit walks the "
                "same cache lines and keeps none of them.",
            ),
        ),
        Case("1000", "1,000 tasks"),
        Case(
            "100000",
            "100,000 tasks",
            target=Target(1 / 3, "go", "1/3"),
            note=FEWER,
        ),
    ],
    [
        Run(everywhere("yield", count, "ours_yield", "limit_yield"), count)
        for count in ("10", "1000", "100000")
    ],
    [
        "limit: a pointer chase through two cache lines of each task.",
        FEWER_NOTE,
    ],
)

START = Bench(
    "start",
    "start an empty task and await it",
    [Case("await", "start + await", target=Target(50, why=START_WHY))],
    [Run(everywhere("start", "1", "ours_start", "limit_start"))],
    ["limit: a stack from a free list, two switches, the stack back."],
)

GATHER = Bench(
    "gather",
    "start 100,000 empty tasks, then await them all; each",
    [Case("100000", "100,000 tasks", note=FEWER)],
    [
        Run(
            everywhere("gather", "100000", "ours_start", "limit_start"),
            "100000",
        )
    ],
    [
        "limit: the same of bare stacks, all taken before one is entered.",
        FEWER_NOTE,
    ],
)

TIMER = Bench(
    "timer",
    "beside 100,000 pending timers",
    [
        Case("arm", "arm + cancel", target=Target(1 / 5, "libuv", "1/5")),
        Case("rearm", "move any"),
        Case("block", "timeout block"),
        Case("block-wait", "waiting block"),
    ],
    [
        Run(
            {
                "fermata": ["ours_timer", "100000"],
                "limit": ["limit_timer", "100000"],
                "go": ["gopeer", "timer", "100000"],
                "tokio": ["tokio-peer", "timer", "100000"],
                "asyncio": python("asyncio", "timer", "100000"),
                "uvloop": python("uvloop", "timer", "100000"),
                "libuv": ["uv_timer", "100000"],
            }
        )
    ],
    [
        "limit: a node linked into one of 384 lists and taken out.",
        "move any: one of the pending, at random, gets a new time.",
        "timeout block: FM_TIMEOUT, context.WithTimeout, timeout(), "
        "asyncio.timeout, around nothing; a waiting block yields inside.",
        "Tokio's timeout() around what is ready at once arms no timer.",
    ],
)


def sleepers_runs():
    runs = everywhere("sleepers", SLEEPERS, "ours_sleepers", "limit_sleepers")
    runs["state-threads"][-1] = runs["asyncio"][-1]
    for name, command in runs.items():
        if name != "limit":
            command.append(NAP)
    return [Run(runs)]


SLEEPING = Bench(
    "sleepers",
    "1,000,000 tasks asleep at once",
    [
        Case("memory", "bytes each", "B", Target(4400), SLEEPERS_FEWER),
        Case("with-tables", "+ page tables", "B", None, SLEEPERS_FEWER),
        Case("seconds", "s per million", "s", None, SLEEPERS_FEWER),
    ],
    sleepers_runs(),
    [
        "limit: one page touched on each of a million stacks.",
        "s per million: until all are asleep, plus from the moment they wake "
        "at until the last has ended.",
        "asyncio, uvloop and state-threads: 10,000 tasks, scaled.",
    ],
)

BENCHES = [SWITCH, YIELD, START, GATHER, TIMER, SLEEPING]
