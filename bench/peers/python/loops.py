"""Two loops, each on a thread of its own; they share the interpreter's lock."""

import asyncio
import socket
import threading
import zlib
from time import monotonic

from measure import WINDOW, measure


class Other:
    """A second loop of the same kind, on another thread."""

    def __init__(self):
        kind = type(asyncio.get_running_loop())
        self.loop = kind()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def call(self, fn, *arguments):
        self.loop.call_soon_threadsafe(fn, *arguments)

    def start(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def end(self):
        self.call(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def measure_rate(other):
    """Nothing bounds how many wait to be taken."""
    count = 10000
    here = asyncio.get_running_loop()
    queue, finished = asyncio.Queue(), asyncio.Event()

    async def taker():
        while True:
            for n in range(count):
                assert await queue.get() == n
            here.call_soon_threadsafe(finished.set)

    async def batch():
        finished.clear()
        for n in range(count):
            other.call(queue.put_nowait, n)
        await finished.wait()

    taking = other.start(taker())
    await measure("crossloop", "rate", count, batch)
    taking.cancel()


async def measure_trip(other):
    count = 500
    here = asyncio.get_running_loop()
    there, back = asyncio.Queue(), asyncio.Queue()

    async def answer():
        while True:
            n = await there.get()
            here.call_soon_threadsafe(back.put_nowait, n)

    async def batch():
        for n in range(count):
            other.call(there.put_nowait, n)
            assert await back.get() == n

    answering = other.start(answer())
    await measure("crossloop", "trip", count, batch)
    answering.cancel()


async def bench_crossloop(_):
    other = Other()
    await measure_rate(other)
    await measure_trip(other)
    await asyncio.sleep(0.01)  # the other loop ends its tasks
    other.end()


WORK = bytes(2048)  # whose checksum takes as long as the work of the others


class Server(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        zlib.adler32(WORK)
        self.transport.write(data)


class Client(Server):
    """Asks until the end, and counts."""

    def __init__(self, end):
        self.end = end
        self.echoes = 0
        self.ended = asyncio.get_running_loop().create_future()

    def ask(self):
        self.transport.write(bytes(64))

    def data_received(self, data):
        self.echoes += 1
        if monotonic() < self.end:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, reason):
        self.ended.set_result(None)


async def pairs(end):
    """Sixteen pairs echo until the end; how often they did."""
    loop = asyncio.get_running_loop()
    clients = []
    for _ in range(16):
        near, far = socket.socketpair()
        await loop.create_connection(Server, sock=far)
        _, client = await loop.create_connection(lambda: Client(end), sock=near)
        clients.append(client)
    for client in clients:
        client.ask()
    for client in clients:
        await client.ended
    return sum(client.echoes for client in clients)


async def run_workers(others, seconds):
    """Seconds for each echo of this loop and the others."""
    begin = monotonic()
    end = begin + seconds
    parts = [asyncio.wrap_future(other.start(pairs(end))) for other in others]
    echoes = sum(await asyncio.gather(pairs(end), *parts))
    return (monotonic() - begin) / echoes


async def bench_workers(_):
    other = Other()
    await run_workers([], WINDOW / 6)
    one = await run_workers([], WINDOW)
    two = await run_workers([other], WINDOW)
    other.end()
    print(f"workers one {one * 1e9:.4f}")
    print(f"workers two {two * 1e9:.4f}")
    print(f"workers scale {two / one:.4f}")
