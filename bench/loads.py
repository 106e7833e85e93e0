"""Servers under a load: what bench/load prints for one; those under TLS, and
those of one machine."""

from kinds import Bench, Case, Load, Run, Target, python

SIZES = {"64": "64 B", "4096": "4 KiB", "65536": "64 KiB"}
LOAD_NOTES = [
    "server: its processor time for each, in us; whole: that of the whole "
    "machine, the clients' too; k/s: thousands a second, as far as the "
    "clients can ask; busy: how much of its processor the server used, in "
    "per cent; p50 to p99.9: us until the answer; calls: system calls of the "
    "server for each.",
    "limit: one loop, written for this alone, on epoll and on io_uring.",
]


def load_cases(key, table, targets):
    """What bench/load prints for one load."""
    server = Case(f"{key}/server", "server", "us", targets, table=table)
    columns = [
        ("machine", "whole", "us"),
        ("rate", "k/s", "k/s"),
        ("busy", "busy", "%"),
        ("p50", "p50", "us"),
        ("p99", "p99", "us"),
        ("p99.9", "p99.9", "us"),
        ("calls", "calls", ""),
    ]
    return [server] + [
        Case(
            f"{key}/{figure}",
            title,
            unit,
            table=table,
            narrow=True,
            more=figure in ("rate", "busy"),
        )
        for figure, title, unit in columns
    ]


TLS_LOADS = [("64", "64"), ("64", "4096"), ("64", "65536")]
TLS_SERVERS = {
    "fermata:io_uring": ["ours_tls", "uring"],
    "fermata:epoll": ["ours_tls", "epoll"],
    "limit": ["limit_tls_epoll"],
    "go": ["gopeer", "tls"],
    "tokio": ["tokio-peer", "tls"],
    "asyncio": python("asyncio", "tls"),
    "uvloop": python("uvloop", "tls"),
}
TLS_NOTES = [
    *LOAD_NOTES[:1],
    "limit: one loop on epoll, written for this alone, whose sockets OpenSSL "
    "reads and writes itself.",
    "TLS 1.3, AES-128-GCM, X25519, a P-256 certificate. Ours, the limit's and "
    "Python's by OpenSSL, Go's crypto/tls, Tokio's rustls on ring.",
]


def tls_targets(most, why):
    return [
        Target(most, "limit", of="fermata:io_uring", why=why),
        Target(most, "limit", of="fermata:epoll", why=why),
    ]


TLS_WHY = (
    "a task, a stream and a copy more for each record than the limit, which "
    "has OpenSSL write into the socket from where it seals."
)
HANDSHAKE_WHY = (
    "most is OpenSSL's on both sides; beside it a task is started and ended, "
    "a deadline armed, and each flight waits for its turn."
)


def tls_cases():
    cases = []
    for connections, size in TLS_LOADS:
        cases += load_cases(
            f"{connections}x{size}",
            f"{connections} connections, {SIZES[size]}",
            tls_targets(1.1 if size == "65536" else 1.05, TLS_WHY),
        )
    return cases


TLS = Bench(
    "tls",
    "a TLS server that sends back what it is sent",
    tls_cases(),
    [
        Load(
            TLS_SERVERS,
            f"{connections}x{size}",
            [f"connections={connections}", f"size={size}", "tls"],
        )
        for connections, size in TLS_LOADS
    ],
    TLS_NOTES,
)

HANDSHAKE = Bench(
    "handshake",
    "connect, shake hands, 1 echo of 64 B, close; 16 clients at once",
    [
        *load_cases("full", "full", tls_targets(1.1, HANDSHAKE_WHY)),
        *load_cases("resumed", "resumed", tls_targets(1.1, HANDSHAKE_WHY)),
    ],
    [
        Load(
            TLS_SERVERS,
            case,
            ["connections=16", "size=64", "requests=1", "tls", *more],
        )
        for case, more in (("full", []), ("resumed", ["resume"]))
    ],
    [
        "Figures are of whole conversations; a million divided by those of "
        "the server is its handshakes a second.",
        "resumed: by the newest ticket that the client was given.",
        *TLS_NOTES,
    ],
)


def local_servers():
    """Those that listen under an abstract name."""
    return {
        "fermata:io_uring": ["ours_echo", "uring", "local"],
        "fermata:epoll": ["ours_echo", "epoll", "local"],
        "limit:io_uring": ["limit_echo_uring", "4096", "256", "local"],
        "limit:epoll": ["limit_echo_epoll", "local"],
        "go": ["gopeer", "echo_local"],
        "tokio": ["tokio-peer", "echo_local"],
        "asyncio": python("asyncio", "echo_local"),
        "uvloop": python("uvloop", "echo_local"),
        "libuv": ["uv_echo", "local"],
    }


LOCAL_SIZES = ["64", "4096"]
LOCAL_WHY = (
    "the task, its stream and the copies of a request cost what they cost over "
    "TCP, while the system's own work is half of that; and epoll reads by "
    "recvmsg(2), which alone tells of descriptors that ended a read."
)
LOCAL_TARGETS = [
    Target(1.05, f"limit:{means}", of=f"fermata:{means}", why=LOCAL_WHY)
    for means in ("io_uring", "epoll")
]

LOCAL = Bench(
    "local",
    "an echo server on a local socket, 64 connections",
    [
        case
        for size in LOCAL_SIZES
        for case in load_cases(f"64x{size}", SIZES[size], LOCAL_TARGETS)
    ],
    [
        Load(
            local_servers(),
            f"64x{size}",
            ["connections=64", f"size={size}"],
        )
        for size in LOCAL_SIZES
    ],
    LOAD_NOTES,
)

# What each carries, under which name programs print it.
BULK_CARRIERS = {"tcp": "TCP", "local": "a local socket", "tls": "TLS"}
BULK_PLAIN_WHY = (
    "a task and a stream, and beside each write a look whether there is room, "
    "where the limit has one call that blocks."
)
BULK_TLS_WHY = (
    "each record is copied once more, into the chain that leaves; and 96 KiB "
    "leave at once, where the limit sends 256 KiB."
)


def bulk_targets(carrier):
    why = BULK_TLS_WHY if carrier == "tls" else BULK_PLAIN_WHY
    return [
        Target(most, than, of=f"fermata:{means}", why=why)
        for most, than in ((0.95, "limit"), (1, "peers"))
        for means in ("io_uring", "epoll")
    ]


def bulk_cases():
    for carrier, table in BULK_CARRIERS.items():
        yield Case(
            f"{carrier}/rate",
            "GB/s",
            "GB/s",
            bulk_targets(carrier),
            table=table,
            more=True,
        )
        yield Case(f"{carrier}/sender", "sender", "ms/GB", table=table)


def bulk_programs():
    """Each beside who takes what it sends, whose places are its arguments."""
    programs = {
        "fermata:io_uring": ["ours_bulk", "uring"],
        "fermata:epoll": ["ours_bulk", "epoll"],
        "limit": ["limit_bulk"],
        "go": ["gopeer", "bulk"],
        "tokio": ["tokio-peer", "bulk"],
        "asyncio": python("asyncio", "bulk"),
        "uvloop": python("uvloop", "bulk"),
        "libuv": ["uv_bulk"],
    }
    return {name: ["swallowing", *words] for name, words in programs.items()}


BULK = Bench(
    "bulk",
    "1 GiB one way to another process, in writes of 256 KiB",
    list(bulk_cases()),
    [Run(bulk_programs(), threads=True)],
    [
        "sender: its processor time, in ms for each GB.",
        "limit: a blocking loop of write(2); under TLS the records of one "
        "write leave by one.",
        "The taker is the same for all. Under TLS the sender is the server; "
        "libuv has none.",
        *TLS_NOTES[-1:],
    ],
)
