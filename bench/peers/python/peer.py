#!/usr/bin/env python3
"""asyncio, on its own loop or on uvloop's.

peer.py asyncio|uvloop BENCH [COUNT [MILLISECONDS]] prints one `BENCH CASE
VALUE` a line; with `echo`, `tls` or `http` it serves, and prints "listening
PORT". Both run the same programs: uvloop is a loop, its tasks are asyncio's.
"""

import asyncio
import itertools
import os
import sys
import threading
from time import monotonic, monotonic_ns, sleep

sys.dont_write_bytecode = True

import bulk
import loops
import secure
import streams
import sync
import web
from measure import (
    WINDOW,
    grown,
    measure,
    memory,
    numbers,
    report,
    report_naps,
)


async def bench_yield(count):
    turns = 0

    async def forever():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(forever()) for _ in range(count - 1)]
    while turns < 2 * count:
        turns += 1
        await asyncio.sleep(0)

    rounds = -(-10000 // count)
    before = turns
    begin = monotonic()
    while monotonic() - begin < WINDOW:
        for _ in range(rounds):
            turns += 1
            await asyncio.sleep(0)
    report("yield", count, turns - before, monotonic() - begin)
    sys.stdout.flush()
    for task in tasks:
        task.cancel()


async def empty(n):
    return n


async def bench_start(_):
    async def batch():
        for n in range(10000):
            await asyncio.create_task(empty(n))

    await measure("start", "await", 10000, batch)


async def bench_gather(count):
    async def batch():
        results = await asyncio.gather(*(empty(n) for n in range(count)))
        assert sum(results) == count * (count - 1) // 2

    await measure("gather", count, count, batch)


async def bench_timer(count):
    size = 10000
    loop = asyncio.get_running_loop()
    sequence = numbers()

    def timeout():
        return 1 + next(sequence) % 60000 / 1000

    def nothing():
        pass

    spans = [timeout() for _ in range(size)]
    order = [next(sequence) % count for _ in range(size)]
    pending = [loop.call_later(timeout(), nothing) for _ in range(count)]

    async def arm():
        for span in spans:
            loop.call_later(span, nothing).cancel()

    async def rearm():
        for i, span in zip(order, spans):
            pending[i].cancel()
            pending[i] = loop.call_later(span, nothing)

    async def block():
        for span in spans:
            async with asyncio.timeout(span):
                pass

    async def block_wait():
        for span in spans:
            async with asyncio.timeout(span):
                await asyncio.sleep(0)

    await measure("timer", "arm", size, arm)
    await measure("timer", "rearm", size, rearm)
    await measure("timer", "block", size, block)
    await measure("timer", "block-wait", size, block_wait)


def end_if_too_short(is_too_short, milliseconds):
    """With the status that asks for a longer sleep."""
    if is_too_short:
        print(f"too short: {milliseconds} ms", file=sys.stderr)
        sys.exit(3)


async def bench_sleepers(count, milliseconds):
    before = memory()
    begin = monotonic()
    moment = begin + milliseconds / 1000
    asleep = awake = 0

    async def sleeper():
        nonlocal asleep, awake
        asleep += 1
        await asyncio.sleep(moment - monotonic())
        awake += 1

    tasks = [asyncio.create_task(sleeper()) for _ in range(count)]
    while asleep < count:
        await asyncio.sleep(0)
    started = monotonic() - begin
    sizes = grown(before)
    end_if_too_short(awake > 0 or monotonic() >= moment, milliseconds)

    await asyncio.gather(*tasks)
    woken = monotonic() - moment
    report_naps("sleepers", count, sizes, (started, woken))


async def bench_awaited(count, milliseconds):
    before = memory()
    begin = monotonic()
    moment = begin + milliseconds / 1000
    sleeps = (asyncio.sleep(moment - monotonic()) for _ in range(count))
    all_of_them = asyncio.gather(*sleeps)
    await asyncio.sleep(0)
    started = monotonic() - begin
    sizes = grown(before)
    end_if_too_short(all_of_them.done() or monotonic() >= moment, milliseconds)

    await all_of_them
    woken = monotonic() - moment
    report_naps("awaited", count, sizes, (started, woken))


class Echo(asyncio.Protocol):
    """A protocol: streams, which the manual begins with, are much dearer."""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


async def bench_echo(_):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Echo, "127.0.0.1", 0, backlog=1024)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def bench_echo_local(_):
    loop = asyncio.get_running_loop()
    name = f"fermata-bench-{os.getpid()}"
    server = await loop.create_unix_server(Echo, "\0" + name, backlog=1024)
    print("listening @" + name, flush=True)
    await server.serve_forever()


class EchoDatagrams(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def bench_udp(_):
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        EchoDatagrams, ("127.0.0.1", 0)
    )
    print("listening", transport.get_extra_info("sockname")[1], flush=True)
    await asyncio.Event().wait()


async def bench_post(_):
    size, wakes, pause = 10000, 1000, 0.0001
    loop = asyncio.get_running_loop()
    finished = asyncio.Event()
    arrived = threading.Event()
    times = []

    def nothing():
        pass

    def woken(asked):
        times.append(monotonic_ns() - asked)
        arrived.set()

    def batch():
        for _ in range(size):
            loop.call_soon_threadsafe(nothing)
        loop.call_soon_threadsafe(arrived.set)
        arrived.wait()
        arrived.clear()

    def poster():
        batch()
        batches = 0
        begin = monotonic()
        while monotonic() - begin < WINDOW:
            batch()
            batches += 1
        report("post", "rate", batches * size, monotonic() - begin)
        for _ in range(wakes):
            sleep(pause)
            loop.call_soon_threadsafe(woken, monotonic_ns())
            arrived.wait()
            arrived.clear()
        loop.call_soon_threadsafe(finished.set)

    threading.Thread(target=poster).start()
    await finished.wait()
    times.sort()
    print("post wake", times[wakes // 2])
    print("post wake99", times[wakes * 99 // 100])


async def bench_spawn(count):
    size = 128

    async def spawns(mine):
        for _ in range(mine):
            process = await asyncio.create_subprocess_exec("/bin/true")
            assert await process.wait() == 0

    async def batch():
        parts = [(size + i) // count for i in range(count)]
        await asyncio.gather(*(spawns(mine) for mine in parts))

    await measure("spawn", count, size, batch)


async def bench_thread(count):
    size = 500

    async def calls(mine):
        for _ in range(mine):
            await asyncio.to_thread(int)

    async def batch():
        parts = [(size + i) // count for i in range(count)]
        await asyncio.gather(*(calls(mine) for mine in parts))

    await measure("thread", count, size, batch)


async def bench_dns(count, port):
    """By aiodns, which is c-ares on sockets that the loop watches."""
    import aiodns

    size = 10000
    serial = itertools.count()
    resolver = aiodns.DNSResolver(nameservers=["127.0.0.1"], udp_port=port)

    async def lookups(mine):
        for _ in range(mine):
            await resolver.query(f"n{next(serial)}.example.", "A")

    async def batch():
        parts = [(size + i) // count for i in range(count)]
        await asyncio.gather(*(lookups(mine) for mine in parts))

    await measure("dns", count, size, batch)


def find(name):
    here = sys.modules[__name__]
    for module in (here, sync, loops, streams, secure, bulk, web):
        if hasattr(module, name):
            return getattr(module, name)
    sys.exit(f"unknown: {name}")


def main():
    which, bench, *arguments = sys.argv[1:]
    if bench not in ("bulk", "http"):
        arguments = [int(argument) for argument in arguments] or [1]
    factory = None
    if which == "uvloop":
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(find("bench_" + bench)(*arguments))


if __name__ == "__main__":
    main()
