"""The terminal's table: one block a benchmark, one row a program."""

from verdicts import figure, first_line, peers_of, times, verdicts

NAME = 15  # columns of a row's name
CELL = 8  # of a figure
RATIO = 8  # of a ratio

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
        units = sorted({case.unit for case in bench.cases if case.unit})
        unit = f"   {units[0]}" if len(units) == 1 else ""
        self.line()
        self.line(
            self.style("title", bench.name)
            + f"   {bench.story}"
            + self.style("dim", f"{unit}, less is better" if unit else "")
        )
        self.line()
        titles = "".join(
            f"{case.title:>{CELL + RATIO - 2}}  " for case in bench.cases
        )
        self.line(" " * NAME + self.style("dim", titles))
        self.row(bench, "fermata", results)
        self.row(bench, "limit", results)
        for peer in peers_of(bench):
            self.row(bench, peer, results)
        for note in bench.notes:
            self.notes(note)

    def notes(self, note):
        line = " "
        for word in note.split():
            if len(line) + len(word) > 78:
                self.line(self.style("dim", line))
                line = "   "
            line += " " + word
        self.line(self.style("dim", line))

    def row(self, bench, program, results):
        name = f"  {program:<{NAME - 2}}"
        reason = results.why_missing(bench.name, program)
        if reason is not None:
            words = f"{name}    missing: {first_line(reason)}"
            self.line(self.style("red", words[:100]))
            return
        cells = "".join(
            self.cell(bench, case, program, results) for case in bench.cases
        )
        styles = {"fermata": "bold", "limit": "dim"}
        if program in styles:
            name = self.style(styles[program], name)
        self.line(name + cells)

    def cell(self, bench, case, program, results):
        value = results.median(bench.name, case.key, program)
        if value is None:
            return self.style("dim", f"{'–':>{CELL}}") + " " * RATIO
        text = f"{figure(value):>{CELL}}"
        if program == "fermata":
            return self.style("bold", text) + " " * RATIO
        ratio = results.ratio(bench.name, case.key, program, "fermata")
        shown = f"{times(ratio) if ratio else '':>{RATIO - 1}} "
        if program == "limit":
            return self.style("dim", text + shown)
        faster = ratio is not None and ratio < 1
        return text + self.style("yellow" if faster else "green", shown)

    def targets(self, benches, results):
        found = verdicts(benches, results)
        if not found:
            return
        self.line()
        self.line(self.style("title", "targets"))
        for verdict in found:
            sign, style = ("✓", "green") if verdict.met else ("✗", "red")
            self.line(
                f"  {self.style(style, sign)} {verdict.title:<26}"
                f"{verdict.wanted:<22}{self.style(style, verdict.found)}"
            )
        met = sum(verdict.met for verdict in found)
        missed = [verdict.title for verdict in found if not verdict.met]
        self.line()
        self.line(f"  {met} of {len(found)} met")
        if missed:
            self.line(self.style("red", "  missed: " + "; ".join(missed)))
