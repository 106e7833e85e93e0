"""What is measured: the benchmarks, their cases and targets, in order.

Those of what tasks and loops have between them are in between.py, those of
what is read alone in reads.py.
"""

from awaited import AWAITED
from between import (
    BROADCAST,
    CROSSLOOP,
    GEN,
    HANDOVER,
    LOCK,
    QUEUE,
    SELECT,
    SEMAPHORE,
    WORKERS,
)
from coded import CODED
from copies import COPY
from kinds import NAP, Bench, Case, Load, Run, Target, everywhere, python
from loads import (
    BULK,
    HANDSHAKE,
    LOAD_NOTES,
    LOCAL,
    SIZES,
    TLS,
    load_cases,
)
from observed import OBSERVED
from outside import SPAWN
from parsing import PARSE
from reads import LINES, SMALL
from web import H2, HTTP, HTTP_CLIENT, SSE, WS

# Of the start row.
START_WHY = (
    "a slot with a generation, a record of four cache lines that is filled in "
    "anew, two places in queues and two turns for each; what is left to gain "
    "is a record that a warm stack keeps filled in."
)

FEWER = " (asyncio, uvloop: 10,000)"
FEWER_NOTE = "asyncio and uvloop: 10,000 tasks where the others have 100,000."
SLEEPERS = "1000000"
SLEEPERS_FEWER = " (asyncio, uvloop, state-threads: 10,000)"

SWITCH = Bench(
    "switch",
    "from one stack to another",
    [
        Case(
            "called",
            "called",
            targets=[
                Target(
                    1.15,
                    "limit",
                    why="the same six registers; the rounds spread to both "
                    "sides of the target.",
                )
            ],
        ),
        Case(
            "inline",
            "inline",
            targets=[
                Target(
                    1.15,
                    "limit",
                    why="sp, bp and pc lie in the record, so that either kind "
                    "of switch may resume a task; the limit keeps bp on the "
                    "stack. At a nanosecond and a half one store is a tenth.",
                )
            ],
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
            targets=[
                Target(
                    8,
                    why="beside the switch, each yield keeps the order, the "
                    "budget and the word that a cancel sets; the limit walks "
                    "the same cache lines and keeps none of them.",
                )
            ],
        ),
        Case("1000", "1,000 tasks"),
        Case(
            "100000",
            "100,000 tasks",
            targets=[Target(1 / 3, "go", "1/3")],
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
    [Case("await", "start + await", targets=[Target(50, why=START_WHY)])],
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
        Case("arm", "arm + cancel", targets=[Target(1 / 5, "libuv", "1/5")]),
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
    runs["fermata:dense"] = ["ours_sleepers", "dense", SLEEPERS]
    for name, command in runs.items():
        if name != "limit":
            command.append(NAP)
    return [Run(runs)]


SLEEPING = Bench(
    "sleepers",
    "1,000,000 tasks asleep at once",
    [
        Case(
            "memory",
            "bytes each",
            "B",
            [Target(4400), Target(1300, of="fermata:dense")],
            SLEEPERS_FEWER,
        ),
        Case("with-tables", "+ page tables", "B", [], SLEEPERS_FEWER),
        Case("seconds", "s per million", "s", [], SLEEPERS_FEWER),
    ],
    sleepers_runs(),
    [
        "limit: one page touched on each of a million stacks.",
        "fermata:dense: stacks of about a kilobyte, side by side in huge "
        "pages, without guards.",
        "s per million: until all are asleep, plus from the moment they wake "
        "at until the last has ended.",
        "asyncio, uvloop and state-threads: 10,000 tasks, scaled.",
    ],
)

LOADS = [
    ("1", "64"),
    ("64", "64"),
    ("512", "64"),
    ("64", "4096"),
    ("64", "65536"),
]


def servers(size):
    """The limit on io_uring may know how large a message is."""
    buffers = [size, "64"] if size == "65536" else ["4096", "256"]
    return {
        "fermata:io_uring": ["ours_echo", "uring"],
        "fermata:epoll": ["ours_echo", "epoll"],
        "limit:io_uring": ["limit_echo_uring", *buffers],
        "limit:epoll": ["limit_echo_epoll"],
        "go": ["gopeer", "echo"],
        "tokio": ["tokio-peer", "echo"],
        "asyncio": python("asyncio", "echo"),
        "uvloop": python("uvloop", "echo"),
        "libuv": ["uv_echo"],
        "state-threads": ["st_echo"],
    }


# Of both backends.
ECHO_WHY = (
    "each connection is a task: a request touches its stack, its record, its "
    "stream and a lent buffer where the limit touches one small record, and "
    "its bytes are copied in and out."
)


def echo_targets(connections, size):
    if size != "64" or connections == "1":
        return []
    targets = [
        Target(1.03, "limit", of="fermata:io_uring", why=ECHO_WHY),
        Target(1.03, "limit:epoll", of="fermata:epoll", why=ECHO_WHY),
    ]
    if connections == "512":
        targets.append(
            Target(0.9, "tokio", of="fermata:io_uring", why=ECHO_WHY)
        )
    return targets


def echo_cases():
    cases = []
    for connections, size in LOADS:
        plural = "s" if connections != "1" else ""
        cases += load_cases(
            f"{connections}x{size}",
            f"{connections} connection{plural}, {SIZES[size]}",
            echo_targets(connections, size),
        )
    return cases


def echo_runs():
    runs = []
    for connections, size in LOADS:
        settings = [f"connections={connections}", f"size={size}"]
        if connections == "1":
            settings.append("spin")
        runs.append(Load(servers(size), f"{connections}x{size}", settings))
    return runs


ECHO = Bench(
    "echo",
    "a TCP server that sends back what it is sent",
    echo_cases(),
    echo_runs(),
    [
        *LOAD_NOTES,
        "With one connection the client never sleeps.",
        "Debian has no other load generator for TCP echo; bench/README.md "
        "says how wrk serves for a check.",
    ],
)

ACCEPT = Bench(
    "accept",
    "connect, 10 echoes of 64 B, close; 64 clients at once",
    load_cases("10", "", []),
    [Load(servers("64"), "10", ["connections=64", "size=64", "requests=10"])],
    ["Figures are of whole conversations.", *LOAD_NOTES],
)

UDP = Bench(
    "udp",
    "a UDP server that sends back what it is sent, 64 B",
    load_cases("64", "", [Target(1.15, "limit:epoll", of="fermata:epoll")]),
    [
        Load(
            {
                "fermata:io_uring": ["ours_udp", "uring"],
                "fermata:epoll": ["ours_udp", "epoll"],
                "fermata:one-by-one": ["ours_udp", "epoll", "one"],
                "limit:io_uring": ["limit_udp_uring"],
                "limit:epoll": ["limit_udp"],
                "limit:one-by-one": ["limit_udp", "one"],
                "go": ["gopeer", "udp"],
                "tokio": ["tokio-peer", "udp"],
                "asyncio": python("asyncio", "udp"),
                "uvloop": python("uvloop", "udp"),
                "libuv": ["uv_udp"],
            },
            "64",
            ["connections=64", "size=64", "datagrams"],
        )
    ],
    [
        "64 clients, each with a socket and one datagram under way.",
        "fermata and limit: by batches of 32, recvmmsg and sendmmsg; "
        "one-by-one: on epoll, without. limit on io_uring: 64 receives in the "
        "ring. libuv: UV_UDP_RECVMMSG and uv_udp_try_send.",
        *LOAD_NOTES[:1],
    ],
)

POST = Bench(
    "post",
    "from another thread, have the loop call a function",
    [
        Case("rate", "as fast as it can"),
        Case("wake", "loop asleep"),
        Case("wake99", "99 of 100"),
    ],
    [
        Run(
            {
                "fermata:io_uring": ["ours_post", "uring"],
                "fermata:epoll": ["ours_post", "epoll"],
                "limit": ["limit_post"],
                "go": ["gopeer", "post"],
                "tokio": ["tokio-peer", "post"],
                "asyncio": python("asyncio", "post"),
                "uvloop": python("uvloop", "post"),
                "libuv": ["uv_post"],
            },
            threads=True,
        )
    ],
    [
        "limit: a lock-free stack, and an eventfd for a reader that sleeps.",
        "loop asleep: from the post until the function runs, the median; then "
        "that within which 99 of 100 run.",
        "fm_post, a channel, an unbounded mpsc channel, call_soon_threadsafe, "
        "a list under a lock with uv_async_send. Go: GOMAXPROCS=2.",
    ],
)


def thread_programs(count):
    return {
        "fermata:io_uring": ["ours_thread", "uring", count],
        "fermata:epoll": ["ours_thread", "epoll", count],
        "limit": ["limit_thread", count],
        "go": ["gopeer", "thread", count],
        "tokio": ["tokio-peer", "thread", count],
        "asyncio": python("asyncio", "thread", count),
        "uvloop": python("uvloop", "thread", count),
        "libuv": ["uv_thread", count],
    }


THREAD = Bench(
    "thread",
    "call a function on another thread, and await its result",
    [Case("1", "one at a time"), Case("64", "64 at a time")],
    [Run(thread_programs(count), threads=True) for count in ("1", "64")],
    [
        "limit: two lock-free stacks, and an eventfd for who sleeps.",
        "fm_thread_run, spawn_blocking, to_thread, uv_queue_work. Go has no "
        "pool: four goroutines that are locked to threads, and channels.",
    ],
)


def dns_programs(count):
    """Each beside a name server, whose port is one argument more."""
    programs = {
        "fermata:io_uring": ["ours_dns", "uring", count],
        "fermata:epoll": ["ours_dns", "epoll", count],
        "limit": ["limit_dns", count],
        "go": ["gopeer", "dns", count],
        "tokio": ["tokio-peer", "dns", count],
        "asyncio": ["venv/bin/python3", "peer.py", "asyncio", "dns", count],
        "uvloop": python("uvloop", "dns", count),
    }
    return {name: ["answering", *words] for name, words in programs.items()}


DNS = Bench(
    "dns",
    "look up a name that a server on this machine knows",
    [
        Case("1", "one at a time"),
        Case(
            "64",
            "64 at a time",
            targets=[
                Target(1, "peers", of="fermata:io_uring"),
                Target(1, "peers", of="fermata:epoll"),
            ],
        ),
    ],
    [Run(dns_programs(count), threads=True) for count in ("1", "64")],
    [
        "limit: send and recv on one socket, identifiers in sequence; all "
        "others take a new socket and a random identifier for each question.",
        "net.Resolver with PreferGo, hickory-resolver, aiodns. libuv has "
        "getaddrinfo on threads, which cannot be told which server to ask.",
    ],
)

BENCHES = [
    SWITCH,
    YIELD,
    START,
    GATHER,
    TIMER,
    SLEEPING,
    AWAITED,
    OBSERVED,
    ECHO,
    LOCAL,
    BULK,
    ACCEPT,
    UDP,
    TLS,
    HANDSHAKE,
    POST,
    THREAD,
    SPAWN,
    DNS,
    COPY,
    QUEUE,
    HANDOVER,
    LOCK,
    SEMAPHORE,
    BROADCAST,
    SELECT,
    GEN,
    CROSSLOOP,
    WORKERS,
    LINES,
    SMALL,
    PARSE,
    HTTP,
    H2,
    HTTP_CLIENT,
    CODED,
    WS,
    SSE,
]
