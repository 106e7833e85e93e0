"""trace_judge.py - reads a trace as a viewer does, and finds what is wrong

    trace_judge.py FILE [cut|short] [COMMAND]

A cut trace is one of a program that was killed: its array has no end, its last
line may be part of one, and slices may be open. A short one has lost steps:
tasks in it may begin anywhere. Commands print: `story` what each track has in
it, by moments since the trace began; `open` the slices without an end, by the
tracks' names.
"""
import collections
import json
import sys


def wrong(text):
    sys.exit(f"trace_judge: {text}")


def nanoseconds(microseconds):
    return round(microseconds * 1000)


def read(path, cut):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8")
    if cut:
        text = text[:text.rindex("\n") + 1].rstrip().rstrip(",") + "]"
    elif not text.endswith("}\n]\n"):
        wrong("the array does not end")
    return json.loads(text)


class Track:
    def __init__(self):
        self.name = None
        self.moment = 0
        self.slices = []
        self.story = []


class Trace:
    def __init__(self, events, cut, short):
        self.tracks = collections.defaultdict(Track)
        self.operations = {}
        self.arrows = set()
        self.begin = min(event["ts"] for event in events)
        for event in events:
            self.take(event)
        for track in self.tracks.values():
            if track.slices and not cut:
                wrong(f"{track.name} ends with {track.slices} open")
            if track.name is None and not short:
                wrong(f"a track has no name: {track.story}")
        if self.operations and not cut:
            wrong(f"operations are open: {self.operations}")

    def take(self, event):
        track = self.tracks[event["tid"]]
        take = getattr(self, "take_" + event["ph"])
        moment = nanoseconds(event["ts"])
        if event["ph"] != "M":
            if moment < track.moment:
                wrong(f"time goes back: {event}")
            track.moment = moment + nanoseconds(event.get("dur", 0))
        take(track, event)

    def note(self, track, text, event):
        args = event.get("args", {})
        track.story.append(
            f"{round(event['ts'] - self.begin)} {text}" +
            "".join(f" {key}={value}" for key, value in args.items()
                    if key not in ("task", "site", "holder", "object")))

    def take_M(self, track, event):
        if event["name"] == "thread_name":
            track.name = event["args"]["name"]

    def take_B(self, track, event):
        if track.slices:
            wrong(f"inside of {track.slices}: {event}")
        track.slices.append(event["name"])
        self.note(track, event["name"], event)

    def take_E(self, track, event):
        if not track.slices:
            wrong(f"no slice is open: {event}")
        self.note(track, "/" + track.slices.pop(), event)

    def take_X(self, track, event):
        if track.slices:
            wrong(f"inside of {track.slices}: {event}")
        self.note(track, f"{event['name']} {round(event['dur'])}", event)

    def take_i(self, track, event):
        self.note(track, event["name"], event)

    def take_C(self, track, event):
        if event["args"]["count"] < 0:
            wrong(f"less than nothing: {event}")
        self.note(track, event["name"], event)

    def take_b(self, track, event):
        key = event["cat"], event["id2"]["local"]
        if key in self.operations:
            wrong(f"twice begun: {event}")
        self.operations[key] = event["name"]
        self.note(track, "(" + event["name"], event)

    def take_e(self, track, event):
        key = event["cat"], event["id2"]["local"]
        if self.operations.pop(key, None) != event["name"]:
            wrong(f"never begun: {event}")
        self.note(track, ")" + event["name"], event)

    def take_s(self, track, event):
        if track.slices != ["turn"] or event["id"] in self.arrows:
            wrong(f"an arrow from nowhere: {event}")
        self.arrows.add(event["id"])

    def take_f(self, track, event):
        if track.slices != ["turn"] or event["id"] not in self.arrows:
            wrong(f"an arrow to nowhere: {event}")
        self.arrows.remove(event["id"])

    def tell(self, command):
        if command == "story":
            for track in self.tracks.values():
                print(f"{track.name}: " + ", ".join(track.story))
        elif command == "open":
            for track in self.tracks.values():
                for name in track.slices:
                    print(f"{track.name}: {name}")
        else:
            wrong(f"what is {command}?")


def main():
    path, *words = sys.argv[1:]
    how = words.pop(0) if words and words[0] in ("cut", "short") else None
    trace = Trace(read(path, how == "cut"), how == "cut", how == "short")
    if words:
        trace.tell(words[0])


main()
