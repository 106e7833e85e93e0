"""The other side of a connection, by Python's asyncio streams.

asyncio_peer.py serve            an echo server; says "listening on ADDRESS"
asyncio_peer.py call ADDRESS     clients of an echo server, many at once
asyncio_peer.py reset ADDRESS    clients that reset it in the middle
"""

import asyncio
import random
import socket
import struct
import sys

CLIENTS = 20


async def echo(reader, writer):
    while data := await reader.read(random.randint(1, 60000)):
        writer.write(data)
        await writer.drain()
    writer.close()


async def serve():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    await server.serve_forever()


async def hear(reader, sent):
    got = bytearray()
    while data := await reader.read(random.randint(1, 30000)):
        got += data
    assert bytes(got) == sent, f"{len(got)} bytes of {len(sent)}"


async def call(host, port, size):
    reader, writer = await asyncio.open_connection(host, port)
    sent = random.randbytes(size)
    hearing = asyncio.create_task(hear(reader, sent))
    at = 0
    while at < size:
        end = at + random.randint(1, 40000)
        writer.write(sent[at:end])
        await writer.drain()
        at = end
    writer.write_eof()
    await hearing
    writer.close()
    await writer.wait_closed()


async def reset(host, port):
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"x" * 100000)
    await reader.read(10)
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def main():
    if sys.argv[1] == "serve":
        await serve()
    host, port = sys.argv[2].rsplit(":", 1)
    if sys.argv[1] == "reset":
        await asyncio.gather(*(reset(host, port) for _ in range(CLIENTS)))
    sizes = [0, 1, 2, 16383, 16384, 16385] + [
        random.randint(1, 150000) for _ in range(CLIENTS)]
    await asyncio.gather(*(call(host, port, size) for size in sizes))


random.seed(1)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
