"""Where a task stands: an unwinder that changes no register.

To gdb, the stack of a task that waits is what has called the function that
the selected thread stands in. So it works on core files too.
"""

import gdb
import gdb.unwinder

# The stack pointer, the frame pointer and where a task goes on.
REGISTERS = {
    "i386:x86-64": ("rsp", "rbp", "rip"),
    "aarch64": ("sp", "x29", "pc"),
    "riscv:rv64": ("sp", "fp", "pc"),
}


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
    return bool(root) and source(frame).startswith(root)


def source_root(frames):
    """Where the library's source lies: its outermost frame has begun all."""
    for frame in reversed(frames):
        path = source(frame)
        if path.endswith(".c") and (frame.name() or "").startswith("fm__"):
            parts = path.split("/")
            if len(parts) < 3 or parts[-1] == "fermata.c":
                return path
            return "/".join(parts[:-2]) + "/"
    return None


def source(frame):
    """As the compiler was told: relative or not, all of a library is alike."""
    symtab = frame.find_sal().symtab
    return symtab.filename if symtab else ""


def frames_from(frame):
    """As far as the stack can be read."""
    frames = []
    try:
        while frame is not None:
            frames.append(frame)
            frame = frame.older()
    except gdb.error:
        pass
    return frames


def called(frames):
    """How many of the innermost are the library's, that a user's has called."""
    root = source_root(frames)
    count, verb = 0, False
    for number, frame in enumerate(frames):
        if is_ours(frame, root):
            count, verb = number + 1, is_verb(frame)
        elif verb or source(frame):
            break
    return count


def telling(frames):
    """Without those in which the library waits, and that have begun it."""
    first = called(frames)
    if first == len(frames):
        return frames
    root = source_root(frames)
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
