"""A server for clients of others, by Python's aiohttp.

aiohttp_server.py    says "listening on ADDRESS"

/echo      the body that came; /chunks the same in chunks
/end       the same, and then it closes the connection
/to/N      a redirection to /to/N-1, and so on to /echo
/STATUS    nothing, with that status
"""

import asyncio

from aiohttp import web


async def echo(request):
    return web.Response(body=await request.read())


async def chunks(request):
    body = await request.read()
    reply = web.StreamResponse()
    reply.enable_chunked_encoding()
    await reply.prepare(request)
    for at in range(0, len(body), 777):
        await reply.write(body[at:at + 777])
    await reply.write_eof()
    return reply


async def end(request):
    body = await request.read()
    reply = web.StreamResponse()
    reply.force_close()
    await reply.prepare(request)
    await reply.write(body)
    return reply


async def to(request):
    left = int(request.match_info["left"])
    there = f"/to/{left - 1}" if left > 0 else "/echo"
    await request.read()
    raise web.HTTPTemporaryRedirect(there)


async def status(request):
    return web.Response(status=int(request.match_info["status"]))


async def main():
    app = web.Application(client_max_size=1 << 26)
    app.router.add_route("*", "/echo", echo)
    app.router.add_route("*", "/chunks", chunks)
    app.router.add_route("*", "/end", end)
    app.router.add_route("*", "/to/{left}", to)
    app.router.add_route("*", "/{status:[0-9]+}", status)
    runner = web.AppRunner(app, keepalive_timeout=3600)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    print(f"listening on {host}:{port}", flush=True)
    await asyncio.Event().wait()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
