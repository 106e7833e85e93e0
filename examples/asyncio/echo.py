"""echo.py - says what it is told

  echo.py [PORT]     7000; 0: the system chooses one
"""
import asyncio
import sys


# [handler]
# Each client has a task of its own, that runs this.
async def echo(reader, writer):
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    writer.close()
    await writer.wait_closed()
# [/handler]


# [serve]
async def serve(port):
    server = await asyncio.start_server(echo, "127.0.0.1", port)
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    async with server:
        await server.serve_forever()
# [/serve]


# [main]
asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 7000))
# [/main]
