"""The terminal's table: one block a benchmark, one row a program."""

from kinds import is_limit, is_ours, programs_of, reference, shown
from verdicts import figure, first_line, tables, times, verdicts

NAME = 15  # columns of a row's name, at least
CELL = 8  # of a figure
RATIO = 8  # of a ratio
NARROW = 7  # of a figure without one

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "title": "1;36",
}
PLAIN = {"×": "x", "✓": "ok", "✗": "MISSED", "–": "-"}


class Table:
    def __init__(self, out, colour):
        self.out = out
        self.colour = colour
        encoding = (getattr(out, "encoding", None) or "ascii").lower()
        self.unicode = encoding.startswith("utf")

    def style(self, name, text):
        if not self.colour or not text.strip():
            return text
        return f"\033[{STYLES[name]}m{text}\033[0m"

    def line(self, text=""):
        if not self.unicode:
            for sign, plain in PLAIN.items():
                text = text.replace(sign, plain)
        print(text.rstrip(), file=self.out)

    def all(self, benches, results, facts):
        for fact in facts:
            self.line(self.style("dim", fact))
        for bench in benches:
            self.bench(bench, results)
        self.line()
        self.line(
            self.style(
                "dim",
                "Figures are medians of "
                f"{results.rounds} rounds; 7 × is seven times "
                "Fermata's, the median of the ratios",
            )
        )
        self.line(self.style("dim", "inside each round."))
        self.targets(benches, results)

    def bench(self, bench, results):
        units = {case.unit for case in bench.cases if case.unit}
        unit = f"   {min(units)}" if len(units) == 1 else ""
        better = "more" if bench.cases[0].more else "less"
        self.line()
        self.line(
            self.style("title", bench.name)
            + f"   {bench.story}"
            + self.style("dim", f"{unit}, {better} is better" if unit else "")
        )
        names = [shown(program) for program in programs_of(bench)]
        self.width = max(NAME, *(len(name) + 2 for name in names))
        for heading, cases in tables(bench).items():
            self.line()
            titles = "".join(self.title(case) for case in cases)
            self.line(
                self.style("bold", f"{heading:<{self.width}}")
                + self.style("dim", titles)
            )
            for program in programs_of(bench):
                self.row(bench, cases, program, results)
        for note in bench.notes:
            self.notes(note)

    @staticmethod
    def title(case):
        if case.narrow:
            return f"{case.title:>{NARROW}}"
        return f"{case.title:>{CELL + RATIO - 2}}  "

    def notes(self, note):
        line = " "
        for word in note.split():
            if len(line) + len(word) > 78:
                self.line(self.style("dim", line))
                line = "   "
            line += " " + word
        self.line(self.style("dim", line))

    def row(self, bench, cases, program, results):
        name = f"  {shown(program):<{self.width - 2}}"
        reason = results.why_missing(bench.name, program)
        if reason is not None:
            words = f"{name}    missing: {first_line(reason)}"
            self.line(self.style("red", words[:100]))
            return
        cells = "".join(
            self.cell(bench, case, program, results) for case in cases
        )
        if is_ours(program):
            name = self.style("bold", name)
        elif is_limit(program):
            name = self.style("dim", name)
        self.line(name + cells)

    def cell(self, bench, case, program, results):
        value = results.median(bench.name, case.key, program)
        text = "–" if value is None else figure(value)
        text = f"{text:>{NARROW if case.narrow else CELL}}"
        style = "bold" if is_ours(program) and value is not None else "dim"
        if is_ours(program) or is_limit(program) or value is None:
            text = self.style(style, text)
        if case.narrow:
            return text
        return text + self.ratio(bench, case, program, results)

    def ratio(self, bench, case, program, results):
        ours = reference(bench)
        ratio = results.ratio(bench.name, case.key, program, ours)
        if program == ours or ratio is None:
            return " " * RATIO
        better = ratio > 1 if case.more else ratio < 1
        style = "yellow" if better else "green"
        if is_limit(program):
            style = "dim"
        return self.style(style, f"{times(ratio):>{RATIO - 1}} ")

    def targets(self, benches, results):
        found = verdicts(benches, results)
        if not found:
            return
        self.line()
        self.line(self.style("title", "targets"))
        titles = max(len(verdict.title) for verdict in found) + 2
        targets = max(len(verdict.wanted) for verdict in found) + 2
        for verdict in found:
            sign, style = ("✓", "green") if verdict.met else ("✗", "red")
            self.line(
                f"  {self.style(style, sign)} {verdict.title:<{titles}}"
                f"{verdict.wanted:<{targets}}{self.style(style, verdict.found)}"
            )
        met = sum(verdict.met for verdict in found)
        missed = [verdict.title for verdict in found if not verdict.met]
        self.line()
        self.line(f"  {met} of {len(found)} met")
        if missed:
            self.line(self.style("red", "  missed: " + "; ".join(missed)))
