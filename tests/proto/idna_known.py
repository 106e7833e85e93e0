"""Which hosts in other alphabets become something else than the standard or
node have it, and why: what docs/design/alphabets.md says in words."""

import re
import unicodedata
import urllib.parse

SYMBOL = "RFC 5892: symbols are no part of a name"
HYPHENS = "RFC 5891, 4.2.3.1: hyphens at the ends, or third and fourth"
LONG = "RFC 1034, 3.1: 63 bytes in a label, 253 in a name"
OLDER = "UTS 46 before Unicode 15.1"
PUNCTUATION = "RFC 5891, 4.2.2: letters, digits and hyphens"
DIRECTIONS = "RFC 5893, 2: a label runs one way"
JOINERS = "RFC 5892, A.1 and A.2: each joiner behind a virama"
CODED = "UTS 46, 4.1: what is coded is a name; libidn2 looks at less of it"
ENDS = "RFC 5893, 2, rules 3 and 4: ends and digits; libidn2 does not look"

TENS = "0123456789" * 5
X62 = "x" + TENS + "012345678901"

# Host of the data: what it becomes here (None: it is refused), and why.
DEVIATIONS = {
    "a\u2020--": (None, SYMBOL),
    "-\u2020": (None, SYMBOL),
    "www.lookout\u2027net": (None, SYMBOL),
    "\u2665.net": (None, SYMBOL),
    "-x.\u00df": (None, HYPHENS),
    "x-.\u00df": (None, HYPHENS),
    "ab--c.\u00df": (None, HYPHENS),
    X62 + "\u2020": (None, SYMBOL),
    X62 + "x.\u00df": (None, LONG),
    ".".join([TENS] * 4 + [TENS[:-1], "\u00df"]): (None, LONG),
    "look\u180eout.net": (None, OLDER),
    "look\u206bout.net": (None, OLDER),
    "\u04c0.com": (None, OLDER),
    "\U0002f868.com": (None, OLDER),
    "\u2183.com": (None, OLDER),
    "\u1e9e.com": ("ss.com", OLDER),
    "\u1e9e.foo.com": ("ss.foo.com", OLDER),
}


def mapped(host):
    """About what UTS 46 makes of it, for who asks why it was refused."""
    text = urllib.parse.unquote(host)
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub("[\u3002\uff61\uff0e]", ".", text)
    text = re.sub("[\u00ad\u200b\u2060\u180e]", "", text)
    return unicodedata.normalize("NFKC", text)


def has_symbol(text):
    return any(ord(letter) > 127 and letter not in "\u200c\u200d" and
               unicodedata.category(letter)[0] not in "LMN"
               for letter in text)


def has_punctuation(text):
    return re.search(r"[^\x80-\U0010ffffA-Za-z0-9.-]", text)


# Some letters become two, so what is second may be third.
def has_hyphens(text):
    return any(label.startswith("-") or label.endswith("-") or
               "--" in (label[1:3], label[2:4]) for label in text.split("."))


def runs_both_ways(text):
    return any(unicodedata.bidirectional(letter) in ("R", "AL", "AN")
               for letter in text)


def has_joiners(text):
    return re.search("[\u200c\u200d]", text)


def is_long(text):
    return len(text) > 60


REFUSED = ((SYMBOL, has_symbol), (PUNCTUATION, has_punctuation),
           (HYPHENS, has_hyphens), (DIRECTIONS, runs_both_ways),
           (JOINERS, has_joiners), (LONG, is_long))


def has_two_digits_or_another_end(label):
    kinds = [unicodedata.bidirectional(letter) for letter in label]
    rest = [kind for kind in kinds if kind != "NSM"]
    return kinds[:1] in (["R"], ["AL"]) and (
        "AN" in kinds and "EN" in kinds or
        rest[-1] not in ("R", "AL", "AN", "EN"))


def ends_oddly(text):
    return any(map(has_two_digits_or_another_end, text.split(".")))


def is_coded(text):
    return "xn--" in text


TAKEN = ((ENDS, ends_oddly), (CODED, is_coded))


def reason(host, ours, theirs):
    """Why ours is None where theirs is not, or the reverse; or None."""
    text = mapped(host)
    table = REFUSED if ours is None else TAKEN if theirs is None else ()
    return next((name for name, known in table if known(text)), None)
