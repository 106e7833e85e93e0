"""HTTP: a server by uvicorn, a client by aiohttp; WebSockets by websockets."""

import asyncio
import json
import os
import socket
from time import monotonic, process_time


def reply(kind, body):
    length = str(len(body)).encode()
    headers = [(b"content-type", kind), (b"content-length", length)]
    return (
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": body},
    )


async def answer(scope, receive, send):
    if scope["path"] == "/json":
        text = json.dumps({"message": "Hello, World!"}, separators=(",", ":"))
        head, body = reply(b"application/json", text.encode())
    else:
        head, body = reply(b"text/plain; charset=utf-8", b"Hello, World!")
    await send(head)
    await send(body)


async def bench_http(mode="plain"):
    import uvicorn

    server = socket.create_server(("127.0.0.1", 0), backlog=1024)
    settings = {}
    if mode == "tls":
        certificate = os.environ["BENCH_CERTIFICATE"]
        settings = {"ssl_certfile": certificate, "ssl_keyfile": certificate}
    config = uvicorn.Config(
        answer,
        http="httptools",
        lifespan="off",
        ws="none",
        log_level="error",
        access_log=False,
        **settings,
    )
    print("listening", server.getsockname()[1], flush=True)
    await uvicorn.Server(config).serve(sockets=[server])


async def fetches(session, url, count, span):
    """How often `count` tasks get a URL, for so many seconds."""
    end = monotonic() + span

    async def loop():
        answers = 0
        while monotonic() < end:
            async with session.get(url) as response:
                body = await response.read()
                assert response.status == 200 and len(body) == 13
            answers += 1
        return answers

    return sum(await asyncio.gather(*(loop() for _ in range(count))))


async def bench_httpclient(count, port):
    import aiohttp

    count, port = int(count), int(port)
    url = f"http://127.0.0.1:{port}/plaintext"
    connector = aiohttp.TCPConnector(limit=count)
    async with aiohttp.ClientSession(connector=connector) as session:
        await fetches(session, url, count, 0.3)
        used, begin = process_time(), monotonic()
        answers = await fetches(session, url, count, 0.9)
        spent = monotonic() - begin
        used = process_time() - used
    print(f"httpclient client {used / answers * 1e6:.4f}")
    print(f"httpclient rate {answers / spent / 1e3:.4f}")


async def bench_ws(_):
    from websockets.asyncio.server import serve

    async def echo(peer):
        async for message in peer:
            await peer.send(message)

    async with serve(
        echo, "127.0.0.1", 0, backlog=1024, compression=None
    ) as server:
        port = server.sockets[0].getsockname()[1]
        print("listening", port, flush=True)
        await server.serve_forever()
