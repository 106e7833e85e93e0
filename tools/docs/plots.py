"""The directive `plot`: figures of docs/benchmarks.json as bars.

    ```{plot} echo
    ```

draws each table of that benchmark; `http/64 connections; yield` one table and
then another benchmark, each with the story of its benchmark above it. A
bar's length is a share of the width, text is as large as that around it, and
colours are the page's: so a plot is as readable on a phone as it is dark.
"""

import json
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

RECORD = Path(__file__).resolve().parents[2] / "docs/benchmarks.json"
STEP = 34  # from bar to bar
FONT = 13  # above the bar
BAR = 9
LONGEST = 6  # times the best of ours, where less is better: longer ones fade


def shown(value):
    """Three digits that matter."""
    if value < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def measured(table, index):
    """Rows that have a figure in that column: name, kind, figure."""
    for row in table["rows"]:
        value = row.get("figures", [None] * (index + 1))[index]
        if value:
            yield row["program"], row["kind"], value


def end_of_scale(bars, more):
    values = [value for _, _, value in bars]
    ours = [value for _, kind, value in bars if kind == "ours"]
    if more or not ours:
        return max(values)
    return min(max(values), LONGEST * min(ours))


def svg(bars, unit, more):
    end = end_of_scale(bars, more)
    parts = []
    for place, (name, kind, value) in enumerate(bars):
        top = place * STEP
        width = max(0.4, 100 * min(value, end) / end)
        cut = " cut" if value > end else ""
        text = f"{shown(value)} {unit}".rstrip()
        parts.append(
            f'<text class="{kind}" x="0" y="{top + FONT}">{escape(name)}</text>'
            f'<text class="{kind}" x="100%" y="{top + FONT}"'
            f' text-anchor="end">{escape(text)}</text>'
            f'<rect class="{kind}{cut}" x="0" y="{top + FONT + 5}" rx="2"'
            f' width="{width:.2f}%" height="{BAR}"/>'
        )
    height = len(bars) * STEP
    return f'<svg width="100%" height="{height}">{"".join(parts)}</svg>'


def unit_of(column):
    unit = column["unit"]
    return column["title"] if unit == "" or unit == column["title"] else unit


def figure(bench, table, index, story):
    column = table["columns"][index]
    bars = list(measured(table, index))
    if not any(kind == "ours" for _, kind, _ in bars):
        return ""
    unit = unit_of(column)
    heading = table["heading"]
    words = [bench["story"], heading] if story else [heading]
    title, *more = [word for word in words if word] or [bench["story"]]
    better = "more is better" if column["more"] else "less is better"
    what = ", ".join(dict.fromkeys([column["title"], unit]))
    words = "; ".join([*more, what, better])
    return (
        f'<figure class="plot"><figcaption><b>{escape(title)}</b> '
        f"<span>{escape(words)}</span></figcaption>"
        f"{svg(bars, unit, column['more'])}</figure>"
    )


def figures(bench, heading, story):
    for table in bench["tables"]:
        if heading not in ("", table["heading"]):
            continue
        columns = table["columns"]
        compared = [i for i, c in enumerate(columns) if not c["narrow"]] or [0]
        for index in compared:
            yield figure(bench, table, index, story)


class Plot(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def run(self):
        self.env.note_dependency(str(RECORD))
        found = json.loads(RECORD.read_text())["benches"]
        benches = {bench["name"]: bench for bench in found}
        asked = self.arguments[0].split("; ")
        html = ""
        for words in asked:
            name, _, heading = words.partition("/")
            if name not in benches:
                raise self.error(f"benchmarks.json has no {name}")
            story = len(asked) > 1
            drawn = "".join(figures(benches[name], heading, story))
            if not drawn:
                raise self.error(f"benchmarks.json has no {words}")
            html += drawn
        html = f'<div class="plots">{html}</div>'
        return [nodes.raw("", html, format="html")]


def setup(app):
    app.add_directive("plot", Plot)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
