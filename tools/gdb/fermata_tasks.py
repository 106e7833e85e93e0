"""The tasks of a program, out of its memory.

An ELF note leads to the root of the library's records, which says what lies
where: neither symbols nor debug information are needed.
"""

import re
import struct

import gdb

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
    when_size when_kind when_object when_number when_wait source_size
    source_timer
""".split()
VERSION = 1
HEAD = 48  # bytes of the root before its layout

# enum fm__wait_what
(NOTHING, OPERATION, TIMER, REAPER, MEMBERS, LOOKOUT, TASK, DESCRIPTOR, LOCK,
 COUNTED, OBJECT, CHOICES) = range(12)
LISTED = 0x80
NEVER = 2 ** 63 - 1  # of a timer
BLOCKS = 64  # around a task; more is nonsense
CHOICES_MOST = 64  # FM_SELECT_MOST


def span(seconds):
    if seconds < 59.5:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours = minutes // 60
    if minutes < 60:
        return f"{minutes} min {rest} s"
    if hours < 48:
        return f"{hours} h {minutes % 60} min"
    return f"{hours // 24} d {hours % 24} h"


def soonest(lefts):
    """None is what never comes."""
    return min((left for left in lefts if left is not None), default=None)


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
        magic, version, size = struct.unpack("=8sII",
                                             memory.bytes(address, 16))
        if magic != b"fermata\0":
            raise gdb.GdbError("Fermata's note leads to nothing: the program "
                               "has not begun, or its memory is damaged.")
        if version != VERSION or size < HEAD + 4 * len(LAYOUT):
            raise gdb.GdbError(f"This script knows version {VERSION} of the "
                               f"library's records, and in the program are "
                               f"those of version {version}: take the script "
                               "that came with its library.")
        size = 4 * len(LAYOUT)
        offsets = struct.unpack(f"={len(LAYOUT)}I",
                                memory.bytes(address + HEAD, size))
        self.__dict__.update(zip(LAYOUT, offsets))
        self.release = memory.text(memory.pointer(address + 16))
        self.op_names = memory.pointer(address + 24)
        self.op_count = memory.pointer(address + 32)
        self.first = memory.pointer(address + 40)


class Loop:
    """One of a thread."""

    def __init__(self, memory, root, home):
        loop = home + root.home_loop
        self.home = home
        self.now = memory.number(loop + root.loop_now, "q")
        self.thread = memory.number(loop + root.loop_thread, "i")
        current = memory.pointer(home + root.home_current)
        self.running = memory.pointer(current) if current else 0

    def left(self, when):
        """Seconds until a timer's moment; None: it never comes."""
        left = when - self.now if when >= 0 else -when - 1
        return left / 1e9 if self.now + left < NEVER else None


class Task:
    """One of a loop."""

    def __init__(self, program, loop, address):
        memory, root = program.memory, program.root
        data = memory.bytes(address, root.task_size)

        def field(offset, kind="Q"):
            return struct.unpack_from("=" + kind, data, offset)[0]

        self.number = 0
        self.circle = 0
        self.loop = loop
        self.address = address
        self.id = field(root.task_handle)
        self.turns = field(root.task_turns, "I")
        self.order = field(root.task_serial, "I")
        self.reaper = field(root.task_reaper)
        self.lookout = field(root.task_lookout)
        self.owner = field(root.task_owner)
        self.waiter = field(root.task_waiter)
        self.blocks = field(root.task_blocks)
        self.sp, self.fp, self.pc = (
            field(root.task_context + 8 * i) for i in range(3))
        self.name = memory.text(field(root.task_name))
        self.site = program.site(field(root.task_label))
        self.parent = None
        self.cancelled = bool(field(root.task_cancelled, "B"))
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
        self.kinds = {}
        self.tasks = []
        self.skipped = 0
        try:
            self.root = self.find_root()
            self.read()
        except (gdb.MemoryError, struct.error, ValueError) as error:
            raise gdb.GdbError("The records of the tasks are damaged, or are "
                               f"not in the core file: {error}")
        self.relate()

    def read(self):
        homes = set()
        home = self.root.first
        while home and home not in homes:
            homes.add(home)
            self.tasks += self.read_loop(Loop(self.memory, self.root, home))
            home = self.memory.pointer(home + self.root.home_next)

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

    def kind(self, address):
        """A kind of waits: its name, and what it says of them."""
        if address not in self.kinds:
            memory, root = self.memory, self.root
            data = memory.bytes(address, root.kind_size)
            offsets = (root.kind_at, root.kind_first, root.kind_second)
            self.kinds[address] = (
                memory.text(memory.pointer(address + root.kind_name)),
                data[root.kind_what],
                *(struct.unpack_from("=h", data, at)[0] for at in offsets))
        return self.kinds[address]

    def held_by(self, task):
        """Those that have to do something before a task can go on."""
        try:
            wait = Wait(self, task) if task.state == "waiting" else None
            return wait.needed() if wait else []
        except gdb.MemoryError:
            return []

    def wait(self, task):
        """What a task waits for, in words."""
        if task.state != "waiting":
            return ""
        try:
            circle = f"[circle {task.circle}] " if task.circle else ""
            cancelled = "[cancelled] " if task.cancelled else ""
            return circle + cancelled + Wait(self, task).words()
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
        self.program = program
        self.task = task
        self.name, what, at, self.first, self.second = program.kind(kind)
        self.what = what & ~LISTED
        self.place = task.waiter + at
        if what & LISTED:
            line = memory.pointer(task.waiter + root.queued_list)
            self.object = line - at
        elif self.what not in (NOTHING, OPERATION, TIMER, REAPER, LOOKOUT):
            self.object = memory.pointer(self.place)

    def words(self):
        say = {OPERATION: self.operation, TIMER: self.timer,
               REAPER: self.tasks, MEMBERS: self.tasks, LOOKOUT: self.tasks,
               TASK: self.other, DESCRIPTOR: self.descriptor, LOCK: self.lock,
               COUNTED: self.counted, OBJECT: self.identity,
               CHOICES: self.choices}
        more = say.get(self.what, str)()
        return self.name + more + self.timeout()

    def operation(self):
        memory, root = self.program.memory, self.program.root
        fd = memory.number(self.place + root.op_fd, "i")
        kind = memory.number(self.place + root.op_kind, "i")
        if self.name == "operation" and 0 <= kind < root.op_count:
            self.name = memory.text(memory.pointer(root.op_names + 8 * kind))
        return f" on fd {fd}" if fd >= 0 else ""

    def timer(self):
        return self.time([self.left(self.place)])

    def left(self, timer):
        return self.task.loop.left(self.program.memory.number(
            timer + self.program.root.timer_when, "q"))

    @staticmethod
    def time(lefts):
        left = soonest(lefts)
        if left is None:
            return ""
        return f", {span(left)} left" if left > 0 else ", time is up"

    def timeout(self):
        """Of those that are around it, the first."""
        memory, root = self.program.memory, self.program.root
        lefts = []
        block = self.task.blocks
        while block and len(lefts) < BLOCKS:
            kind = memory.number(block + root.block_kind, "B")
            limits = kind == root.block_is_timeout
            lefts.append(self.left(block + root.block_timer)
                         if limits else None)
            block = memory.pointer(block + root.block_outer)
        left = soonest(lefts)
        if left is None:
            return ""
        return f", timeout in {span(left)}" if left > 0 else ", timeout is due"

    def listeners(self):
        at = self.place if self.what != MEMBERS else self.object + self.first
        return [task for task in self.program.by_listener.get(at, [])
                if task.state != "ended"]

    def holder(self):
        handle = self.program.memory.pointer(self.object + self.first)
        return self.program.by_id.get(handle)

    def needed(self):
        if self.what in (REAPER, MEMBERS):
            return self.listeners()
        holder = self.holder() if self.what == LOCK else None
        return [holder] if holder else []

    def tasks(self):
        awaited = self.listeners()
        names = [task.name for task in awaited]
        if len(names) == 1:
            names = [awaited[0].title]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        any_of = "any of " if self.what == LOOKOUT else ""
        return ": " + any_of + ", ".join(names[:3]) + more if names else ""

    def other(self):
        task = self.program.by_address.get(self.object)
        return ": " + task.title if task else ""

    def descriptor(self):
        fd = self.program.memory.number(self.object + self.first, "i")
        return f" on fd {fd}" if fd >= 0 else ""

    def lock(self):
        task = self.holder()
        return ", held by " + task.title if task else ""

    def identity(self):
        return f" at {self.object:#x}"

    def choices(self):
        memory, root = self.program.memory, self.program.root
        sources, count = (memory.pointer(self.place + at)
                          for at in (self.first, self.second))
        said, lefts = [], []
        for i in range(min(count, CHOICES_MOST)):
            when = self.object + i * root.when_size
            kind = memory.pointer(when + root.when_kind)
            if not kind:
                continue
            wait = self.program.kind(memory.pointer(kind + root.when_wait))
            if wait[1] == TIMER:
                lefts.append(self.left(sources + i * root.source_size
                                       + root.source_timer))
            else:
                said += self.choice(when, wait[0], wait[1])
        more = f" or {len(said) - 3} more" if len(said) > 3 else ""
        said = " or ".join(said[:3])
        return (": " + said + more if said else "") + self.time(lefts)

    def choice(self, when, name, what):
        memory, root = self.program.memory, self.program.root
        thing = memory.pointer(when + root.when_object)
        if what == DESCRIPTOR:
            fd = memory.number(when + root.when_number, "i")
            return [f"{name} on fd {fd}"]
        if what == TASK:
            task = self.program.by_id.get(thing)
            return [f"{name} {task.title}"] if task else [name]
        return [f"{name} at {thing:#x}"] if thing else []

    def counted(self):
        count, limit = (
            self.program.memory.pointer(self.object + at) if at else 0
            for at in (self.first, self.second))
        return f", has {count}" + (f" of {limit}" if limit else "")
