"""What the figures say: lines of JSON, and targets met or missed."""

import json

from rows import PEERS


def figure(value):
    """Three digits that matter."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.2f}"
    if value < 100:
        return f"{value:.1f}"
    return f"{value:,.0f}"


def times(ratio):
    return f"{ratio:.2f} ×" if ratio < 9.995 else f"{figure(ratio)} ×"


def first_line(reason):
    return (reason.splitlines() or ["no reason given"])[0]


def peers_of(bench):
    named = {name for run in bench.runs for name in run.programs}
    return [name for name in PEERS if name in named]


def rounded(value, digits=4):
    return None if value is None else round(value, digits)


def json_lines(benches, results):
    for bench in benches:
        for case in bench.cases:
            yield json.dumps(json_row(bench, case, results))


def json_row(bench, case, results):
    best = results.best_peer(bench.name, case.key)
    peers = {
        peer: rounded(results.median(bench.name, case.key, peer))
        for peer in peers_of(bench)
        if results.of(bench.name, case.key, peer)
        or results.why_missing(bench.name, peer)
    }
    return {
        "bench": bench.name,
        "case": case.title + case.note,
        "unit": case.unit,
        "better": "lower",
        "ours": rounded(results.median(bench.name, case.key, "fermata")),
        "limit": rounded(results.median(bench.name, case.key, "limit")),
        "peers": peers,
        "ratio_to_limit": rounded(
            results.ratio(bench.name, case.key, "fermata", "limit")
        ),
        "ratio_to_best_peer": rounded(
            results.ratio(bench.name, case.key, "fermata", best)
        ),
    }


class Verdict:
    """One target: what was wanted, what it came to, whether that is met."""

    def __init__(self, bench, case, results):
        target = case.target
        self.title = f"{bench.name}, {case.title}"
        if target.than:
            self.wanted = f"at most {target.words or f'{target.most:g}'} × "
            self.wanted += target.than
            values = results.ratios(
                bench.name, case.key, "fermata", target.than
            )
            value = results.ratio(
                bench.name, case.key, "fermata", target.than
            )
            self.found = "" if value is None else times(value)
            self.range = spread(values, times)
        else:
            self.wanted = f"at most {target.most:,g} {case.unit}"
            values = results.of(bench.name, case.key, "fermata")
            value = results.median(bench.name, case.key, "fermata")
            self.found = f"{figure(value)} {case.unit}"
            self.range = spread(values, figure)
        self.why = target.why
        self.measured = value is not None
        self.met = self.measured and value <= target.most
        if not self.measured:
            self.found = "not measured"
        elif not self.met:
            self.found += f", {value / target.most:.2f} times too much"


def spread(values, shown):
    return f"{shown(min(values))} to {shown(max(values))}" if values else ""


def verdicts(benches, results):
    return [
        Verdict(bench, case, results)
        for bench in benches
        for case in bench.cases
        if case.target is not None
    ]
