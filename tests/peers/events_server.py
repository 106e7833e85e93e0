"""Events by Python's own http.server: says where it listens.

A connection gets one event and ends, without a size (HTTP/1.0); behind the
third nobody is to come back.
"""

import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        number = int(self.headers.get("Last-Event-ID", "0")) + 1
        if number > 3:
            self.send_response(204)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"\xef\xbb\xbf: a comment\r\revent: add\rid:%d\r"
                         b"data: one\rdata: two\r\r" % number)

    def log_message(self, *_):
        pass


with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
    print("listening on %s:%d" % server.server_address[:2], flush=True)
    server.serve_forever()
