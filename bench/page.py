"""docs/benchmarks.md: the table as a page, with what is needed to repeat it."""

import machine
from kinds import PEERS, is_ours, programs_of, reference, shown
from verdicts import figure, first_line, peers_of, tables, times, verdicts

HEAD = """\
# Benchmarks

Fermata beside its peers and beside the bare limit: the least that a program
without any runtime can do for the same work. Each runs on one processor, in
interleaved rounds, in random order inside a round; what needs two threads, on
both. A figure is the median of the rounds; a ratio (`7 ×` is seven times
Fermata's) is the median of the ratios inside each round, which holds where
single figures drift. The programs are in `bench/`, one folder a peer, and are
meant to be read.

This page is written by `bench/run --report docs/benchmarks.md`; do not edit
it.
"""


def page(benches, results, command):
    parts = [HEAD, setting(results, command)]
    parts.append(targets(benches, results))
    parts += [section(bench, results) for bench in benches]
    return "\n".join(parts)


def setting(results, command):
    today, *rest = machine.facts(results)
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
    lines = [f"## {bench.name}: {bench.story}", ""]
    for heading, cases in tables(bench).items():
        lines += [f"### {heading}", ""] if heading else []
        lines += table(bench, cases, results) + [""]
    lines += [f"- {note}" for note in bench.notes]
    for peer in peers_of(bench):
        lines.append(f"- {peer}: {PEERS[peer]}.")
    return "\n".join(lines) + "\n"


def table(bench, cases, results):
    titles = [title(case) for case in cases]
    lines = ["| | " + " | ".join(titles) + " |", "|---|" + "---:|" * len(cases)]
    for program in programs_of(bench):
        lines.append(row(bench, cases, program, results))
    return lines


def title(case):
    if case.unit in ("", case.title):
        return case.title
    return f"{case.title}, {case.unit}"


def row(bench, cases, program, results):
    reason = results.why_missing(bench.name, program)
    if reason is not None:
        cells = [f"**missing**: {first_line(reason)}"]
        cells += [""] * (len(cases) - 1)
    else:
        cells = [cell(bench, case, program, results) for case in cases]
    name = f"**{shown(program)}**" if is_ours(program) else shown(program)
    return f"| {name} | " + " | ".join(cells) + " |"


def cell(bench, case, program, results):
    value = results.median(bench.name, case.key, program)
    if value is None:
        return "–"
    text = f"**{figure(value)}**" if is_ours(program) else figure(value)
    ratio = results.ratio(bench.name, case.key, program, reference(bench))
    if case.narrow or program == reference(bench) or ratio is None:
        return text
    return f"{text} ({times(ratio)})"
