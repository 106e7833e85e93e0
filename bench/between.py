"""What tasks and loops have between them: queues, locks and the like."""

from kinds import Bench, Case, Run, Target, python


def ahead(of="fermata", why=""):
    """Of every peer."""
    return Target(1.0, "peers", of=of, why=why)


def between(bench, ours, limit, *arguments):
    """The programs of what tasks of one loop have between them."""
    return {
        "fermata": [ours, *arguments],
        "limit": [limit, *arguments],
        "go": ["gopeer", bench, *arguments],
        "tokio": ["tokio-peer", bench, *arguments],
        "asyncio": python("asyncio", bench, *arguments),
        "uvloop": python("uvloop", bench, *arguments),
    }


QUEUE = Bench(
    "queue",
    "a message of 8 bytes from one task to another, through a queue",
    [
        Case("1", "room for 1", targets=[ahead()]),
        Case("128", "room for 128", targets=[ahead(), Target(8)]),
    ],
    [
        Run(between("queue", "ours_queue", "limit_queue", room))
        for room in ("1", "128")
    ],
    [
        "limit: a ring between two bare stacks, which switch when it is full "
        "or empty.",
        "fm_queue, a channel, an mpsc channel, asyncio.Queue.",
    ],
)

HANDOVER_WHY = (
    "each message is a switch to a task that waits in another call, whose "
    "return the processor therefore mispredicts, and a wake-up through the "
    "queue of what is ready, which keeps the order of all tasks; the limit's "
    "two stacks have neither."
)
HANDOVER = Bench(
    "handover",
    "a message of 8 bytes from one task to another, without room for it",
    [
        Case(
            "message",
            "message",
            targets=[ahead(), Target(20, why=HANDOVER_WHY)],
        )
    ],
    [
        Run(
            {
                "fermata": ["ours_queue", "0"],
                "limit": ["limit_queue", "0"],
                "go": ["gopeer", "handover"],
            }
        )
    ],
    ["limit: two messages for two switches, one in the hands of each stack."],
)


def guard(bench):
    """State Threads has locks only."""
    programs = between(bench, "ours_lock", "limit_lock")
    programs["fermata"].append(bench)
    programs["limit"].append(bench)
    if bench == "lock":
        programs["state-threads"] = ["st_lock"]
    return [Run(programs)]


LOCK = Bench(
    "lock",
    "acquire a lock and release it",
    [
        Case("free", "nobody else", targets=[ahead()]),
        Case("contended", "10 tasks", targets=[ahead()]),
    ],
    guard("lock"),
    [
        "10 tasks: each holds it across a yield.",
        "limit: one word, written twice; with 10 tasks one switch, along the "
        "line.",
        "Go's Mutex goes to whoever comes first, the others to who has "
        "waited longest.",
    ],
)

SEMAPHORE = Bench(
    "semaphore",
    "acquire one of four permits and release it",
    [
        Case("free", "nobody else", targets=[ahead()]),
        Case("contended", "10 tasks", targets=[ahead()]),
    ],
    guard("semaphore"),
    [
        "10 tasks: each holds it across a yield.",
        "limit: one word, written twice; with 10 tasks two switches.",
        "Go: a buffered channel.",
    ],
)

BROADCAST = Bench(
    "broadcast",
    "a message to 100 subscribers; each delivery",
    [
        Case("1", "1 message", targets=[ahead()]),
        Case("16", "16 in a row", targets=[ahead()]),
    ],
    [
        Run(between("broadcast", "ours_broadcast", "limit_broadcast", count))
        for count in ("1", "16")
    ],
    [
        "The sender then waits until all have them.",
        "limit: a ring, and 100 bare stacks that read it by turns.",
        "Go, asyncio and uvloop have none: a queue for each subscriber.",
    ],
)

SELECT = Bench(
    "select",
    "wait for 8 queues, of which one gets a message, and take it",
    [Case("8", "message", targets=[ahead()])],
    [Run(between("select", "ours_select", "limit_select"))],
    [
        "limit: two switches, and a look at up to eight words.",
        "fm_select and a get, select, tokio::select!, asyncio.wait.",
    ],
)

GEN_WHY = (
    "a value is two switches and a copy; async_stream has no stack, and the "
    "compiler expands what yields into what asks."
)
GEN = Bench(
    "gen",
    "the next value of a generator",
    [Case("value", "value", targets=[ahead(why=GEN_WHY)])],
    [Run(between("gen", "ours_gen", "limit_gen"))],
    [
        "limit: a switch there and one back.",
        "fm_gen, iter.Pull, async_stream, an async generator. Those of "
        "Rust and Python have no stack: what yields is one function.",
    ],
)

RATE_WHY = (
    "a channel is bounded, and goes from hand to hand under a lock that both "
    "threads want for each message; what libuv's users write is a list that "
    "is taken as a whole, and nothing bounds it."
)
TRIP_WHY = (
    "most of it is the time in which two processors wake up. Go's threads and "
    "Tokio's sleep in a futex here; Fermata's loops, which hear of descriptors "
    "too, are woken by one."
)
CROSSLOOP = Bench(
    "crossloop",
    "a message of 8 bytes between loops on two threads",
    [
        Case(
            "rate",
            "as fast as it can",
            targets=[
                ahead("fermata:io_uring", RATE_WHY),
                ahead("fermata:epoll", RATE_WHY),
            ],
        ),
        Case(
            "trip",
            "there and back",
            targets=[
                ahead("fermata:io_uring", TRIP_WHY),
                ahead("fermata:epoll", TRIP_WHY),
            ],
        ),
    ],
    [
        Run(
            {
                "fermata:io_uring": ["ours_crossloop", "uring"],
                "fermata:epoll": ["ours_crossloop", "epoll"],
                "limit": ["limit_crossloop"],
                "go": ["gopeer", "crossloop"],
                "tokio": ["tokio-peer", "crossloop"],
                "asyncio": python("asyncio", "crossloop"),
                "uvloop": python("uvloop", "crossloop"),
                "libuv": ["uv_crossloop"],
            },
            threads=True,
        )
    ],
    [
        "limit: a ring whose two ends spin; there and back, an eventfd that "
        "wakes a thread, twice.",
        "fm_channel, a channel, an mpsc channel, each with room for 128; "
        "call_soon_threadsafe, uv_async_send: nothing bounds them. Go: "
        "GOMAXPROCS=2.",
    ],
)

ECHOES_WHY = (
    "the same system calls as the peers', and for each echo two tasks that "
    "wait, where callbacks spare the switches."
)
SCALE_WHY = (
    "two processors share caches, a kernel and what else runs on the machine."
)
WORKERS = Bench(
    "workers",
    "16 pairs a loop echo 64 bytes over socket pairs; each echo",
    [
        Case(
            "one",
            "one loop",
            targets=[
                ahead("fermata:io_uring"),
                ahead("fermata:epoll", ECHOES_WHY),
            ],
        ),
        Case(
            "two",
            "two loops",
            targets=[
                ahead("fermata:io_uring"),
                ahead("fermata:epoll", ECHOES_WHY),
            ],
        ),
        Case(
            "scale",
            "two : one",
            "",
            targets=[
                Target(0.55, of="fermata:io_uring", why=SCALE_WHY),
                Target(0.55, of="fermata:epoll", why=SCALE_WHY),
            ],
        ),
    ],
    [
        Run(
            {
                "fermata:io_uring": ["ours_workers", "uring"],
                "fermata:epoll": ["ours_workers", "epoll"],
                "limit:io_uring": ["limit_workers_uring"],
                "limit:calls": ["limit_workers"],
                "go": ["gopeer", "workers"],
                "tokio": ["tokio-peer", "workers"],
                "asyncio": python("asyncio", "workers"),
                "uvloop": python("uvloop", "workers"),
                "libuv": ["uv_workers"],
            },
            threads=True,
        )
    ],
    [
        "one loop, two loops: ns for each echo of all loops; two : one: 0.5 "
        "is twice the rate.",
        "limit: the same bytes and the same work without a loop, once on "
        "io_uring and once by read and write.",
        "asyncio's two loops share the interpreter's lock.",
    ],
)
