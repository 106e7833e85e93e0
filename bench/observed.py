"""What it costs to be observed: the same program, asked by its environment."""

from kinds import Bench, Case, Load, Run
from loads import LOAD_NOTES, load_cases

ASKED = {
    "fermata": [],
    "fermata:stats": ["FERMATA_STATS=1"],
    "fermata:trace": ["FERMATA_TRACE=/dev/null"],
}


def asked(*command):
    return {name: [*words, *command] for name, words in ASKED.items()}


OBSERVED = Bench(
    "observed",
    "with nothing, with FERMATA_STATS=1 and with FERMATA_TRACE",
    [
        Case("yield", "yield", table="ns"),
        Case("start", "start + await", table="ns"),
        Case("queue", "queue", table="ns"),
        Case("handover", "handover", table="ns"),
        *load_cases("64", "echo, 64 connections, 64 B", []),
    ],
    [
        Run(asked("ours_yield", "10"), "yield", prints="yield"),
        Run(asked("ours_start", "1"), "start", prints="start"),
        Run(asked("ours_queue", "1"), "queue", prints="queue"),
        Run(asked("ours_queue", "0"), "handover", prints="handover"),
        Load(asked("ours_echo", "auto"), "64", ["connections=64", "size=64"]),
    ],
    [
        "10 tasks that yield; queue: room for 1. The trace goes to /dev/null.",
        *LOAD_NOTES[:1],
    ],
)
