"""docs/benchmarks.md: the record as a page, and what is needed to repeat it."""

from verdicts import figure, times

HEAD = """\
# Benchmarks

Fermata beside its peers and beside the bare limit: the least that a program
without any runtime can do for the same work. Each runs on one processor, in
interleaved rounds, in random order inside a round; what needs two threads, on
both. A figure is the median of the rounds; a ratio (`7 ×` is seven times
Fermata's) is the median of the ratios inside each round, which holds where
single figures drift. The programs are in `bench/`, one folder a peer, and are
meant to be read.

This page is written by `bench/run --report docs/benchmarks.md`, and beside it
docs/benchmarks.json; do not edit it.
"""


def page(record):
    parts = [HEAD, glance(record), setting(record)]
    parts.append(targets(record["targets"]))
    parts += [section(bench) for bench in record["benches"]]
    return "\n".join(parts)


# What the site draws at the top, of what there is.
GLANCE = {
    "http": "http/64 connections",
    "echo": "echo/512 connections, 64 B",
    "ws": "ws/64 connections, 64 B",
    "httpclient": "httpclient",
    "handover": "handover",
    "gen": "gen",
}


def glance(record):
    names = [bench["name"] for bench in record["benches"]]
    seen = [plot for name, plot in GLANCE.items() if name in names]
    return f"<!-- plot: {'; '.join(seen)} -->\n" if seen else ""


def setting(record):
    rows = record["setting"][:1] + own_runs(record) + record["setting"][1:]
    lines = ["| | |", "|---|---|"]
    lines += [f"| {name} | {text} |" for name, text in rows]
    return "\n".join(lines) + "\n"


def own_runs(record):
    """Benchmarks that were run by themselves, those of one run in a row."""
    runs = {}
    for bench in record["benches"]:
        runs.setdefault(bench["run"], []).append(bench["name"])
    runs.pop("", None)
    rows = [["", f"{', '.join(names)}: {run}"] for run, names in runs.items()]
    if rows:
        rows[0][0] = "Rows of their own"
    return rows


def targets(found):
    if not found:
        return ""
    lines = [
        "## Targets",
        "",
        "| work | target | measured | range over the rounds | |",
        "|---|---|---|---|---|",
    ]
    for target in found:
        verdict = "met" if target["met"] else "**missed**"
        lines.append(
            f"| {target['work']} | {target['target']} | {target['measured']} "
            f"| {target['range']} | {verdict} |"
        )
    missed = [target for target in found if not target["met"]]
    lines += ["", "Missed:" if missed else "None is missed.", ""]
    for target in missed:
        why = target["why"] or "no reason known."
        lines.append(f"- {target['work']}: {why}")
    lines += [""] if missed else []
    return "\n".join(lines)


def section(bench):
    lines = [f"## {bench['name']}: {bench['story']}", ""]
    lines += [f"<!-- plot: {bench['name']} -->", ""]
    for table in bench["tables"]:
        lines += [f"### {table['heading']}", ""] if table["heading"] else []
        lines += rows(table) + [""]
    lines += [f"- {note}" for note in bench["notes"]]
    return "\n".join(lines) + "\n"


def rows(table):
    columns = table["columns"]
    titles = " | ".join(title(column) for column in columns)
    lines = [f"| | {titles} |", "|---|" + "---:|" * len(columns)]
    return lines + [row(columns, found) for found in table["rows"]]


def title(column):
    if column["unit"] in ("", column["title"]):
        return column["title"]
    return f"{column['title']}, {column['unit']}"


def row(columns, found):
    strong = "**" if found["kind"] == "ours" else ""
    if "missing" in found:
        cells = [f"**missing**: {found['missing']}"]
        cells += [""] * (len(columns) - 1)
    else:
        cells = [
            cell(value, ratio, strong)
            for value, ratio in zip(found["figures"], found["ratios"])
        ]
    return f"| {strong}{found['program']}{strong} | " + " | ".join(cells) + " |"


def cell(value, ratio, strong):
    if value is None:
        return "–"
    text = f"{strong}{figure(value)}{strong}"
    return text if ratio is None else f"{text} ({times(ratio)})"
