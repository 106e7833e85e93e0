"""A server that says what parts a form has, by Python's email or aiohttp.

parts_server.py [aiohttp]    says "listening on ADDRESS"

Answers with a line for each part: its name, filename, size and SHA-256.
"""

import asyncio
import email.parser
import email.policy
import hashlib
import http.server
import sys


def line(name, filename, data):
    digest = hashlib.sha256(data).hexdigest()
    return f"{name},{filename or '-'},{len(data)},{digest}\n"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n"
        body = self.rfile.read(int(self.headers["Content-Length"]))
        message = email.parser.BytesParser(
            policy=email.policy.HTTP).parsebytes(head.encode() + body)
        answer = "".join(
            line(part.get_param("name", header="Content-Disposition"),
                 part.get_filename(), part.get_payload(decode=True))
            for part in message.iter_parts()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def serve_by_email():
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    print("listening on 127.0.0.1:%d" % server.server_port, flush=True)
    server.serve_forever()


async def serve_by_aiohttp():
    from aiohttp import web

    async def answer(request):
        reader, text = await request.multipart(), ""
        while (part := await reader.next()) is not None:
            text += line(part.name, part.filename, await part.read())
        return web.Response(text=text)

    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print("listening on 127.0.0.1:%d" % port, flush=True)
    await asyncio.Event().wait()


if sys.argv[1:] == ["aiohttp"]:
    asyncio.run(serve_by_aiohttp())
else:
    serve_by_email()
