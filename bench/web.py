"""Servers and clients of HTTP/1.1 and HTTP/2, of WebSockets and of events."""

from between import ahead
from kinds import Bench, Case, Load, Run, Target, python
from loads import LOAD_NOTES, SIZES, load_cases
from reads import FILES

PAGES = {
    "plaintext": ["path=/plaintext", "size=13"],
    "json": ["path=/json", "size=27"],
    "file": ["path=/files/0000", "size=4096"],
}


def servers(page, mode="plain"):
    """Those that have the page, without TLS or under it."""
    found = {
        "fermata:io_uring": ["ours_http", "uring", mode, FILES],
        "fermata:epoll": ["ours_http", "epoll", mode, FILES],
    }
    if mode == "plain":
        found["limit:io_uring"] = ["limit_http_uring", page]
        found["limit:epoll"] = ["limit_http_epoll", page]
    else:
        found["limit:epoll"] = ["limit_http_tls", page]
    found["nginx"] = ["nginx_http", mode, FILES]
    found["h2o"] = ["h2o_http", mode, FILES]
    found["go"] = ["gopeer", "http", mode, FILES]
    found["fasthttp"] = ["fasthttp_peer", mode, FILES]
    found["node"] = ["node_peer", "http", mode, FILES]
    if page != "file":
        found["hyper"] = ["tokio-peer", "http", mode]
        found["uvicorn"] = python("uvloop", "http", mode)
    return found


WHY = (
    "each connection is a task with a stream, and each request an exchange "
    "whose fields are checked and whose waits have deadlines; the limit looks "
    "for an empty line."
)
PEERS_WHY = "a task, a stream and an exchange are the price."
WHYS = {
    "tls": "rustls on ring takes less for a short record than OpenSSL does, by "
    "which the limit is no faster.",
    "json": "jansson makes a value first, and then the text of it.",
    "file": "the file is opened, looked at and closed for each answer; those "
    "that are ahead keep it open.",
}


def ahead_of_all(why):
    """Of who serves the same, on either backend."""
    return [ahead(f"fermata:{means}", why) for means in ("io_uring", "epoll")]


AHEAD = ahead_of_all(PEERS_WHY)


def near_the_limit():
    return [
        Target(1 / 0.9, "limit", "1/0.9", of="fermata:io_uring", why=WHY),
        Target(1 / 0.9, "limit:epoll", "1/0.9", of="fermata:epoll", why=WHY),
        Target(1 / 1.3, "nginx", "1/1.3", of="fermata:io_uring", why=WHY),
        Target(1 / 1.3, "nginx", "1/1.3", of="fermata:epoll", why=WHY),
    ]


# Key, heading, page, settings and targets of each table.
KEPT = [
    ("64", "64 connections", "plaintext", ["connections=64"]),
    ("512", "512 connections", "plaintext", ["connections=512"]),
]
OTHERS = [
    (
        "pipelined",
        "64 connections, 16 requests at once on each",
        "plaintext",
        ["connections=64", "pipeline=16"],
    ),
    (
        "renewed",
        "64 clients, a new connection for 10 requests",
        "plaintext",
        ["connections=64", "requests=10"],
    ),
    ("json", "64 connections, JSON", "json", ["connections=64"]),
    ("file", "64 connections, a file of 4 KiB", "file", ["connections=64"]),
    (
        "tls",
        "64 connections, under TLS",
        "plaintext",
        ["connections=64", "tls"],
    ),
]


def http_cases():
    for key, heading, _, _ in KEPT:
        yield from load_cases(key, heading, near_the_limit() + AHEAD)
    for key, heading, _, _ in OTHERS:
        why = WHYS.get(key, PEERS_WHY)
        yield from load_cases(key, heading, ahead_of_all(why))


def http_runs():
    for key, _, page, settings in KEPT + OTHERS:
        mode = "tls" if "tls" in settings else "plain"
        yield Load(servers(page, mode), key, [*settings, *PAGES[page]])


HTTP = Bench(
    "http",
    "a server of HTTP/1.1 that answers a GET with 13 bytes of text",
    list(http_cases()),
    list(http_runs()),
    [
        *LOAD_NOTES[:1],
        "limit: a loop on epoll, and one on io_uring, that looks for an empty "
        "line and sends a fixed answer; under TLS on epoll alone.",
        "JSON: 27 bytes, which nginx, h2o and the limit have ready and the "
        "others make for each answer.",
        "Fermata has its deadlines and limits as they are by default. Go: "
        "net/http. hyper and uvicorn have no files of their own.",
    ],
)

H2_SERVERS = {
    "fermata:io_uring": ["ours_http", "uring", "plain", FILES],
    "fermata:epoll": ["ours_http", "epoll", "plain", FILES],
    "nghttpd": ["nghttpd_http", "h2", FILES],
    "nginx": ["nginx_http", "h2", FILES],
    "h2o": ["h2o_http", "h2", FILES],
    "go": ["gopeer", "http", "h2", FILES],
    "node": ["node_peer", "http", "h2", FILES],
    "hyper": ["tokio-peer", "http", "h2"],
}
H2_WHY = "a task, a stack and an exchange for each stream are the price."
H2_MEMORY_WHY = (
    "beside nghttp2's sessions each connection has a task; and on io_uring the "
    "buffers that the kernel fills, a megabyte, lie ready for all."
)


def h2_cases():
    ours = [f"fermata:{means}" for means in ("io_uring", "epoll")]
    speed = [
        Target(1, "peers", of=name, why=H2_WHY, but="nghttpd") for name in ours
    ]
    memory = [
        Target(1, "nghttpd", of=name, why=H2_MEMORY_WHY) for name in ours
    ]
    return [
        *load_cases("10", "", speed),
        Case("10/memory", "MiB", "MiB", memory, narrow=True),
    ]


H2 = Bench(
    "h2",
    "a server of HTTP/2 that answers a GET with 13 bytes of text, 64 "
    "connections with 10 streams each",
    h2_cases(),
    [
        Load(
            H2_SERVERS,
            "10",
            ["connections=64", "pipeline=10", "h2", *PAGES["plaintext"]],
        )
    ],
    [
        *LOAD_NOTES[:1],
        "MiB: of the server in memory at the end.",
        "Without TLS, by clients that begin with HTTP/2; the port of Fermata "
        "speaks HTTP/1.1 too, and so does that of h2o.",
    ],
)

COUNT = "64"


def clients():
    """Each beside a server, whose port is one argument more."""
    programs = {
        "fermata:io_uring": ["ours_httpclient", "uring", COUNT],
        "fermata:epoll": ["ours_httpclient", "epoll", COUNT],
        "limit": ["limit_httpclient", COUNT],
        "go": ["gopeer", "httpclient", COUNT],
        "hyper": ["tokio-peer", "httpclient", COUNT],
        "libcurl": ["curl_httpclient", COUNT],
        "node": ["node_peer", "httpclient", COUNT],
        "aiohttp": python("uvloop", "httpclient", COUNT),
    }
    return {name: ["asking", *words] for name, words in programs.items()}


HTTP_CLIENT = Bench(
    "httpclient",
    "a client of HTTP/1.1, 64 GETs at once from a pool of connections",
    [
        Case("client", "client", "us", AHEAD),
        Case("rate", "k/s", "k/s", more=True, narrow=True),
    ],
    [Run(clients(), threads=True)],
    [
        "client: its processor time for each answer, of 13 bytes, in us; k/s: "
        "thousands a second, by one processor each for it and the server.",
        "The server is the limit of http, on epoll: the same for all.",
        "limit: 64 sockets on epoll, a fixed request, and a look for an empty "
        "line.",
        "net/http; hyper-util's client, which reqwest is made of; curl_multi "
        "with curl_multi_socket_action; http.get with an Agent that keeps "
        "connections; aiohttp on uvloop.",
    ],
)

WS_SIZES = ["64", "4096"]
WS_WHY = (
    "a task that waits for each connection, a turn for each message, and a "
    "deadline until the next; the limit has one frame in one buffer."
)


def ws_targets():
    return [
        Target(1.1, "limit", of="fermata:io_uring", why=WS_WHY),
        Target(1.1, "limit", of="fermata:epoll", why=WS_WHY),
        *AHEAD,
    ]


def ws_cases():
    for size in WS_SIZES:
        table = f"64 connections, {SIZES[size]}"
        yield from load_cases(f"64x{size}", table, ws_targets())


WS = Bench(
    "ws",
    "a server of WebSockets that sends back each message",
    list(ws_cases()),
    [
        Load(
            {
                "fermata:io_uring": ["ours_ws", "uring"],
                "fermata:epoll": ["ours_ws", "epoll"],
                "limit": ["limit_ws_epoll"],
                "gorilla": ["gorilla_peer"],
                "tungstenite": ["tokio-peer", "ws"],
                "ws": ["node_peer", "ws"],
                "websockets": python("uvloop", "ws"),
            },
            f"64x{size}",
            ["connections=64", f"size={size}", "ws"],
        )
        for size in WS_SIZES
    ],
    [
        *LOAD_NOTES[:1],
        "limit: one loop on epoll, written for this alone, which takes one "
        "frame for a message.",
        "Messages are binary, masked by the clients, and not compressed.",
    ],
)

SSE_CLIENTS = "1000"
SSE_WHY = (
    "a task for each client, which is woken, looks whether it was cut, takes "
    "a lock and sets a deadline; the limit goes through a list of descriptors."
)
SSE_MEMORY_WHY = (
    "a page of stack and an exchange for each, and one more page for what "
    "leaves at the end of the turn in which all are sent to."
)


def sse_cases():
    ours = [f"fermata:{means}" for means in ("io_uring", "epoll")]
    speed = [Target(1.1, "limit", of=name, why=SSE_WHY) for name in ours]
    memory = [ahead(name, SSE_MEMORY_WHY) for name in ours]
    return [
        *load_cases(SSE_CLIENTS, "", speed + ahead_of_all(SSE_WHY)),
        Case(f"{SSE_CLIENTS}/memory", "MiB", "MiB", memory, narrow=True),
    ]


SSE = Bench(
    "sse",
    "a server that sends an event, of 64 B, to 1,000 clients",
    sse_cases(),
    [
        Load(
            {
                "fermata:io_uring": ["ours_sse", "uring"],
                "fermata:epoll": ["ours_sse", "epoll"],
                "limit": ["limit_sse"],
                "go": ["gopeer", "sse"],
                "node": ["node_peer", "sse"],
                "hyper": ["tokio-peer", "sse"],
            },
            SSE_CLIENTS,
            [f"connections={SSE_CLIENTS}", "size=64", "events"],
        )
    ],
    [
        "server: its processor time for each event that a client gets, in us; "
        "p50 to p99.9: until it has come, from the request that makes the "
        "server send one to all; the next is asked for when all have it.",
        *LOAD_NOTES[:1],
        "MiB: of the server in memory at the end.",
        "limit: one loop on epoll, and one send(2) of the same bytes to each.",
        "net/http with a channel for each client, node's own http, and hyper "
        "with a broadcast channel of Tokio's.",
    ],
)
