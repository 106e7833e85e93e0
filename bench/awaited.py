"""Sleeps without a task each."""

from kinds import NAP, Bench, Case, Run, Target, python

COUNT = "1000000"
FEWER = " (asyncio, uvloop: 10,000)"

AWAITED = Bench(
    "awaited",
    "1,000,000 sleeps that one task awaits",
    [
        Case(
            "memory",
            "bytes each",
            "B",
            [Target(100), Target(1, "peers", "least of all")],
            FEWER,
        ),
        Case("with-tables", "+ page tables", "B", [], FEWER),
        Case("seconds", "s per million", "s", [], FEWER),
    ],
    [
        Run(
            {
                "fermata": ["ours_awaited", COUNT, NAP],
                "limit": ["limit_awaited", COUNT],
                "go": ["gopeer", "awaited", COUNT, NAP],
                "tokio": ["tokio-peer", "awaited", COUNT, NAP],
                "asyncio": python("asyncio", "awaited", "10000", NAP),
                "uvloop": python("uvloop", "awaited", "10000", NAP),
            }
        )
    ],
    [
        "limit: a million deadlines in a list, and a look at each.",
        "fm_awaitable_gather; time.AfterFunc, each of which starts a goroutine "
        "when it is due; join_all of sleeps, unconstrained; asyncio.gather, "
        "which makes a task of each.",
        "s per million: until all are begun, plus from the moment that they "
        "sleep until to the return.",
        "asyncio and uvloop: 10,000 sleeps, scaled.",
    ],
)
