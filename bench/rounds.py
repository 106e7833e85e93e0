"""Runs the programs, round after round, each on one processor.

A figure of one round is compared only with figures of the same round: inside
a round the programs of one comparison run right after each other, in random
order. Servers are asked by bench/load, which does so on a smaller scale.
"""

import math
import os
import random
import resource
import subprocess
from pathlib import Path
from statistics import median

from kinds import Load, programs_of
from reads import FILES
from rows import NAP

ROOT = Path(__file__).resolve().parent.parent
OUT = Path(os.environ.get("FERMATA_BENCH", ROOT / "build/bench")).resolve()
LONGEST = 120  # seconds that one program may take
BESIDE = ("answering", "asking", "swallowing")  # run what follows, and serve it
TOO_SHORT = 3  # exit status: sleepers woke before all had gone to sleep


def first_nap(command):
    """Milliseconds that sleepers sleep; later ones go by the last round."""
    return max(500, int(command[-2]) // 125)


class Results:
    """figures[bench][case][program]: one figure a round."""

    def __init__(self):
        self.figures = {}
        self.missing = {}  # bench and program: the reason
        self.rounds = 0
        self.noise = {}

    def add(self, bench, case, program, value):
        cases = self.figures.setdefault(bench, {})
        cases.setdefault(case, {}).setdefault(program, []).append(value)

    def of(self, bench, case, program):
        return self.figures.get(bench, {}).get(case, {}).get(program, [])

    def median(self, bench, case, program):
        values = self.of(bench, case, program)
        return median(values) if values else None

    def ratios(self, bench, case, program, other):
        """program's figure over other's, in each round."""
        pairs = zip(
            self.of(bench, case, program), self.of(bench, case, other)
        )
        return [mine / theirs for mine, theirs in pairs if theirs > 0]

    def ratio(self, bench, case, program, other):
        ratios = self.ratios(bench, case, program, other)
        return median(ratios) if ratios else None

    def best(self, bench, case, wanted):
        """That of the wanted programs whose figure is the best."""
        figures = self.figures.get(bench.name, {}).get(case.key, {})
        names = [n for n in programs_of(bench) if wanted(n) and figures.get(n)]
        sign = -1 if case.more else 1
        return min(
            names, key=lambda name: sign * median(figures[name]), default=None
        )

    def why_missing(self, bench, program):
        return self.missing.get((bench, program))


class Runner:
    def __init__(self, report):
        self.processors = sorted(os.sched_getaffinity(0))
        self.report = report
        self.naps = {}
        self.results = Results()
        os.sched_setaffinity(0, self.processors[:-1] or self.processors)
        self.unbuilt = {
            path.name: path.read_text().strip()
            for path in (OUT / "missing").iterdir()
        }

    def run(self, benches, rounds):
        before = self.processor_time()
        for number in range(rounds):
            for bench in benches:
                for run in bench.runs:
                    self.compare(bench, run, f"{number + 1} of {rounds}")
        self.results.rounds = rounds
        self.results.noise = self.noise(before, self.processor_time())
        return self.results

    def compare(self, bench, run, which):
        if isinstance(run, Load):
            self.report(f"round {which}: {bench.name}, {run.case}")
            self.load(bench.name, run)
            return
        for program in random.sample(sorted(run.programs), len(run.programs)):
            if self.results.why_missing(bench.name, program) is None:
                self.report(f"round {which}: {bench.name}, {program}")
                self.measure(bench.name, program, run)

    def measure(self, bench, program, run):
        status, out, error = self.execute(program, run)
        if status != 0:
            lines = error.strip().splitlines() or [f"status {status}"]
            self.lose(bench, program, lines[-1])
            return
        for line in out.splitlines():
            name, case, value = line.split()
            if name == (run.prints or bench):
                self.results.add(bench, run.case or case, program, float(value))
            if case == "started":
                nap = math.ceil(1300 * float(value)) + 100
                self.naps[tuple(run.programs[program])] = nap

    def lose(self, bench, program, reason):
        """A figure that is not there in each round is none."""
        self.results.missing[(bench, program)] = reason
        for cases in self.results.figures.get(bench, {}).values():
            cases.pop(program, None)

    def load(self, bench, run):
        words = ["load", bench, run.case, *run.settings]
        for program, command in run.programs.items():
            if self.results.why_missing(bench, program) is not None:
                continue
            found, reason = self.find(command)
            if reason:
                self.lose(bench, program, reason)
            else:
                words += ["--", program, *found]
        status, out, error = self.start(words, self.processors)
        for line in out.splitlines():
            name, program, *rest = line.split()
            if name == "failed":
                self.lose(bench, program, " ".join(rest))
            elif self.results.why_missing(bench, program) is None:
                self.results.add(bench, rest[0], program, float(rest[1]))
        if status != 0:
            for program in run.programs:
                self.lose(bench, program, error.strip() or f"status {status}")

    def execute(self, program, run):
        """Sleepers that woke too early try again with twice the time."""
        command = run.programs[program]
        processors = self.processors if run.threads else self.processors[-1:]
        if NAP not in command:
            return self.start(command, processors)
        while True:
            nap = self.naps.setdefault(tuple(command), first_nap(command))
            words = [str(nap) if word == NAP else word for word in command]
            status, out, error = self.start(words, processors)
            if status != TOO_SHORT or nap > LONGEST * 1000 / 4:
                return status, out, error
            self.naps[tuple(command)] = 2 * nap

    def find(self, words):
        """The command with its paths, and why there is none."""
        if "=" in words[0]:
            inner, reason = self.find(words[1:])
            return ["env", words[0], *inner], reason
        if words[0] in BESIDE:
            inner, reason = self.find(words[1:])
            return [OUT / "bin" / words[0], *inner], reason
        built, *rest = words[0].split("/")
        if built in self.unbuilt:
            return words, self.unbuilt[built]
        if words[1:2] == ["peer.py"]:
            script = ROOT / "bench/peers/python/peer.py"
            found = OUT / words[0] if rest else words[0]
            return [found, script, *words[2:]], None
        path = OUT / "bin" / words[0]
        if not path.exists():
            return words, f"{path} was not built"
        small = OUT / "files"
        return [path, *(small if w == FILES else w for w in words[1:])], None

    def start(self, words, processors):
        command, reason = self.find(words)
        if reason:
            return 127, "", reason
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                timeout=LONGEST,
                env=self.environment(),
                preexec_fn=lambda: os.sched_setaffinity(0, processors),
            )
        except FileNotFoundError as error:
            return 127, "", f"{error.filename} was not built"
        except subprocess.TimeoutExpired:
            return 124, "", f"took more than {LONGEST} s"
        return done.returncode, done.stdout, done.stderr

    @staticmethod
    def environment():
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("FERMATA_")
        }
        certificate = {"BENCH_CERTIFICATE": str(OUT / "certificate.pem")}
        return kept | {"GOMAXPROCS": "1"} | certificate

    @staticmethod
    def processor_time():
        """Seconds: busy and stolen on the machine, used by our programs."""
        tick = os.sysconf("SC_CLK_TCK")
        with open("/proc/stat") as stat:
            words = stat.readline().split()
        user, nice, system, idle, wait, irq, soft, steal = map(int, words[1:9])
        used = [
            resource.getrusage(resource.RUSAGE_CHILDREN),
            resource.getrusage(resource.RUSAGE_SELF),
        ]
        return {
            "busy": (user + nice + system + irq + soft) / tick,
            "stolen": steal / tick,
            "idle": (idle + wait) / tick,
            "own": sum(part.ru_utime + part.ru_stime for part in used),
        }

    @staticmethod
    def noise(before, after):
        """What was taken from our programs, as parts of the whole time."""
        spent = {name: after[name] - before[name] for name in before}
        whole = spent["busy"] + spent["stolen"] + spent["idle"]
        others = max(0.0, spent["busy"] - spent["own"])
        return {
            "others": others / whole if whole else 0.0,
            "stolen": spent["stolen"] / whole if whole else 0.0,
            "seconds": whole / (os.cpu_count() or 1),
        }
