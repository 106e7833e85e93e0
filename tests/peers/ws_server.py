"""A server that echoes, by Python's websockets.

ws_server.py    says "listening on ADDRESS"
"""

import asyncio

import websockets


async def echo(peer):
    async for message in peer:
        await peer.send(message)


async def main():
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=None,
                                ping_interval=0.01, ping_timeout=300,
                                subprotocols=["chat"]) as server:
        host, port = server.sockets[0].getsockname()
        print(f"listening on {host}:{port}", flush=True)
        await asyncio.Event().wait()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
