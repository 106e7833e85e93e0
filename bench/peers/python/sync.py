"""What tasks of one loop have between them: queues, locks and the like.

Each batch is 10,000 operations; its tasks are started and awaited in it.
"""

import asyncio

from measure import measure

TASKS = 10
COUNT = 10000


async def contend(work):
    """work(n) in ten tasks, n times a task, to the end of all."""
    await asyncio.gather(*(work(COUNT // TASKS) for _ in range(TASKS)))


async def bench_queue(capacity):
    queue = asyncio.Queue(capacity)

    async def produce():
        n = 0
        while True:
            await queue.put(n)
            n += 1

    wanted = 0

    async def batch():
        nonlocal wanted
        for _ in range(COUNT):
            assert await queue.get() == wanted
            wanted += 1

    producer = asyncio.create_task(produce())
    await measure("queue", capacity, COUNT, batch)
    producer.cancel()


async def measure_guard(bench, guard):
    """A lock or a semaphore: for one task alone, and for ten."""

    async def free():
        for _ in range(COUNT):
            async with guard:
                pass

    async def hold(times):
        for _ in range(times):
            async with guard:
                await asyncio.sleep(0)

    async def contended():
        await contend(hold)

    await measure(bench, "free", COUNT, free)
    await measure(bench, "contended", COUNT, contended)


async def bench_lock(_):
    await measure_guard("lock", asyncio.Lock())


async def bench_semaphore(_):
    await measure_guard("semaphore", asyncio.Semaphore(4))


async def bench_broadcast(count):
    """asyncio has none: a queue for each subscriber."""
    subscribers, seen = 100, 0
    queues = [asyncio.Queue(64) for _ in range(subscribers)]

    async def subscriber(queue):
        nonlocal seen
        while True:
            await queue.get()
            seen += 1

    async def send():
        wanted = seen + count * subscribers
        for n in range(count):
            for queue in queues:
                await queue.put(n)
        while seen < wanted:
            await asyncio.sleep(0)

    rounds = 96 // count

    async def batch():
        for _ in range(rounds):
            await send()

    tasks = [asyncio.create_task(subscriber(queue)) for queue in queues]
    deliveries = rounds * count * subscribers
    await measure("broadcast", count, deliveries, batch)
    for task in tasks:
        task.cancel()


async def bench_select(_):
    """asyncio.wait of tasks that get; only one that got is made anew."""
    sources = [asyncio.Queue(1) for _ in range(8)]
    seen = 0

    async def select():
        nonlocal seen
        gets = {asyncio.create_task(q.get()): q for q in sources}
        while True:
            done, _ = await asyncio.wait(
                gets, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                source = gets.pop(task)
                seen += 1
                gets[asyncio.create_task(source.get())] = source

    async def batch():
        wanted = seen + COUNT
        for n in range(COUNT):
            await sources[n % 8].put(n)
            await asyncio.sleep(0)
        while seen < wanted:
            await asyncio.sleep(0)

    selector = asyncio.create_task(select())
    await measure("select", 8, COUNT, batch)
    selector.cancel()


async def values():
    for n in range(COUNT):
        yield n


async def bench_gen(_):
    async def batch():
        wanted = 0
        async for n in values():
            assert n == wanted
            wanted += 1

    await measure("gen", "value", COUNT, batch)
