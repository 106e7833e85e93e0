"""Lines out of a pipe, by asyncio's StreamReader."""

import asyncio
from time import process_time

from measure import WINDOW, report

SIZE = 100
BATCH = 10000
WARM = 2


async def bench_lines(_):
    """What counts is this process's processor time."""
    feed = await asyncio.create_subprocess_exec(
        "yes", "x" * (SIZE - 1), stdout=asyncio.subprocess.PIPE
    )

    async def take():
        for _ in range(BATCH):
            assert len(await feed.stdout.readline()) == SIZE

    for _ in range(WARM):
        await take()
    batches = 0
    begin = process_time()
    while process_time() - begin < WINDOW:
        await take()
        batches += 1
    report("lines", SIZE, batches * BATCH, process_time() - begin)
    feed.kill()
    await feed.communicate()
