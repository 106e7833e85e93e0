"""An echo server under TLS; the certificate is in BENCH_CERTIFICATE."""

import asyncio
import os
import ssl


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)


def server_context():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.environ["BENCH_CERTIFICATE"])
    return context


async def bench_tls(_):
    loop = asyncio.get_running_loop()
    context = server_context()
    server = await loop.create_server(
        Echo, "127.0.0.1", 0, backlog=1024, ssl=context
    )
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
