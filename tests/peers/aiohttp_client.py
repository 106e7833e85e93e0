"""A client of an echoing server, by Python's aiohttp.

aiohttp_client.py URL [ROOT.pem]
"""

import asyncio
import random
import ssl
import sys

import aiohttp

CLIENTS = 40
PATIENCE = aiohttp.ClientTimeout(total=300)


async def pieces(sent):
    for at in range(0, len(sent), 50000):
        yield sent[at:at + 50000]


async def ask(session, url, body=None, **how):
    async with session.post(url, data=body, **how) as reply:
        assert reply.status == 200, reply.status
        return await reply.read()


async def echoes(session, url):
    for size in 0, 1, 2, 65535, 65536, 300000:
        sent = random.randbytes(size)
        assert await ask(session, url, sent) == sent, size
        assert await ask(session, url, pieces(sent)) == sent, size
        assert await ask(session, url, sent, expect100=size > 0) == sent, size


async def heads(session, url):
    async with session.head(url) as reply:
        assert reply.status == 200, reply.status
        assert reply.headers["Content-Length"] == "0", reply.headers


async def leaves_early(session, url):
    async with session.post(url, data=random.randbytes(500000)) as reply:
        await reply.content.readexactly(1)
        reply.close()


async def many(session, url):
    sent = [random.randbytes(i * 1000) for i in range(CLIENTS)]
    got = await asyncio.gather(*(ask(session, url, each) for each in sent))
    assert got == sent


class Connections(aiohttp.TraceConfig):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.on_connection_create_end.append(self.another)

    async def another(self, *_):
        self.count += 1


async def main(url, root=None):
    trust = ssl.create_default_context(cafile=root) if root else None
    made = Connections()
    made.freeze()
    async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=trust, limit=10, keepalive_timeout=3600),
            trace_configs=[made], timeout=PATIENCE) as session:
        await echoes(session, url)
        await heads(session, url)
        assert made.count == 1, f"{made.count} connections"
        await many(session, url)
        assert made.count <= 10, f"{made.count} connections"
        await leaves_early(session, url)
        await many(session, url)


random.seed(1)
asyncio.run(main(*sys.argv[1:]))
