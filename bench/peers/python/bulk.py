"""1 GiB one way, in writes of 256 KiB, by transports and their flow control."""

import asyncio
import socket

from secure import server_context

CHUNK = bytes(256 * 1024)
COUNT = 4096


class Sender(asyncio.Protocol):
    def __init__(self):
        self.room = asyncio.Event()
        self.room.set()
        self.lost = asyncio.get_running_loop().create_future()

    def pause_writing(self):
        self.room.clear()

    def resume_writing(self):
        self.room.set()

    def connection_lost(self, reason):
        self.lost.set_result(reason)

    async def send(self, transport):
        for _ in range(COUNT):
            transport.write(CHUNK)
            await self.room.wait()
        transport.close()
        await self.lost


def connected(name):
    """uvloop connects to no abstract name."""
    local = socket.socket(socket.AF_UNIX)
    local.connect(name.replace("@", "\0"))
    local.setblocking(False)
    return local


async def bench_bulk(port, name, tls_port):
    """To each of them in turn."""
    loop = asyncio.get_running_loop()
    transport, sender = await loop.create_connection(
        Sender, "127.0.0.1", int(port)
    )
    await sender.send(transport)
    transport, sender = await loop.create_unix_connection(
        Sender, sock=connected(name)
    )
    await sender.send(transport)
    transport, sender = await loop.create_connection(
        Sender, "127.0.0.1", int(tls_port)
    )
    transport = await loop.start_tls(
        transport, sender, server_context(), server_side=True
    )
    await sender.send(transport)
