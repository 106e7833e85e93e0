"""A server that sets what it is asked to set, and says what it was sent.

"/set?A&B" is answered with a Set-Cookie for each part, decoded; any other path
with the Cookie of the request, or "none".
"""
import http.server
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.headers.get("Cookie", "none").encode("latin1")
        self.send_response(200)
        if url.path.endswith("/set"):
            for part in url.query.split("&"):
                self.send_header("Set-Cookie", urllib.parse.unquote(part))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("listening on 127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
