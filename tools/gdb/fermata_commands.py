"""The commands that begin with fm."""

import gdb

import fermata_circles
from fermata_core import FmGcore
from fermata_frames import Within, called, frames_from, print_frames
from fermata_tasks import Program

ALIKE = 4  # of one owner, and more, are one line


def backtrace(program, task):
    wait = program.wait(task)
    print(f"Task {task.number}: {task.title}, started at {task.site}, "
          + (f"waits for {wait}" if wait else f"is {task.state}"))
    if task.state == "ended":
        return
    if task.state == "ready" and task.turns == 0 and task.fp == 0:
        print("It has not begun.")
        return
    with Within(program, task) as frame:
        print_frames(frame)


def table(program):
    fermata_circles.mark(program.tasks, program.held_by)
    rows = [("#", "ID", "NAME", "STATE", "WAITS FOR", "TURNS", "STARTED AT")]
    for task in program.tasks:
        rows.append((str(task.number), f"{task.id:x}", task.name, task.state,
                     program.wait(task), str(task.turns), task.site))
    widths = [min(max(len(row[i]) for row in rows), 48) for i in range(7)]
    for row in rows:
        cells = [row[i].rjust(widths[i]) if i in (0, 5)
                 else row[i].ljust(widths[i]) for i in range(7)]
        print("  ".join(cells).rstrip())


def tree(program):
    fermata_circles.mark(program.tasks, program.held_by)
    below = {}
    for task in program.tasks:
        below.setdefault(task.parent, []).append(task)

    def shape(task):
        alone = task if task in below or task.circle else None
        kind = program.wait(task).split(",")[0] or task.state
        return alone, task.name, task.site, kind

    def lines(tasks):
        """A task and what is said of it; once for all that are alike."""
        alike = {}
        for task in tasks:
            alike.setdefault(shape(task), []).append(task)
        for (_, name, _, kind), its in alike.items():
            if len(its) >= ALIKE:
                yield its[0], f"{len(its):,} x {name}: {kind}"
            else:
                for task in its:
                    wait = program.wait(task) or task.state
                    yield task, f"{task.title}: {wait}"

    left = [(task, line, "", "") for task, line in lines(below.get(None, []))]
    left.reverse()
    while left:
        task, line, here, before = left.pop()
        print(here + line)
        its = list(lines(below.get(task, [])))
        for number, (child, text) in reversed(list(enumerate(its))):
            last = number == len(its) - 1
            left.append((child, text, before + ("└─ " if last else "├─ "),
                         before + ("   " if last else "│  ")))


class Fm(gdb.Command):
    """The tasks of a program that uses Fermata.

fm tasks         all of them, and what each waits for
fm tree          who has started whom
fm bt TASK       where one stands; fm bt all: where each does
fm apply TASK COMMAND
                 a command of gdb where one stands
fm gcore FILE    a core file that has their stacks

TASK is the number, the id or the name that "fm tasks" shows. Nothing is
changed and nothing is run, so a core file will do."""

    def __init__(self):
        super().__init__("fm", gdb.COMMAND_STACK, prefix=True)


class FmTasks(gdb.Command):
    """All tasks, and what each waits for, in the order of their start.

The numbers hold until the program goes on; an id is a task's alone."""

    def __init__(self):
        super().__init__("fm tasks", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        program = Program()
        table(program)
        if program.skipped:
            print(f"{program.skipped} could not be read.")


class FmTree(gdb.Command):
    """Who has started whom, and what each waits for."""

    def __init__(self):
        super().__init__("fm tree", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        tree(Program())


class FmBt(gdb.Command):
    """Where a task stands: fm bt TASK, or fm bt all.

TASK is the number, the id or the name that "fm tasks" shows; of a name that
several have, all are shown."""

    def __init__(self):
        super().__init__("fm bt", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        word = arg.strip()
        if not word:
            raise gdb.GdbError("Of which task? fm bt TASK, or fm bt all.")
        program = Program()
        tasks = program.tasks if word == "all" else program.find(word)
        for number, task in enumerate(tasks):
            if number > 0:
                print()
            backtrace(program, task)


class FmApply(gdb.Command):
    """A command of gdb where a task stands: fm apply TASK COMMAND.

    (gdb) fm apply cook info locals
    (gdb) fm apply 5 up 2

The frame that is selected for it is that of the task's own function which has
called the library, or the innermost."""

    def __init__(self):
        super().__init__("fm apply", gdb.COMMAND_STACK)

    def invoke(self, arg, from_tty):
        word, _, command = arg.strip().partition(" ")
        if not command:
            raise gdb.GdbError("What, and where? fm apply TASK COMMAND.")
        program = Program()
        for task in program.find(word):
            with Within(program, task) as innermost:
                frames = frames_from(innermost)
                first = called(frames)
                frames[first if first < len(frames) else 0].select()
                gdb.execute(command, from_tty)


Fm()
FmTasks()
FmTree()
FmBt()
FmApply()
FmGcore()
