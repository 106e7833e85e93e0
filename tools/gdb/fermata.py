"""The tasks of a program that uses Fermata, in gdb: help fm

    (gdb) source /usr/local/share/fermata/gdb/fermata.py
    (gdb) fm tasks

An ELF note leads to the root of the library's records, which says what lies
where: neither symbols nor debug information are needed. Nothing is run and
nothing is written, so a core file will do. A task that waits is shown by an
unwinder: to gdb its stack is what has called the selected thread.
"""

import re
import struct

import gdb
import gdb.unwinder

# struct fm__layout of src/inspect/root.h, in its order.
LAYOUT = """
    home_size home_next home_loop home_handles home_current home_alive
    home_started home_meters
    loop_now loop_polls loop_backend backend_name loop_thread loop_process
    handles_count handles_tag handles_chunks handles_chunk handles_slot_bits
    slot_size slot_task slot_generation
    task_size task_handle task_context task_waiter task_blocks task_reaper
    task_lookout task_owner task_children task_label task_name task_serial
    task_turns task_state task_cancelled task_marks owner_task stack_bottom
    waiter_size waiter_task waiter_kind waiter_since queued_list
    kind_size kind_name kind_what kind_at kind_first kind_second
    op_size op_kind op_fd timer_when block_outer block_kind block_is_timeout
    block_timer meter_chunks meter_size meter_cpu
""".split()
VERSION = 1
HEAD = 16  # bytes of the root before its layout

# enum fm__wait_what
(NOTHING, OPERATION, TIMER, REAPER, MEMBERS, LOOKOUT, TASK, DESCRIPTOR, LOCK,
 COUNTED, OBJECT) = range(11)
LISTED = 0x80

# The stack pointer, the frame pointer and where a task goes on.
REGISTERS = {
    "i386:x86-64": ("rsp", "rbp", "rip"),
    "aarch64": ("sp", "x29", "pc"),
    "riscv:rv64": ("sp", "fp", "pc"),
}


class Memory:
    """What lies at addresses; gdb.MemoryError where nothing does."""

    def __init__(self, inferior):
        self.inferior = inferior

    def bytes(self, address, size):
        return bytes(self.inferior.read_memory(address, size))

    def number(self, address, kind):
        size = struct.calcsize("=" + kind)
        return struct.unpack("=" + kind, self.bytes(address, size))[0]

    def pointer(self, address):
        return self.number(address, "Q")

    def raw(self, address, limit=256):
        """Up to a NUL; a page's end may be the end of what is there."""
        found = b""
        while len(found) < limit and b"\0" not in found:
            size = min(64, 4096 - address % 4096)
            found += self.bytes(address, size)
            address += size
        return found.split(b"\0")[0][:limit]

    def text(self, address):
        text = self.raw(address).decode("utf-8", "replace")
        return "".join(c if c.isprintable() else "?" for c in text)


def note_sections():
    """Addresses and sizes of the notes of all files that are loaded."""
    for line in gdb.execute("info files", to_string=True).splitlines():
        found = re.match(r"\s*(0x\w+) - (0x\w+) is (\.note\S*)", line)
        if found:
            start = int(found[1], 16)
            yield start, int(found[2], 16) - start


def notes(memory):
    """Address and size of what each note says that is Fermata's."""
    for start, size in note_sections():
        try:
            data = memory.bytes(start, size)
        except gdb.MemoryError:
            continue
        at = 0
        while at + 12 <= size:
            owner, said, kind = struct.unpack_from("=III", data, at)
            name = data[at + 12:at + 12 + owner]
            at += 12 + (owner + 3) // 4 * 4
            if name == b"fermata\0" and kind == 1:
                yield start + at, said
            at += (said + 3) // 4 * 4


class Root:
    """What the root says; the offsets of the layout are attributes of it."""

    def __init__(self, memory, address):
        magic, version = struct.unpack("=8sI", memory.bytes(address, 12))
        if magic != b"fermata\0":
            raise gdb.GdbError("Fermata's note leads to nothing: the program "
                               "has not begun, or its memory is damaged.")
        if version != VERSION:
            raise gdb.GdbError(f"This script knows version {VERSION} of the "
                               f"library's records, and in the program are "
                               f"those of version {version}: take the script "
                               "that came with its library.")
        size = 4 * len(LAYOUT)
        offsets = struct.unpack(f"={len(LAYOUT)}I",
                                memory.bytes(address + HEAD, size))
        self.__dict__.update(zip(LAYOUT, offsets))
        rest = address + (HEAD + size + 7) // 8 * 8
        self.library = memory.text(memory.pointer(rest))
        self.op_names = memory.pointer(rest + 8)
        self.op_count = memory.number(rest + 16, "I")
        self.first = memory.pointer(rest + 24)


class Loop:
    """One of a thread."""

    def __init__(self, memory, root, home):
        loop = home + root.home_loop
        self.home = home
        self.now = memory.number(loop + root.loop_now, "q")
        self.thread = memory.number(loop + root.loop_thread, "i")
        current = memory.pointer(home + root.home_current)
        self.running = memory.pointer(current) if current else 0


class Task:
    """One of a loop."""

    def __init__(self, program, loop, address):
        memory, root = program.memory, program.root
        data = memory.bytes(address, root.task_size)

        def field(offset, kind="Q"):
            return struct.unpack_from("=" + kind, data, offset)[0]

        self.number = 0
        self.loop = loop
        self.address = address
        self.id = field(root.task_handle)
        self.turns = field(root.task_turns, "I")
        self.order = field(root.task_serial, "I")
        self.reaper = field(root.task_reaper)
        self.lookout = field(root.task_lookout)
        self.owner = field(root.task_owner)
        self.waiter = field(root.task_waiter)
        self.sp, self.fp, self.pc = (
            field(root.task_context + 8 * i) for i in range(3))
        self.name = memory.text(field(root.task_name))
        self.site = program.site(field(root.task_label))
        self.parent = None
        self.state = "ready"
        if field(root.task_state, "B"):
            self.state = "ended"
        elif loop.running == address:
            self.state = "running"
        elif self.waiter:
            self.state = "waiting"

    @property
    def title(self):
        return f"{self.name} {self.id:x}"


class Program:
    """All tasks of the selected inferior."""

    def __init__(self):
        inferior = gdb.selected_inferior()
        if not inferior.pid:
            raise gdb.GdbError("No program runs here, and no core file is "
                               "loaded.")
        self.memory = Memory(inferior)
        self.sites = {}
        self.root = self.find_root()
        self.tasks = []
        self.skipped = 0
        home = self.root.first
        while home:
            loop = Loop(self.memory, self.root, home)
            self.tasks += self.read_loop(loop)
            home = self.memory.pointer(home + self.root.home_next)
        self.relate()

    def find_root(self):
        for address, size in notes(self.memory):
            if size >= 8:
                root = address + self.memory.number(address, "q")
                return Root(self.memory, root)
        raise gdb.GdbError("Fermata is not in this program, or gdb has not "
                           "read the program's file: see \"help file\".")

    def site(self, label):
        """Of name NUL site, the latter; few labels have many tasks."""
        if label not in self.sites:
            size = len(self.memory.raw(label))
            self.sites[label] = self.memory.text(label + size + 1)
        return self.sites[label]

    def read_loop(self, loop):
        memory, root = self.memory, self.root
        handles = memory.pointer(loop.home + root.home_handles)
        count = memory.number(handles + root.handles_count, "I")
        found = []
        for first in range(0, count, root.handles_chunk):
            chunk = memory.pointer(handles + root.handles_chunks
                                   + 8 * (first // root.handles_chunk))
            size = min(root.handles_chunk, count - first)
            data = memory.bytes(chunk, size * root.slot_size)
            for at in range(root.slot_task, len(data), root.slot_size):
                address = struct.unpack_from("=Q", data, at)[0]
                if address:
                    found += self.read_task(loop, address)
        return sorted(found, key=lambda task: task.order)

    def read_task(self, loop, address):
        try:
            return [Task(self, loop, address)]
        except gdb.MemoryError:
            self.skipped += 1
            return []

    def relate(self):
        """Numbers the tasks, and finds who has to do with whom."""
        self.by_address = {task.address: task for task in self.tasks}
        self.by_id = {task.id: task for task in self.tasks}
        self.by_listener = {}
        for number, task in enumerate(self.tasks, 1):
            task.number = number
            for listener in {task.reaper, task.lookout} - {0}:
                self.by_listener.setdefault(listener, []).append(task)
            try:
                owner = self.memory.pointer(task.owner + self.root.owner_task)
                task.parent = self.by_address.get(owner)
            except gdb.MemoryError:
                pass

    def wait(self, task):
        """What a task waits for, in words."""
        if task.state != "waiting":
            return ""
        try:
            return Wait(self, task).words()
        except gdb.MemoryError:
            return "?"

    def find(self, word):
        """The tasks that a user means: by number, id or name."""
        found = [task for task in self.tasks if word == task.name]
        if not found and word.isdecimal() and int(word) <= len(self.tasks):
            found = self.tasks[int(word) - 1:int(word)]
        if not found and re.fullmatch("(0x)?[0-9a-fA-F]{9,16}", word):
            found = [task for task in self.tasks if task.id == int(word, 16)]
        if not found:
            raise gdb.GdbError(f"There is no task \"{word}\": give the number, "
                               "the id or the name that \"fm tasks\" shows.")
        return found


class Wait:
    """What a waiting task's record says of it: see enum fm__wait_what."""

    def __init__(self, program, task):
        memory, root = program.memory, program.root
        kind = memory.pointer(task.waiter + root.waiter_kind)
        data = memory.bytes(kind, root.kind_size)

        def field(offset):
            return struct.unpack_from("=h", data, offset)[0]

        self.program = program
        self.task = task
        self.name = memory.text(memory.pointer(kind + root.kind_name))
        self.what = data[root.kind_what] & ~LISTED
        self.first = field(root.kind_first)
        self.second = field(root.kind_second)
        self.place = task.waiter + field(root.kind_at)
        if data[root.kind_what] & LISTED:
            line = memory.pointer(task.waiter + root.queued_list)
            self.object = line - field(root.kind_at)
        elif self.what not in (NOTHING, OPERATION, TIMER, REAPER, LOOKOUT):
            self.object = memory.pointer(self.place)

    def words(self):
        say = {OPERATION: self.operation, TIMER: self.timer,
               REAPER: self.tasks, MEMBERS: self.tasks, LOOKOUT: self.tasks,
               TASK: self.other, DESCRIPTOR: self.descriptor, LOCK: self.lock,
               COUNTED: self.counted}
        return self.name + say.get(self.what, str)()

    def operation(self):
        memory, root = self.program.memory, self.program.root
        fd = memory.number(self.place + root.op_fd, "i")
        kind = memory.number(self.place + root.op_kind, "i")
        if self.name == "operation" and 0 <= kind < root.op_count:
            self.name = memory.text(memory.pointer(root.op_names + 8 * kind))
        return f" on fd {fd}" if fd >= 0 else ""

    def timer(self):
        when = self.program.memory.number(
            self.place + self.program.root.timer_when, "q")
        left = when - self.task.loop.now if when >= 0 else -when - 1
        return f", {max(left, 0) / 1e9:.3g} s left"

    def tasks(self):
        at = self.place if self.what != MEMBERS else self.object + self.first
        names = [task.name for task in self.program.by_listener.get(at, [])
                 if task.state != "ended"]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        any_of = "any of " if self.what == LOOKOUT else ""
        return ": " + any_of + ", ".join(names[:3]) + more if names else ""

    def other(self):
        task = self.program.by_address.get(self.object)
        return ": " + task.name if task else ""

    def descriptor(self):
        fd = self.program.memory.number(self.object + self.first, "i")
        return f" on fd {fd}" if fd >= 0 else ""

    def lock(self):
        holder = self.program.memory.pointer(self.object + self.first)
        task = self.program.by_id.get(holder)
        return ", held by " + task.title if task else ""

    def counted(self):
        count, limit = (
            self.program.memory.pointer(self.object + at) if at else 0
            for at in (self.first, self.second))
        return f", has {count}" + (f" of {limit}" if limit else "")


class TaskUnwinder(gdb.unwinder.Unwinder):
    """Says that a task's innermost frame has called the thread's."""

    def __init__(self):
        super().__init__("fermata")
        self.task = None
        self.place = None
        self.names = None

    def __call__(self, pending):
        if self.task is None or self.place != (
                int(pending.read_register(self.names[0])),
                int(pending.read_register(self.names[2]))):
            return None
        # To gdb a caller lies higher in memory than who is called.
        info = pending.create_unwind_info(FrameId(self.task))
        values = (self.task.sp, self.task.fp, self.task.pc)
        for name, value in zip(self.names, values):
            kind = pending.read_register(name).type
            info.add_saved_register(name, gdb.Value(value).cast(kind))
        return info

    def begin(self, task):
        """The task's innermost frame, until end()."""
        frame = gdb.newest_frame()
        self.names = REGISTERS.get(frame.architecture().name())
        if self.names is None:
            raise gdb.GdbError("Of this machine it is not known where its "
                               "tasks keep their registers.")
        self.place = tuple(
            int(frame.read_register(self.names[i])) for i in (0, 2))
        self.task = task
        gdb.invalidate_cached_frames()
        frame = gdb.newest_frame()
        while frame is not None and not (
                frame.pc() == task.pc
                and int(frame.read_register(self.names[0])) == task.sp):
            frame = frame.older()
        return frame

    def end(self):
        self.task = None
        gdb.invalidate_cached_frames()


class FrameId:
    """The frame that the thread stands in, while a task is shown."""

    def __init__(self, task):
        void = gdb.lookup_type("char").pointer()
        self.sp = gdb.Value(task.sp - 16).cast(void)
        self.pc = gdb.Value(task.pc).cast(void)


UNWINDER = TaskUnwinder()
gdb.unwinder.register_unwinder(None, UNWINDER, replace=True)


# ---- what is shown ---------------------------------------------------------


def arguments(frame):
    """A function's arguments, as gdb shows them."""
    try:
        block = frame.block()
        while block.function is None:
            block = block.superblock
        names = [symbol for symbol in block if symbol.is_argument]
    except (RuntimeError, AttributeError):
        return ""
    return ", ".join(f"{symbol.name}={argument(frame, symbol)}"
                     for symbol in names)


def argument(frame, symbol):
    try:
        return symbol.value(frame).format_string(summary=True, max_elements=20)
    except (gdb.error, TypeError, ValueError):
        return "?"


def frame_line(number, frame):
    sal = frame.find_sal()
    if frame.name() is None:
        return f"#{number:<3}{frame.pc():#018x} in ?? ()"
    line = f"#{number:<3}{frame.name()} ({arguments(frame)})"
    if sal.symtab is not None:
        return f"{line} at {sal.symtab.filename}:{sal.line}"
    library = gdb.solib_name(frame.pc())
    return line + (f" from {library}" if library else "")


def is_verb(frame):
    name = frame.name() or ""
    return name.startswith("fm_") and not name.startswith("fm__")


def is_ours(frame, root):
    """Whether a frame is the library's: by name, by file or by source."""
    if (frame.name() or "").startswith("fm_"):
        return True
    if "libfermata" in (gdb.solib_name(frame.pc()) or ""):
        return True
    symtab = frame.find_sal().symtab
    return bool(root and symtab and symtab.fullname().startswith(root))


def source_root(innermost):
    """Where the library's source lies: that of the innermost frame does."""
    symtab = innermost.find_sal().symtab
    if symtab is None or not (innermost.name() or "").startswith("fm_"):
        return None
    path = symtab.fullname()
    if path.endswith("/fermata.c"):
        return path
    return "/".join(path.split("/")[:-2]) + "/"


def frames_from(frame):
    frames = []
    while frame is not None:
        frames.append(frame)
        frame = frame.older()
    return frames


def called(frames):
    """How many of the innermost are the library's, that a user's has called."""
    root = source_root(frames[0])
    count, verb = 0, False
    for number, frame in enumerate(frames):
        if is_ours(frame, root):
            count, verb = number + 1, is_verb(frame)
        elif verb or frame.find_sal().symtab is not None:
            break
    return count


def telling(frames):
    """Without those in which the library waits, and that have begun it."""
    first = called(frames)
    if first == len(frames):
        return frames
    root = source_root(frames[0])
    last = len(frames)
    while last > first + 1 and is_ours(frames[last - 1], root):
        last -= 1
    if first > 0 and is_verb(frames[first - 1]):
        first -= 1
    return frames[first:last]


def print_frames(frame):
    for number, shown in enumerate(telling(frames_from(frame))):
        print(frame_line(number, shown))


def thread_of(task):
    for thread in gdb.selected_inferior().threads():
        if thread.ptid[1] == task.loop.thread:
            return thread
    return None


class Within:
    """With a task's innermost frame; then all is as it was."""

    def __init__(self, program, task):
        self.task = task
        self.told = program.root.task_context != 0

    def __enter__(self):
        self.thread = gdb.selected_thread()
        if self.thread is None:
            raise gdb.GdbError("No thread is selected, and without one gdb "
                               "shows no frames.")
        if not self.told:
            raise gdb.GdbError("This library switches its tasks by ucontext, "
                               "and does not tell where they stand.")
        self.level = gdb.selected_frame().level()
        try:
            return self.innermost()
        except BaseException:
            self.__exit__()
            raise

    def innermost(self):
        if self.task.state != "running":
            frame = UNWINDER.begin(self.task)
            if frame is None:
                raise gdb.GdbError(f"The stack of {self.task.title} cannot be "
                                   "read.")
            return frame
        thread = thread_of(self.task)
        if thread is None:
            raise gdb.GdbError(f"{self.task.title} runs on thread "
                               f"{self.task.loop.thread}, which gdb does not "
                               "have.")
        thread.switch()
        return gdb.newest_frame()

    def __exit__(self, *why):
        UNWINDER.end()
        self.thread.switch()
        frame = gdb.newest_frame()
        while frame.level() < self.level and frame.older() is not None:
            frame = frame.older()
        frame.select()


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
    rows = [("#", "ID", "NAME", "STATE", "WAITS FOR", "TURNS", "STARTED AT")]
    for task in program.tasks:
        rows.append((str(task.number), f"{task.id:x}", task.name, task.state,
                     program.wait(task), str(task.turns), task.site))
    widths = [min(max(len(row[i]) for row in rows), 48) for i in range(7)]
    for row in rows:
        cells = [row[i].rjust(widths[i]) if i in (0, 5)
                 else row[i].ljust(widths[i]) for i in range(7)]
        print("  ".join(cells).rstrip())


ALIKE = 4  # of one owner, and more, are one line


def tree(program):
    below = {}
    for task in program.tasks:
        below.setdefault(task.parent, []).append(task)

    def shape(task):
        alone = task if task in below else None
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

    def draw(tasks, before):
        drawn = list(lines(tasks))
        for number, (task, line) in enumerate(drawn):
            last = number == len(drawn) - 1
            print(before + ("└─ " if last else "├─ ") + line)
            draw(below.get(task, []), before + ("   " if last else "│  "))

    for task, line in lines(below.get(None, [])):
        print(line)
        draw(below.get(task, []), "")


# ---- the commands ----------------------------------------------------------


class Fm(gdb.Command):
    """The tasks of a program that uses Fermata.

fm tasks         all of them, and what each waits for
fm tree          who has started whom
fm bt TASK       where a task stands; fm bt all: where each does
fm apply TASK COMMAND   a command of gdb where the task stands

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
