"""What is measured of a loop and other programs."""

from kinds import Bench, Case, Run, python


def spawn_programs(count):
    return {
        "fermata:io_uring": ["ours_spawn", "uring", count],
        "fermata:epoll": ["ours_spawn", "epoll", count],
        "limit": ["limit_spawn", count],
        "go": ["gopeer", "spawn", count],
        "tokio": ["tokio-peer", "spawn", count],
        "asyncio": python("asyncio", "spawn", count),
    }


SPAWN = Bench(
    "spawn",
    "start a process, /bin/true, and wait for its end",
    [Case("1", "one at a time"), Case("64", "64 at a time")],
    [Run(spawn_programs(count), threads=True) for count in ("1", "64")],
    [
        "limit: posix_spawn and waitpid, from one thread.",
        "fm_process_run, exec.Command, tokio::process, "
        "create_subprocess_exec. Most of it is the kernel's and /bin/true's.",
    ],
)
