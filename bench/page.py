"""docs/benchmarks.md: the table as a page, with what is needed to repeat it."""

import machine
from rows import PEERS
from verdicts import figure, first_line, peers_of, times, verdicts

HEAD = """\
# Benchmarks

Fermata beside its peers and beside the bare limit: the least that a program
without any runtime can do for the same work. All run on one processor, in
interleaved rounds, in random order inside a round. A figure is the median of
the rounds; a ratio (`7 ×` is seven times Fermata's) is the median of the
ratios inside each round, which holds where single figures drift. The programs
are in `bench/`, one folder a peer, and are meant to be read.

This page is written by `bench/run --report docs/benchmarks.md`; do not edit
it.
"""


def page(benches, results, runner, command):
    parts = [HEAD, setting(results, runner, command)]
    parts.append(targets(benches, results))
    parts += [section(bench, results) for bench in benches]
    return "\n".join(parts)


def setting(results, runner, command):
    today, *rest = machine.facts(runner, results)
    rows = [
        ("Run", f"{command}, {results.rounds} rounds"),
        ("Machine", today.replace("   ", "; ")),
        ("Disturbed by", rest[-1]),
    ]
    rows += machine.versions().items()
    lines = ["| | |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in rows]
    return "\n".join(lines) + "\n"


def targets(benches, results):
    found = verdicts(benches, results)
    if not found:
        return ""
    lines = [
        "## Targets",
        "",
        "| work | target | measured | range over the rounds | |",
        "|---|---|---|---|---|",
    ]
    for verdict in found:
        lines.append(
            f"| {verdict.title} | {verdict.wanted} | {verdict.found} "
            f"| {verdict.range} | {'met' if verdict.met else '**missed**'} |"
        )
    missed = [verdict for verdict in found if not verdict.met]
    lines += ["", "Missed:" if missed else "None is missed.", ""]
    for verdict in missed:
        lines.append(f"- {verdict.title}: {verdict.why or 'no reason known.'}")
    lines += [""] if missed else []
    return "\n".join(lines)


def section(bench, results):
    titles = [
        case.title + (f", {case.unit}" if case.unit else "")
        for case in bench.cases
    ]
    lines = [
        f"## {bench.name}: {bench.story}",
        "",
        "| | " + " | ".join(titles) + " |",
        "|---|" + "---:|" * len(titles),
    ]
    for program in ["fermata", "limit", *peers_of(bench)]:
        lines.append(row(bench, program, results))
    lines += [""] + [f"- {note}" for note in bench.notes]
    for peer in peers_of(bench):
        lines.append(f"- {peer}: {PEERS[peer]}.")
    return "\n".join(lines) + "\n"


def row(bench, program, results):
    reason = results.why_missing(bench.name, program)
    if reason is not None:
        cells = [f"**missing**: {first_line(reason)}"]
        cells += [""] * (len(bench.cases) - 1)
    else:
        cells = [cell(bench, case, program, results) for case in bench.cases]
    name = "**fermata**" if program == "fermata" else program
    return f"| {name} | " + " | ".join(cells) + " |"


def cell(bench, case, program, results):
    value = results.median(bench.name, case.key, program)
    if value is None:
        return "–"
    if program == "fermata":
        return f"**{figure(value)}**"
    ratio = results.ratio(bench.name, case.key, program, "fermata")
    return figure(value) + (f" ({times(ratio)})" if ratio else "")
