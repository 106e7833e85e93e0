"""greeter.py - calls you by your name

  greeter.py [PORT]  7000; 0: the system chooses one
"""
import asyncio
import sys


# [visit]
async def answer(writer, name, words):
    writer.write(f"{name}: {words}\n".encode())
    await writer.drain()


async def visit(reader, writer):
    name = (await reader.readline()).decode().rstrip("\r\n")
    await answer(writer, name, "is here")
    while line := await reader.readline():
        await answer(writer, name, line.decode().rstrip("\r\n"))
    writer.close()
    await writer.wait_closed()
# [/visit]


async def greeter(port):
    server = await asyncio.start_server(visit, "127.0.0.1", port)
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    async with server:
        await server.serve_forever()


asyncio.run(greeter(int(sys.argv[1]) if len(sys.argv) > 1 else 7000))
