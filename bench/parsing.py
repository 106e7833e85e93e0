"""Heads of HTTP/1.1, taken apart."""

from kinds import Bench, Case, Run, Target

PARSE = Bench(
    "parse",
    "a request's head, taken apart",
    [
        Case("small", "two fields, 62 bytes", targets=[Target(1, "peers")]),
        Case("browser", "nine fields, 496 bytes", targets=[Target(1, "peers")]),
    ],
    [
        Run(
            {
                "fermata": ["ours_parse"],
                "limit": ["limit_parse"],
                "llhttp": ["llhttp_parse"],
            }
        )
    ],
    [
        "limit: memchr, from line's end to line's end, and no look at what is "
        "in them.",
        "Fermata also checks the host, the target and the size of the body, "
        "and tells known names by number.",
    ],
)
