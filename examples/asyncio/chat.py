"""chat.py - nobody waits for the slow

  chat.py [PORT]     7000; 0: the system chooses one
"""
import asyncio
import contextlib
import signal
import sys

room = set()
visits = set()


# [tell]
# A copy for everybody, but for those whose queue is full.
def tell_all(name, words):
    for lines in room:
        with contextlib.suppress(asyncio.QueueFull):
            lines.put_nowait(f"{name}: {words}\n".encode())
# [/tell]


# [deliver]
async def deliver(writer, lines):
    while True:
        writer.write(await lines.get())
        await writer.drain()
# [/deliver]


# [listen]
# Passes on what the guest says, until it leaves.
async def listen_to(reader, name):
    while line := await reader.readline():
        tell_all(name, line.decode().rstrip("\r\n"))
# [/listen]


# [stay]
# Two tasks for each guest, this one listens. The end of either ends both.
async def stay(name, reader, writer):
    lines = asyncio.Queue(100)
    room.add(lines)
    tell_all(name, "is here")
    try:
        async with asyncio.TaskGroup() as group:
            delivering = group.create_task(deliver(writer, lines))
            await listen_to(reader, name)
            delivering.cancel()
    except* ConnectionError:
        pass
    finally:
        room.remove(lines)
        tell_all(name, "has left")
# [/stay]


# [visit]
# Whoever is cancelled has a second to take leave.
async def visit(reader, writer):
    visits.add(asyncio.current_task())
    try:
        name = (await reader.readline()).decode().rstrip("\r\n")
        await stay(name, reader, writer)
    except asyncio.CancelledError:
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(1):
                writer.write(b"bye\n")
                await writer.drain()
    finally:
        visits.remove(asyncio.current_task())
        writer.close()
# [/visit]


# [close]
async def close_at_a_signal(server):
    stop = asyncio.Event()
    for number in signal.SIGINT, signal.SIGTERM:
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()
    ending = list(visits)
    for each in ending:
        each.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
# [/close]


async def chat(port):
    server = await asyncio.start_server(visit, "127.0.0.1", port)
    closing = asyncio.create_task(close_at_a_signal(server))
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    await closing


asyncio.run(chat(int(sys.argv[1]) if len(sys.argv) > 1 else 7000))
