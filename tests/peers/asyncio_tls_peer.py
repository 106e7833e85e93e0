"""The other side of a TLS connection, by Python's asyncio streams.

asyncio_tls_peer.py serve|upgrade|cut DIRECTORY    "listening on ADDRESS"
asyncio_tls_peer.py call|ask|leave DIRECTORY ADDRESS

serve echoes; upgrade does so from the line STARTTLS on, line by line backwards;
cut says a line, and ends the connection without a goodbye. call is many
clients at once; ask has a server upgrade, and talks; leave has no goodbye.
"""

import asyncio
import random
import socket
import ssl
import sys

CLIENTS = 8
NAME = "a.example.test"


async def echo(reader, writer):
    while data := await reader.read(random.randint(1, 60000)):
        writer.write(data)
        await writer.drain()
    writer.close()


async def upgrade(reader, writer):
    assert await reader.readline() == b"STARTTLS\n"
    writer.write(b"go\n")
    await writer.drain()
    await writer.start_tls(server_context())
    while line := await reader.readline():
        writer.write(line.rstrip(b"\n")[::-1] + b"\n")
        await writer.drain()
    writer.close()


def end(writer):
    """Of the connection, and not of TLS."""
    writer.get_extra_info("socket")._sock.shutdown(socket.SHUT_WR)


async def cut(reader, writer):
    writer.write(b"to be continued\n")
    await writer.drain()
    end(writer)
    await reader.read()
    writer.close()


def server_context():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{directory}/server.pem", f"{directory}/server.key")
    context.set_alpn_protocols(["http/1.1"])
    return context


def client_context():
    context = ssl.create_default_context(cafile=f"{directory}/root.pem")
    context.load_cert_chain(f"{directory}/alice.pem", f"{directory}/alice.key")
    return context


async def serve(handler, context):
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
    host, port = server.sockets[0].getsockname()
    print(f"listening on {host}:{port}", flush=True)
    await server.serve_forever()


async def open_tls():
    return await asyncio.open_connection(
        *address, ssl=client_context(), server_hostname=NAME)


async def hear(reader, sent):
    assert await reader.readexactly(len(sent)) == sent


async def call(size):
    reader, writer = await open_tls()
    sent = random.randbytes(size)
    hearing = asyncio.create_task(hear(reader, sent))
    at = 0
    while at < size:
        end = at + random.randint(1, 40000)
        writer.write(sent[at:end])
        await writer.drain()
        at = end
    await hearing
    writer.close()
    await writer.wait_closed()


async def ask():
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"STARTTLS\n")
    assert await reader.readline() == b"go\n"
    await writer.start_tls(client_context(), server_hostname=NAME)
    greeting = await reader.readline()
    assert greeting.startswith(b"TLSv1.3 - a.example.test new"), greeting
    writer.write(b"hello\n")
    assert await reader.readline() == b"hello\n"
    writer.write(b"bye\n")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def leave():
    reader, writer = await open_tls()
    writer.write(b"hello")
    await reader.readexactly(5)
    end(writer)
    writer.transport.abort()


async def main():
    if what == "serve":
        await serve(echo, server_context())
    elif what == "cut":
        await serve(cut, server_context())
    elif what == "upgrade":
        await serve(upgrade, None)
    elif what == "ask":
        await ask()
    elif what == "leave":
        await leave()
    else:
        sizes = [0, 1, 16384, 16385, 100000] + [
            random.randint(1, 150000) for _ in range(CLIENTS)]
        await asyncio.gather(*(call(size) for size in sizes))


random.seed(1)
what, directory, *rest = sys.argv[1:]
if rest:
    address = rest[0].rsplit(":", 1)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
