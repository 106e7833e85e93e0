"""What the figures say: lines of JSON, and targets met or missed."""

import json

from kinds import PEERS, is_limit, is_ours, programs_of, shown


def figure(value):
    """Three digits that matter."""
    if value is None:
        return ""
    if value < 9.995:
        return f"{value:.2f}"
    if value < 99.95:
        return f"{value:.1f}"
    return f"{value:,.0f}"


def times(ratio):
    return f"{ratio:.2f} ×" if ratio < 9.995 else f"{figure(ratio)} ×"


def first_line(reason):
    return (reason.splitlines() or ["no reason given"])[0]


def peers_of(bench):
    return [name for name in programs_of(bench) if name in PEERS]


def rounded(value, digits=4):
    return None if value is None else round(value, digits)


def tables(bench):
    """The cases of each table, by its heading."""
    found = {}
    for case in bench.cases:
        found.setdefault(case.table, []).append(case)
    return found


def full_title(case):
    return f"{case.table}: {case.title}" if case.table else case.title


def json_lines(benches, results):
    for bench in benches:
        for case in bench.cases:
            for program in filter(is_ours, programs_of(bench)):
                yield json.dumps(json_row(bench, case, program, results))


def json_row(bench, case, program, results):
    peer = results.best(bench, case, lambda name: name in PEERS)
    best = results.best(bench, case, is_limit)
    peers = {
        peer: rounded(results.median(bench.name, case.key, peer))
        for peer in peers_of(bench)
        if results.of(bench.name, case.key, peer)
        or results.why_missing(bench.name, peer)
    }
    return {
        "bench": bench.name,
        "case": full_title(case) + case.note,
        "unit": case.unit,
        "better": "higher" if case.more else "lower",
        "program": shown(program),
        "ours": rounded(results.median(bench.name, case.key, program)),
        "limit": rounded(results.median(bench.name, case.key, best)),
        "peers": peers,
        "ratio_to_limit": rounded(
            results.ratio(bench.name, case.key, program, best)
        ),
        "ratio_to_best_peer": rounded(
            results.ratio(bench.name, case.key, program, peer)
        ),
    }


# What a target may name in place of one program: the best of those.
BEST = {"limit": is_limit, "peers": lambda name: name in PEERS}


class Verdict:
    """One target: what was wanted, what it came to, whether that is met."""

    def __init__(self, bench, case, target, results):
        self.bench = bench.name
        self.title = f"{bench.name}, {full_title(case)}"
        if target.of != "fermata":
            work = case.table or case.title
            self.title = f"{bench.name}, {work}, {shown(target.of)}"
        key = (bench.name, case.key, target.of)
        bound = "at least" if case.more else "at most"
        if target.than:
            than = target.than
            if than in BEST:
                than = results.best(
                    bench,
                    case,
                    lambda name: name != target.but and BEST[target.than](name),
                )
            self.wanted = f"{bound} {target.words or f'{target.most:g}'} × "
            self.wanted += shown(than or target.than)
            values = results.ratios(*key, than)
            value = results.ratio(*key, than)
            self.found = "" if value is None else times(value)
            self.range = spread(values, times)
        else:
            self.wanted = f"{bound} {target.most:,g} {case.unit}".rstrip()
            values = results.of(*key)
            value = results.median(*key)
            self.found = f"{figure(value)} {case.unit}".rstrip()
            self.range = spread(values, figure)
        self.why = target.why
        self.measured = value is not None
        self.met = self.measured and (
            value >= target.most if case.more else value <= target.most
        )
        if not self.measured:
            self.found = "not measured"
        elif not self.met:
            off = value / target.most
            far = "of that" if case.more else "times too much"
            self.found += f", {off:.2f} {far}"


def spread(values, shown):
    return f"{shown(min(values))} to {shown(max(values))}" if values else ""


def verdicts(benches, results):
    return [
        Verdict(bench, case, target, results)
        for bench in benches
        for case in bench.cases
        for target in case.targets
    ]
