"""trace_svg.py - a trace of Fermata as a picture, light or dark as the page is

    trace_svg.py TRACE TITLE >PICTURE

One row a track, from the trace's own events: slices, arrows, marks.
"""
import html
import json
import sys

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 760, 96, 18, 66, 34, 20
FONT = 6.7  # of a character of a slice's name
STYLE = """
    svg { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
    .code { font: 12px ui-monospace, Menlo, Consolas, monospace; }
    .slice { font: 11px ui-monospace, Menlo, Consolas, monospace; }
    .head { font-weight: 600; }
    .card { fill: #fff; stroke: #d0d7de; }
    text { fill: #1f2328; }
    .soft { fill: #59636e; }
    .axis { stroke: #d8dee4; }
    .turn { fill: #0969da; }
    .poll { fill: #eaeef2; }
    .sleep { fill: #ddf4ff; stroke: #54aeff; }
    .line { fill: #fff1e5; stroke: #e16f24; }
    .tasks { fill: #fbefff; stroke: #c297ff; }
    .arrow { fill: none; stroke: #cf222e; stroke-width: 1.3; }
    .tip { fill: #cf222e; }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #3d444d; }
      text { fill: #f0f6fc; }
      .soft { fill: #9198a1; }
      .axis { stroke: #262c36; }
      .turn { fill: #58a6ff; }
      .poll { fill: #212830; }
      .sleep { fill: #0c2d6b; stroke: #1f6feb; }
      .line { fill: #5a1e02; stroke: #db6d28; }
      .tasks { fill: #3c1e70; stroke: #8957e5; }
      .arrow { stroke: #ff7b72; }
      .tip { fill: #ff7b72; }
    }"""
TASKS = ("await", "gather", "group", "children", "wait")


def kind(name):
    """The class of a slice."""
    if name in ("turn", "poll", "sleep"):
        return name
    return "tasks" if name in TASKS else "line"


class Picture:
    def __init__(self, events):
        self.begin = min(event["ts"] for event in events)
        self.end = max(event["ts"] for event in events)
        self.names, self.slices, self.arrows = {}, [], []
        opened, flows = {}, {}
        for event in events:
            track, phase = event["tid"], event["ph"]
            if phase == "M" and event["name"] == "thread_name":
                self.names[track] = event["args"]["name"]
            elif phase == "B":
                opened[track] = event
            elif phase == "E":
                begun = opened.pop(track)
                self.slices.append((track, begun["name"], begun["ts"],
                                    event["ts"]))
            elif phase == "s":
                flows[event["id"]] = event
            elif phase == "f":
                self.arrows.append((flows.pop(event["id"]), event))
        self.rows = {track: row for row, track in enumerate(self.names)}
        self.out = []

    def x(self, moment):
        share = (moment - self.begin) / (self.end - self.begin)
        return LEFT + 8 + share * (WIDTH - LEFT - RIGHT - 16)

    def y(self, track):
        return TOP + self.rows[track] * ROW

    def put(self, text):
        self.out.append("  " + text)

    def text(self, x, y, style, words, anchor=""):
        self.put(f'<text class="{style}" x="{x:.1f}" y="{y:.1f}"{anchor}>'
                 f"{html.escape(words)}</text>")

    def axis(self):
        bottom = TOP + len(self.names) * ROW - 8
        span = (self.end - self.begin) / 1000
        step = next(s for s in (0.01, 0.1, 1, 10, 100, 1000) if span / s <= 12)
        for i in range(int(span / step) + 1):
            x = self.x(self.begin + i * step * 1000)
            self.put(f'<path class="axis" d="M{x:.1f} {TOP - 8}V{bottom}"/>')
            unit = f"{i * step:g}" + (" ms" if i == 0 else "")
            self.text(x, TOP - 14, "soft", unit, ' text-anchor="middle"')

    def slice(self, track, name, begun, ended):
        x, y = self.x(begun), self.y(track)
        width = max(self.x(ended) - x, 4 if name == "turn" else 1)
        if name == "turn":
            x -= 2
        self.put(f'<rect class="{kind(name)}" x="{x:.1f}" y="{y}" '
                 f'width="{width:.1f}" height="{BAR}" rx="2"/>')
        if width > len(name) * FONT + 10 and name != "turn":
            self.text(x + 7, y + 14, "slice", name)

    def arrow(self, start, end):
        x, y = self.x(start["ts"]), self.y(start["tid"])
        to_x, to_y = self.x(end["ts"]), self.y(end["tid"])
        down = to_y > y
        y += BAR if down else 0
        to_y += 0 if down else BAR
        bend = 9
        self.put(f'<path class="arrow" d="M{x:.1f} {y}C{x + bend:.1f} '
                 f'{(y + to_y) / 2} {to_x + bend:.1f} {(y + to_y) / 2} '
                 f'{to_x:.1f} {to_y}"/>')
        tip = -5 if down else 5
        self.put(f'<path class="tip" d="M{to_x:.1f} {to_y}l-1.4 {tip}h5z"/>')

    def legend(self, y):
        x = LEFT
        for style, words in (("turn", "runs"), ("sleep", "sleeps"),
                             ("line", "waits in line"),
                             ("tasks", "waits for tasks"),
                             ("poll", "the loop waits")):
            self.put(f'<rect class="{style}" x="{x:.1f}" y="{y - 10}" '
                     'width="12" height="12" rx="2"/>')
            self.text(x + 18, y, "soft", words)
            x += 36 + len(words) * 6.4
        self.put(f'<path class="arrow" d="M{x:.1f} {y - 4}h16"/>')
        self.put(f'<path class="tip" d="M{x + 20:.1f} {y - 4}l-6 -3v6z"/>')
        self.text(x + 26, y, "soft", "wakes")

    def draw(self, title):
        height = TOP + len(self.names) * ROW + 34
        head = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
                f'height="{height}"', f'  viewBox="0 0 {WIDTH} {height}" '
                'role="img" aria-labelledby="title">',
                f'  <title id="title">{html.escape(title)}</title>',
                f"  <style>{STYLE}\n  </style>",
                f'  <rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" '
                f'height="{height - 1}" rx="8"/>']
        self.text(14, 26, "head", title)
        self.axis()
        for track, name in self.names.items():
            self.text(14, self.y(track) + 14, "code", name)
        for slices in (False, True):
            for one in self.slices:
                if (one[1] == "turn") == slices:
                    self.slice(*one)
        for one in self.arrows:
            self.arrow(*one)
        self.legend(height - 16)
        return "\n".join(head + self.out) + "\n</svg>"


with open(sys.argv[1], encoding="utf-8") as file:
    print(Picture(json.load(file)).draw(sys.argv[2]))
