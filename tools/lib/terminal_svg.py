"""terminal_svg.py - the cells of a terminal, as tmux tells them, as a picture

A window with round corners, light on dark. Text stays text; block elements
are drawn, so that no font leaves gaps between them.
"""
import html
import re

CELL, ROW, SIZE = 8.4, 19, 14
LEFT, TOP = 18, 46
GROUND, EDGE = "#16181d", "#2c3038"
INK = {0: "#d5d8de", 1: "#f4f5f7", 2: "#868d9a", 31: "#f2797c",
       32: "#8fd186", 33: "#efc46d", 36: "#74c7e3"}
FONT = ("ui-monospace,'SF Mono','Cascadia Mono',Menlo,Consolas,"
        "'DejaVu Sans Mono',monospace")


def cells(line, on):
    """Each character of a line, with its colour, whether it is bold, and what
    is behind it, or None. What is on at its end is so at the beginning of the
    next one."""
    for codes, glyph in re.findall(r"\x1b\[([\d;]*)m|(.)", line):
        if glyph:
            colours = [INK[c] for c in sorted(on & INK.keys(), reverse=True)]
            ink = (colours or [INK[0]])[0]
            swapped = 7 in on
            yield (glyph, GROUND if swapped else ink, 1 in on,
                   ink if swapped else None)
            continue
        for code in (int(c or 0) for c in codes.split(";")):
            if code == 0:
                on.clear()
            elif code == 39:
                on &= {1, 2, 7}
            elif code == 22:
                on -= {1, 2}
            elif code == 27:
                on -= {7}
            else:
                if 30 <= code <= 37:
                    on &= {1, 2, 7}
                on |= {code} & (INK.keys() | {7})


def block(glyph):
    """Left, top, width and height of a block element, in parts of a cell."""
    number = ord(glyph) - 0x2580
    if 1 <= number <= 8:
        return 0, 1 - number / 8, 1, number / 8
    if 9 <= number <= 15:
        return 0, 0, (16 - number) / 8, 1
    return None


# Box drawing, as paths in a cell of 1 by 1.
LINES = {"─": "M0 .5H1", "│": "M.5 0V1", "├": "M.5 0V1M.5 .5H1",
         "┤": "M.5 0V1M.5 .5H0", "└": "M.5 0V.5H1", "╭": "M.5 1V.78Q.5 .5 1 .5",
         "╮": "M.5 1V.78Q.5 .5 0 .5", "╰": "M.5 0V.22Q.5 .5 1 .5",
         "└": "M.5 0V.5H1",
         "╯": "M.5 0V.22Q.5 .5 0 .5", "━": "M0 .5H1", "╸": "M0 .5H.5"}
HEAVY = "━╸"


def is_drawn(glyph):
    return glyph in LINES or block(glyph) is not None


def draw(at, y, text, ink):
    """A glyph that is drawn, as often as it stands there."""
    x = LEFT + at * CELL
    if text[0] not in LINES:
        left, top, width, height = block(text[0])
        return (f'<rect x="{x + left * CELL:.1f}" y="{y + top * ROW:.1f}" '
                f'width="{width * len(text) * CELL:.1f}" '
                f'height="{height * ROW:.1f}" fill="{ink}"/>')
    path = LINES[text[0]].replace("H1", f"H{len(text)}")
    heavy = ' stroke-width=".2"' if text[0] in HEAVY else ""
    return (f'<path transform="translate({x:.1f} {y}) scale({CELL} {ROW})" '
            f'd="{path}" stroke="{ink}"{heavy}/>')


def goes_on(run, glyph, look):
    """Whether a glyph is drawn together with those before it."""
    if run is None or run[2:] != look:
        return False
    if is_drawn(glyph):
        return glyph == run[1][-1] and glyph in "─━▁▂▃▄▅▆▇█"
    return not is_drawn(run[1][-1])


def runs(line, on):
    """Neighbours that look the same: where, what, and how."""
    run = None
    for at, (glyph, *look) in enumerate(cells(line, on)):
        if goes_on(run, glyph, look):
            run[1] += glyph
            continue
        if run:
            yield run
        run = [at, glyph, *look]
    if run:
        yield run


def row(line, y, on):
    """One line of the terminal."""
    for at, text, ink, bold, behind in runs(line, on):
        if behind:
            yield (f'<rect x="{LEFT + at * CELL:.1f}" y="{y}" '
                   f'width="{len(text) * CELL:.1f}" height="{ROW}" '
                   f'fill="{behind}"/>')
        if is_drawn(text[0]):
            yield draw(at, y, text, ink)
        elif text.strip():
            start = at + len(text) - len(text.lstrip())
            text = text.strip()
            weight = ' font-weight="700"' if bold else ""
            yield (f'<text x="{LEFT + start * CELL:.1f}" y="{y + 14}" '
                   f'textLength="{len(text) * CELL:.1f}" fill="{ink}"{weight}>'
                   f'{html.escape(text).replace(" ", chr(160))}</text>')


def window(columns, rows, title, more=""):
    """What is around the cells: open, to be closed by "</svg>"."""
    width, height = round(columns * CELL + 2 * LEFT), TOP + rows * ROW + 16
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
           f'height="{height}" viewBox="0 0 {width} {height}" role="img" '
           f'font-family="{FONT}" font-size="{SIZE}" fill="none" '
           'stroke-width=".09">')
    yield f"<title>{html.escape(title)}</title>{more}"
    yield (f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" '
           f'rx="10" fill="{GROUND}" stroke="{EDGE}" stroke-width="1"/>')
    yield f'<path d="M1 33.5H{width - 1}" stroke="{EDGE}" stroke-width="1"/>'
    for i, colour in enumerate(("#ec6a5e", "#f4bf4f", "#61c554")):
        yield f'<circle cx="{20 + i * 18}" cy="17" r="5.5" fill="{colour}"/>'
    yield (f'<text x="{width / 2}" y="22" text-anchor="middle" '
           f'fill="{INK[2]}">{html.escape(title)}</text>')


def frame(lines):
    """The cells of one moment."""
    on = set()
    return [drawn for i, line in enumerate(lines)
            for drawn in row(line, TOP + i * ROW, on)]


def moving(seconds, frames, hold):
    """How frames follow each other: the last one is held, and is all there is
    where nothing may move."""
    slots = frames + hold
    held = 100 * (hold + 1) / slots
    return (f"<style>.f{{visibility:hidden;animation:f {seconds * slots:.1f}s "
            "step-end infinite}.f:last-child{visibility:visible;"
            "animation-name:l}"
            f"@keyframes f{{0%{{visibility:visible}}{100 / slots:.3f}%,to"
            "{visibility:hidden}}"
            f"@keyframes l{{0%{{visibility:visible}}{held:.3f}%,to"
            "{visibility:hidden}}"
            "@media(prefers-reduced-motion:reduce){.f{animation:none}}</style>")


def film(frames, columns, rows, title, seconds=0.5, hold=12):
    """Frames as one picture that moves; each is a list of lines."""
    style = moving(seconds, len(frames), hold)
    total = seconds * (len(frames) + hold)
    yield from window(columns, rows, title, style)
    for i, lines in enumerate(frames):
        delay = i * seconds - total
        yield f'<g class="f" style="animation-delay:{delay:.1f}s">'
        yield from frame(lines)
        yield "</g>"
    yield "</svg>"


def still(lines, columns, rows, title):
    """One moment as a picture."""
    yield from window(columns, rows, title)
    yield from frame(lines)
    yield "</svg>"
