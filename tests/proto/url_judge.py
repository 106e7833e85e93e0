"""Holds what url_answers says against data, or against Node's URL.

    url_judge.py ANSWERS data URLTESTDATA SETTERS
    url_judge.py ANSWERS node SEED

The data has hosts that are not ASCII, which take IDNA and another test: those
are passed over, and their number is told.
"""

import json
import random
import subprocess
import sys

COUNT = 20000

# What stands for a random URL, a piece each.
PIECES = [
    "http", "https", "ws", "file", "ftp", "x", "data", ":", ":", "/", "/",
    "//",
    "\\", "?", "#", "@", ".", "..", "%2e", "%2E%2e", "a", "b", "C:", "c|", "|",
    "example.org", "localhost", "1", "0x7f", "256", "127.1", "[::1]", "[1::2]",
    "[::127.0.0.1]", "%41", "%", "%zz", " ", "\t", "\n", "'", '"', "<", ">",
    "`", "{", "}", "~", "&", "=", ";", "+", ":80", ":443", ":8080", ":99999",
    "user", "user:pass@", "xyz", "\u00e9/", "-", "_", "*", "$",
]


def takes_another_alphabet(_text, _base, theirs, _ours):
    """A host that takes IDNA, which url_answers has none of."""
    return theirs is not None and "xn--" in theirs


def has_an_opaque_base(text, base, _theirs, ours):
    """4.4, no scheme state: relative to an opaque path is a fragment alone.
    Node takes also what has one further on."""
    return base == "x:opaque" and ours is None and "#" in text


def loses_the_path(text, _base, theirs, ours):
    """4.4, path state: behind the last ".." comes an empty segment. Node
    leaves it out where nothing else is left."""
    dots = "." in text or "%2" in text
    return (dots and theirs is not None and ours is not None and
            any(ours == theirs[:i] + "/" + theirs[i:]
                for i in range(len(theirs) + 1)))


def keeps_the_space(_text, _base, theirs, ours):
    """4.4, opaque path state: its last space is encoded. Node 20 has an older
    standard."""
    return theirs is not None and ours in (theirs.replace(" ?", "%20?", 1),
                                           theirs.replace(" #", "%20#", 1))


# Where Node 20 differs, and why that is no mistake of ours.
DISAGREEMENTS = (takes_another_alphabet, has_an_opaque_base, loses_the_path,
                 keeps_the_space)

NODE = """
const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
for (const line of lines) {
  const [text, base] = JSON.parse(line);
  let href = null;
  try { href = (base === null ? new URL(text) : new URL(text, base)).href; }
  catch (error) { href = null; }
  console.log(JSON.stringify(href));
}
"""


def usv(text):
    """A text as the standard takes it: lone surrogates are U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def word(text):
    return "-" if text is None else usv(text).encode().hex() or "-"


def ask(program, lines):
    done = subprocess.run([program], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, check=True)
    return [parts(line) for line in done.stdout.splitlines()]


def parts(line):
    """The answer as the attributes of the standard's class."""
    if line == "!":
        return None
    said = dict(pair.split("=", 1) for pair in line.split(" "))
    text = {name: bytes.fromhex(value).decode()
            for name, value in said.items() if name not in ("port", "opaque")}
    port = "" if said["port"] == "-1" else said["port"]
    return {
        "href": text["href"],
        "protocol": text["scheme"] + ":",
        "username": text["username"],
        "password": text["password"],
        "host": text["hostname"] + (":" + port if port else ""),
        "hostname": text["hostname"],
        "port": port,
        "pathname": text["path"],
        "search": "?" + text["query"] if text["query"] else "",
        "hash": "#" + text["fragment"] if text["fragment"] else "",
    }


def takes_idna(case):
    """The host in the answer came out of another alphabet."""
    wanted = case.get("expected", case)
    texts = case.get("new_value", case.get("input", ""))
    host = wanted.get("hostname", wanted.get("host", ""))
    return host is not None and (
        "xn--" in host and "xn--" not in texts.lower() or
        any(sign in texts for sign in ("\u3002", "\uff27", "\uff10", "\u200b",
                                       "\u00ad", "%C2%AD", "\U0001d400")))


def cases_of(urls, setters):
    for case in json.load(open(urls, encoding="utf-8")):
        if isinstance(case, dict):
            yield case, f"parse {word(case['input'])} {word(case['base'])}"
    for part, cases in json.load(open(setters, encoding="utf-8")).items():
        if part not in ("comment", "href"):
            for case in cases:
                yield case, (f"set {word(case['href'])} {part} "
                             f"{word(case['new_value'])}")


def agrees(case, said):
    if case.get("failure") or said is None:
        return bool(case.get("failure")) == (said is None)
    wanted = case.get("expected", case)
    return all(said[name] == value for name, value in wanted.items()
               if name in said)


def judge_data(program, urls, setters):
    cases = list(cases_of(urls, setters))
    wrong = right = passed_over = 0
    for (case, line), said in zip(cases, ask(program, [c[1] for c in cases])):
        if agrees(case, said):
            right += 1
        elif takes_idna(case):
            passed_over += 1
        else:
            wrong += 1
            print("wrong:", json.dumps(case), json.dumps(said))
    print(f"{right} right, {wrong} wrong, {passed_over} take IDNA")
    return wrong == 0 and right > 1000


def draw(source):
    text = "".join(source.choice(PIECES)
                   for _ in range(source.randint(1, 9)))
    bases = [None, "http://h/p/q?r#s", "file:///c:/d/e", "x:opaque", "x://h/p"]
    return text, source.choice(bases)


def judge_node(program, seed):
    source = random.Random(int(seed))
    drawn = [draw(source) for _ in range(COUNT)]
    node = subprocess.run(["node", "-e", NODE], capture_output=True, text=True,
                          input="\n".join(map(json.dumps, drawn)), check=True)
    theirs = [json.loads(line) for line in node.stdout.splitlines()]
    ours = ask(program, [f"parse {word(text)} {word(base)}"
                         for text, base in drawn])
    wrong = explained = 0
    for (text, base), their, our in zip(drawn, theirs, ours):
        href = our and our["href"]
        if href == their:
            continue
        if any(known(text, base, their, href) for known in DISAGREEMENTS):
            explained += 1
            continue
        wrong += 1
        print("differs:", json.dumps([text, base]), their, href)
    print(f"{COUNT} drawn, {wrong} differ, {explained} explained; seed {seed}")
    return wrong == 0


def main():
    program, how, *rest = sys.argv[1:]
    judge = judge_data if how == "data" else judge_node
    sys.exit(0 if judge(program, *rest) else 1)


main()
