"""Datagrams by Python's asyncio.

asyncio_datagrams.py serve         an echo server; says "listening on ADDRESS"
asyncio_datagrams.py ask ADDRESS   asks an echo server, again where it must
"""

import asyncio
import sys

SIZES = [1, 2, 100, 1472, 1473, 8000, 60000]
TRIES = 10


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


class Hear(asyncio.DatagramProtocol):
    def __init__(self):
        self.heard = asyncio.Queue()

    def datagram_received(self, data, addr):
        self.heard.put_nowait(data)


async def serve():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        Echo, local_addr=("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")
    print(f"listening on {host}:{port}", flush=True)
    await asyncio.Event().wait()


async def hear(protocol, sent):
    while await protocol.heard.get() != sent:
        pass  # the late answer to what was asked before


async def ask(transport, protocol, sent):
    for _ in range(TRIES):
        transport.sendto(sent)
        try:
            return await asyncio.wait_for(hear(protocol, sent), 2)
        except asyncio.TimeoutError:
            pass
    sys.exit(f"no answer to {len(sent)} bytes")


async def ask_all(host, port):
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        Hear, remote_addr=(host, int(port)))
    for i, size in enumerate(SIZES):
        await ask(transport, protocol, bytes([97 + i]) * size)
    transport.close()


if sys.argv[1] == "serve":
    asyncio.run(serve())
else:
    asyncio.run(ask_all(*sys.argv[2].rsplit(":", 1)))
