"""docs/benchmarks.json: what a run found, for the page and for its plots.

    setting   [name, text] of what was measured on
    targets   work, target, measured, range, met, and why it is missed
    benches   name, story, run, notes and tables; a table has a heading,
              columns, and rows of a program's figures and of their ratios to
              the first program's

A run of one benchmark takes the place of what the record has of it, and is
named there as `run`, since the setting is that of the others.
"""

import json

import machine
from kinds import PEERS, is_limit, is_ours, programs_of, reference, shown
from verdicts import first_line, peers_of, tables, verdicts


def record(benches, results, command):
    return {
        "setting": setting(results, command),
        "targets": targets(benches, results),
        "benches": [section(bench, results) for bench in benches],
    }


def setting(results, command):
    today, *rest = machine.facts(results)
    return [
        ["Run", f"{command}, {results.rounds} rounds"],
        ["Machine", today.replace("   ", "; ")],
        ["Disturbed by", rest[-1]],
        *map(list, machine.versions().items()),
    ]


def targets(benches, results):
    return [
        {
            "bench": verdict.bench,
            "work": verdict.title,
            "target": verdict.wanted,
            "measured": verdict.found,
            "range": verdict.range,
            "met": verdict.met,
            "why": verdict.why,
        }
        for verdict in verdicts(benches, results)
    ]


def section(bench, results):
    return {
        "name": bench.name,
        "story": bench.story,
        "run": "",
        "notes": notes(bench),
        "tables": [
            table(bench, heading, cases, results)
            for heading, cases in tables(bench).items()
        ],
    }


def notes(bench):
    return bench.notes + [f"{peer}: {PEERS[peer]}." for peer in peers_of(bench)]


def table(bench, heading, cases, results):
    return {
        "heading": heading,
        "columns": columns(cases),
        "rows": [
            row(bench, cases, program, results)
            for program in programs_of(bench)
        ],
    }


def columns(cases):
    return [
        {
            "title": case.title,
            "unit": case.unit,
            "more": case.more,
            "narrow": case.narrow,
        }
        for case in cases
    ]


def kind(program):
    if is_ours(program):
        return "ours"
    return "limit" if is_limit(program) else "peer"


def row(bench, cases, program, results):
    found = {"program": shown(program), "kind": kind(program)}
    reason = results.why_missing(bench.name, program)
    if reason is not None:
        return {**found, "missing": first_line(reason)}
    figures, ratios = [], []
    for case in cases:
        value = results.median(bench.name, case.key, program)
        figures.append(digits(value))
        ratios.append(ratio(bench, case, program, results))
    return {**found, "figures": figures, "ratios": ratios}


def digits(value):
    return None if value is None else float(f"{value:.6g}")


def ratio(bench, case, program, results):
    if case.narrow or program == reference(bench):
        return None
    return digits(
        results.ratio(bench.name, case.key, program, reference(bench))
    )


def merged(old, new):
    """The old record with the benchmarks of a run of some of them."""
    texts = dict(map(tuple, new["setting"]))
    run = f"{texts['Run']}; {texts['Fermata']}; {texts['Machine']}"
    fresh = {bench["name"]: {**bench, "run": run} for bench in new["benches"]}
    benches = [fresh.pop(bench["name"], bench) for bench in old["benches"]]
    names = {bench["name"] for bench in new["benches"]}
    kept = [t for t in old["targets"] if t["bench"] not in names]
    order = [bench["name"] for bench in benches] + list(fresh)
    return {
        "setting": old["setting"],
        "targets": sorted(
            kept + new["targets"], key=lambda t: order.index(t["bench"])
        ),
        "benches": benches + list(fresh.values()),
    }


def written(path, found, is_part):
    """What the file says from now on: found, or found and what it had."""
    if is_part and path.exists():
        found = merged(json.loads(path.read_text()), found)
    path.write_text(text(found) + "\n")
    return found


LONGEST = 400  # characters of what is written in one line


def text(value, indent=""):
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= LONGEST or not isinstance(value, (dict, list)):
        return line
    inside = indent + " "
    if isinstance(value, list):
        parts = [text(part, inside) for part in value]
    else:
        parts = [
            f"{json.dumps(key)}: {text(part, inside)}"
            for key, part in value.items()
        ]
    begin, end = "[]" if isinstance(value, list) else "{}"
    between = f",\n{inside}"
    return f"{begin}\n{inside}{between.join(parts)}\n{indent}{end}"
