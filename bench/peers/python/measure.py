"""Time per operation, and the memory of this process."""

from time import monotonic

WINDOW = 0.3  # seconds; long enough to average the noise of a machine away


def report(bench, case, count, spent):
    print(f"{bench} {case} {spent / count * 1e9:.4f}")


async def measure(bench, case, count, batch):
    """Runs batch, which does count operations, to warm up and in the window."""
    await batch()
    batches = 0
    begin = monotonic()
    while monotonic() - begin < WINDOW:
        await batch()
        batches += 1
    report(bench, case, batches * count, monotonic() - begin)


def memory():
    """Bytes in memory, and bytes of page tables the kernel keeps for them."""
    field = {}
    with open("/proc/self/status") as status:
        for line in status:
            name, _, value = line.partition(":")
            field[name] = value.split()
    return [int(field[name][0]) * 1024 for name in ("VmRSS", "VmPTE")]


def grown(before):
    """By how much memory() is more than it was."""
    return [after - was for was, after in zip(before, memory())]


def report_naps(bench, count, sizes, seconds):
    """Of a million that slept: sizes as grown() gives them, and the seconds
    until all slept and from waking to the end."""
    resident, tables = sizes
    started, woken = seconds
    print(f"{bench} memory {resident / count:.1f}")
    print(f"{bench} with-tables {(resident + tables) / count:.1f}")
    print(f"{bench} seconds {(started + woken) / count * 1e6:.4f}")
    print(f"{bench} started {started:.4f}")


def numbers():
    """A fixed sequence, the same in every program."""
    mask = (1 << 64) - 1
    x = 88172645463325252
    while True:
        x ^= x << 13 & mask
        x ^= x >> 7
        x ^= x << 17 & mask
        yield x
