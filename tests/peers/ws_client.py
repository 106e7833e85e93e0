"""A client of an echoing server of WebSockets, by Python's websockets.

ws_client.py URL [compress]    whether the server does
"""

import asyncio
import random
import sys

import websockets
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
)

CLIENTS = 20
PATIENCE = 300


def connect(url, **how):
    return websockets.connect(url, max_size=None, ping_interval=None,
                              open_timeout=PATIENCE, close_timeout=PATIENCE,
                              **how)


async def echoes(url, *, compresses=False, **how):
    async with connect(url, **how) as peer:
        assert bool(peer.extensions) == compresses, peer.extensions
        for size in 0, 1, 125, 126, 127, 65535, 65536, 300000:
            sent = random.randbytes(size)
            await peer.send(sent)
            assert await peer.recv() == sent, size
            text = "\u03ba\u1f79\U0001f600" * (size // 9)
            await peer.send(text)
            assert await peer.recv() == text, size


async def parts(url):
    async with connect(url) as peer:
        await peer.send(["to", "", "\u03ba" * 1000, "."])
        assert await peer.recv() == "to" + "\u03ba" * 1000 + "."


async def pings(url):
    async with connect(url) as peer:
        for size in 0, 1, 125:
            answered = await peer.ping(random.randbytes(size))
            await answered


async def closes(url):
    for code in 1000, 1001, 3000, 4999:
        async with connect(url) as peer:
            await peer.close(code, "reason")
            assert peer.close_code == code, peer.close_code


# server_no_context_takeover, client_no_context_takeover, and the windows.
WAYS = [
    (False, False, None, None),
    (True, False, None, True),
    (False, True, 9, True),
    (True, True, 15, 9),
    (False, False, 12, 12),
    (True, True, None, None),
]


async def is_too_large(url, **how):
    """One byte more than the server's limit of a MiB, by a part of its own: of
    what comes behind a refusal a server reads so much and no more."""
    async with connect(url, **how) as peer:
        await peer.send(b"x" * 2**20)
        assert await peer.recv() == b"x" * 2**20
        await peer.send([b"x" * 2**20, b"x"])
        await peer.wait_closed()
        assert peer.close_code == 1009, peer.close_code


async def main(url, compresses):
    await echoes(url, compresses=compresses)
    await echoes(url, compression=None)
    for way in WAYS:
        factory = ClientPerMessageDeflateFactory(*way)
        await echoes(url, compresses=compresses, compression=None,
                     extensions=[factory])
    await is_too_large(url)
    await is_too_large(url, compression=None)
    await parts(url)
    await pings(url)
    await closes(url)
    await asyncio.gather(*(echoes(url, compresses=compresses)
                           for _ in range(CLIENTS)))


asyncio.run(main(sys.argv[1], sys.argv[2:] == ["compress"]))
