"""A core file that has the stacks of tasks: fm gcore."""

import os
import struct

import gdb

PAGE = 4096
CHUNK = 256 * PAGE
LOAD = 1  # PT_LOAD


def segments(core):
    """Where each segment lies in the file, and in memory, and its size."""
    head = core.read(64)
    if not head.strip(b"\0"):
        # gdb only warns, but leaves out what stands first.
        raise gdb.GdbError("gdb could not write all of the core file: is the "
                           "disk full?")
    if head[:5] != b"\x7fELF\x02":
        raise gdb.GdbError("gdb has written a core file of a kind that this "
                           "script does not know.")
    at = struct.unpack_from("=Q", head, 32)[0]
    size, count = struct.unpack_from("=HH", head, 54)
    core.seek(at)
    table = core.read(size * count)
    for start in range(0, len(table), size):
        kind, _, offset, address, _, length = struct.unpack_from(
            "=IIQQQQ", table, start)
        if kind == LOAD and length > 0:
            yield offset, address, length


def copy(inferior, core, offset, address, size):
    """Into the file, in parts: what cannot be read stays as it is there."""
    try:
        data = inferior.read_memory(address, size)
    except gdb.MemoryError:
        if size > PAGE:
            part = CHUNK if size > CHUNK else PAGE
            for at in range(0, size, part):
                copy(inferior, core, offset + at, address + at,
                     min(part, size - at))
        return
    core.seek(offset)
    core.write(data)


def complete(path):
    """gdb 16 and older give up a whole segment for a page of it that cannot be
    read, such as one that guards a stack."""
    inferior = gdb.selected_inferior()
    with open(path, "r+b") as core:
        for offset, address, size in list(segments(core)):
            copy(inferior, core, offset, address, size)


class FmGcore(gdb.Command):
    """A core file of the program as it is now: fm gcore FILE.

As gcore, whose files lack the stacks of tasks in gdb 16 and older. The
program goes on afterwards."""

    def __init__(self):
        super().__init__("fm gcore", gdb.COMMAND_FILES, gdb.COMPLETE_FILENAME)

    def invoke(self, arg, from_tty):
        path = os.path.expanduser(arg.strip())
        if not path:
            raise gdb.GdbError("Into which file? fm gcore FILE.")
        try:
            gdb.execute(f"gcore {path}", to_string=True)
            complete(path)
        except gdb.error as error:
            raise gdb.GdbError(str(error))
        except OSError as error:
            raise gdb.GdbError(f"{path}: {error.strerror}.")
        print(f"Saved corefile {path}")
