"""strange_judge.py - whether what ps tells of a strange_tree is what it is

    strange_judge.py SHAPE FILE [COUNT]

FILE is what `fermata ps --json` wrote; a crowd has COUNT sleepers. Says what
is wrong, and ends with 1.
"""
import collections
import json
import sys

shape, path, *count = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    told = json.load(file)
tasks, loops = told["tasks"], told["loops"]
by_id = {task["id"]: task for task in tasks}
named = collections.defaultdict(list)
for one in tasks:
    named[one["name"]].append(one)
states = collections.Counter((task["name"], task["state"]) for task in tasks)


def waits(task):
    return task["wait"]["name"] if task["wait"] else None


def circle():
    (parent,), (child,) = named["circle"], named["child"]
    assert parent["wait"]["tasks"] == [child["id"]], parent
    assert child["wait"]["tasks"] == [parent["id"]], child
    assert child["wait"]["kind"] == "lock", child
    assert child["parent"] == parent["id"]
    assert parent["circle"] == child["circle"] == 1
    assert len(told["circles"]) == 1 and len(told["circles"][0]) == 2


def busy():
    (hog,) = named["hog"]
    assert hog["state"] == "running" and hog["pc"] is None, hog
    assert states["later", "ready"] == 2, states
    assert all(task["turns"] == 0 for task in named["later"])
    (waiting,) = named["busy"]
    assert set(waiting["wait"]["tasks"]) == {
        task["id"] for task in named["hog"] + named["later"]}, waiting
    assert not loops[0]["waiting"]


def leak():
    assert states["leaf", "ended"] == 5000, states
    (owner,) = named["leak"]
    assert all(task["parent"] == owner["id"] for task in named["leaf"])
    assert loops[0]["started"] >= 5001
    assert owner["wait"]["left"] > 0


def copy():
    """gdb stops at the first page that it cannot read, as a guard's is where
    that is a marker: what it leaves out is counted, and nothing is made up."""
    if told["skipped"] > 0:
        assert not tasks and told["skipped"] == 5002, told["skipped"]
        assert loops[0]["alive"] == 5002
    else:
        leak()


def crowd():
    many = int(count[0])
    assert states["sleeper", "waiting"] == many, states
    assert len({task["id"] for task in tasks}) == len(tasks) == many + 1
    assert {waits(task) for task in named["sleeper"]} == {"sleep"}
    assert not told["circles"]


def threads():
    assert len(loops) == 3 and len({loop["thread"] for loop in loops}) == 3
    assert states["on_each_loop", "waiting"] == 3, states
    assert states["resident", "waiting"] == 3, states
    assert {task["loop"] for task in named["on_each_loop"]} == {0, 1, 2}


def storm():
    """Any moment: each task is true by itself, or is left out and counted."""
    assert set(named) <= {"storm", "drop"}, states
    assert len(named["storm"]) + told["skipped"] >= 1, states
    owners = {task["id"] for task in named["storm"]} | {None}
    assert all(task["parent"] in owners for task in named["drop"])
    assert {task["state"] for task in named["drop"]} <= {
        "running", "ready", "ended"}, states


assert told["skipped"] == 0 or shape in ("storm", "copy"), told["skipped"]
assert all(task["parent"] is None or task["parent"] in by_id
           for task in tasks)
{"circle": circle, "busy": busy, "leak": leak, "copy": copy, "crowd": crowd,
 "loops": threads, "storm": storm}[shape]()
