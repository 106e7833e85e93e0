"""parlour.py - everybody hears everybody

  parlour.py [PORT]  7000; 0: the system chooses one
"""
import asyncio
import sys

room = set()


# [say]
# A copy of the set: guests come and go while this waits.
async def say(name, words):
    for guest in list(room):
        try:
            guest.write(f"{name}: {words}\n".encode())
            await guest.drain()
        except ConnectionError:
            pass
# [/say]


# [visit]
async def visit(reader, writer):
    name = (await reader.readline()).decode().rstrip("\r\n")
    room.add(writer)
    try:
        await say(name, "is here")
        while line := await reader.readline():
            await say(name, line.decode().rstrip("\r\n"))
    finally:
        room.remove(writer)
        writer.close()
# [/visit]


async def open_the_parlour(port):
    server = await asyncio.start_server(visit, "127.0.0.1", port)
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(open_the_parlour(int(sys.argv[1]) if len(sys.argv) > 1 else 7000))
