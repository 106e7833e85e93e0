"""Holds what url_answers makes of hosts in other alphabets against data, or
against node's URL.

    idna_judge.py ANSWERS data TOASCII
    idna_judge.py ANSWERS node SEED

Fails where one differs that idna_known.py has no reason for, and where it has
one that is none any more.
"""

import collections
import json
import random
import subprocess
import sys

from idna_known import DEVIATIONS, reason

COUNT = 20000

# What stands for a random host, a piece each.
PIECES = [
    "a", "b", "Z", "1", "-", "--", ".", ".", "\u3002", "\uff0e", "\uff61",
    "\u00e4", "\u00c4", "\u00df", "\u1e9e", "\u03c2", "\u03a3", "e\u0301",
    "\u0301", "\u0661", "\u06f1", "\u05d0", "\u05d1", "\u0634", "\u0628",
    "\u200c", "\u200d", "\u0915", "\u094d", "\u0937",
    "\u0915\u094d\u200d\u0937",
    "\u65e5", "\u672c", "\uff21", "\uff11", "\ufb01", "\u2163", "\u2103",
    "\u2665", "\U0001f600", "\u2020", "\u00ad", "\u200b", "\u2060", "\u0130",
    "\u0131", "\u017f", "\u212a", "\u212b", "\u2126", "xn--", "xn--a",
    "xn--mnchen-3ya", "xn--zca", "m\u00fcnchen", "\u4f8b\u3048",
    "\u0442\u0435\u0441\u0442", "\ud55c\uad6d", "\u0e44\u0e17\u0e22", "_", "*",
    "~", "!", "\u0378", "\ue000", "\ufdd0", "\U0001d400", "\U0010fffd",
    "\u2260", "\uff1d", "\u00bd", "\u00b2", "\u00b7", "l\u00b7l", "\u30fb",
    "\u05f3", "\u0375\u03b1", "\u30fc", "\u3000", "\u2024", "%C3%A4", "\ufdfa",
    "\u338f", "\u2488", "\U00010400", "\uab70", "\u13a0", "\u1c80", "\u1e96",
    "\u0390", "\u1f80", "\ufb00", "\u01c4", "\u0149",
]

NODE = """
const lines = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
for (const line of lines) {
  let host = null;
  try { host = new URL('http://' + JSON.parse(line) + '/').hostname; }
  catch (error) { host = null; }
  console.log(JSON.stringify(host));
}
"""


def usv(text):
    """A text as the standard takes it: lone surrogates are U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def host_of(line):
    if line == "!":
        return None
    said = dict(pair.split("=", 1) for pair in line.split(" "))
    return bytes.fromhex(said["hostname"]).decode()


def ask_ours(program, hosts):
    lines = [f"parse {usv(f'http://{host}/').encode().hex()} -"
             for host in hosts]
    done = subprocess.run([program, "idna"], input="\n".join(lines) + "\n",
                          capture_output=True, text=True, check=True)
    return [host_of(line) for line in done.stdout.splitlines()]


def ask_node(hosts):
    done = subprocess.run(["node", "-e", NODE], capture_output=True, text=True,
                          input="\n".join(map(json.dumps, hosts)), check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge_data(program, path):
    cases = [case for case in json.load(open(path, encoding="utf-8"))
             if isinstance(case, dict)]
    ours = ask_ours(program, [case["input"] for case in cases])
    wrong, left = 0, dict(DEVIATIONS)
    for case, our in zip(cases, ours):
        host, wanted = case["input"], case["output"]
        known = left.pop(host, (wanted, ""))
        if our != known[0] or (our == wanted and known[1]):
            wrong += 1
            print("differs:", ascii(host), ascii(wanted), ascii(our), known)
    print(f"{len(cases)} hosts, {wrong} wrong, {len(DEVIATIONS)} explained; "
          f"of these {len(left)} are none any more")
    return wrong == 0 and not left


def draw(source):
    text = "".join(source.choice(PIECES) for _ in range(source.randint(1, 6)))
    return text if not text.isascii() or "%C3" in text else text + "\u00e4"


def judge_node(program, seed):
    source = random.Random(int(seed))
    hosts = [draw(source) for _ in range(COUNT)]
    found = collections.Counter()
    for host, our, their in zip(hosts, ask_ours(program, hosts),
                                ask_node(hosts)):
        if our == their:
            found["agree"] += 1
            continue
        why = reason(host, our, their)
        found[why] += 1
        if why is None:
            print("differs:", ascii(host), our, their)
    for why, times in found.most_common():
        print(f"{times:8} {why}")
    print(f"{COUNT} hosts, seed {seed}: {found[None]} differ")
    return found[None] == 0


def main():
    program, how, argument = sys.argv[1:]
    judge = judge_data if how == "data" else judge_node
    sys.exit(0 if judge(program, argument) else 1)


main()
