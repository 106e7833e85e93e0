"""Servers of HTTP/1.1 whose answers are compressed as they are sent."""

from between import ahead
from kinds import Bench, Load
from loads import LOAD_NOTES, load_cases
from reads import FILES

# Who codes so, beside Fermata.
OTHERS = {
    "gzip": {
        "nginx": ["nginx_http", "coded", FILES],
        "h2o": ["h2o_http", "coded", FILES],
        "go": ["gopeer", "http", "coded", FILES],
        "node": ["node_peer", "http", "coded", FILES],
    },
    "br": {
        "h2o": ["h2o_http", "coded", FILES],
        "node": ["node_peer", "http", "coded", FILES],
    },
    "zstd": {},
}
WHY = "most of it is the library's, and its level is what each has by default."


def coded_servers(coding):
    return {
        "fermata:io_uring": ["ours_http", "uring", "coded", FILES],
        "fermata:epoll": ["ours_http", "epoll", "coded", FILES],
        **OTHERS[coding],
    }


def coded_targets(coding):
    if not OTHERS[coding]:
        return []
    return [ahead(f"fermata:{means}", WHY) for means in ("io_uring", "epoll")]


CODED = Bench(
    "coded",
    "a server of HTTP/1.1 that compresses each answer, of 32 KiB of text",
    [
        case
        for coding in OTHERS
        for case in load_cases(coding, coding, coded_targets(coding))
    ],
    [
        Load(
            coded_servers(coding),
            coding,
            [
                "connections=16",
                "path=/files/page.html",
                "size=32768",
                f"coding={coding}",
            ],
        )
        for coding in OTHERS
    ],
    [
        *LOAD_NOTES[:1],
        "Each at the level that it has by default: gzip 1 of 9 for Fermata, "
        "nginx and h2o, 6 for Go and node; br 1 of 11 for Fermata and h2o, 11 "
        "for node. nginx and h2o read the page from a file that they keep "
        "open; the others have it in memory.",
        "zstd: nobody beside Fermata codes so by itself.",
    ],
)
