"""Holds how HTTP/1.1 messages are told apart against node and nginx.

    framing.py SERVER DIRECTORY SEED COUNT node|nginx

Each of COUNT requests, drawn by framing_cases.py, is followed by two good ones
and the end. What counts is which messages were taken and how large their bodies
were: what one of them takes for a body and the other for a request is how
requests are smuggled.

Fails where the server takes a message that the other does not, or takes for
another one, unless framing_known.py explains it. Where the server is the one
that refuses, nothing can be smuggled past it; what has no name there is shown
and counted.
"""

import collections
import json
import os
import random
import re
import socket
import subprocess
import sys
import time

from framing_cases import draw
from framing_known import REFUSED, TAKEN

MARKERS = (b"POST /one HTTP/1.1\r\nHost: m\r\nContent-Length: 6\r\n\r\nmarker"
           b"GET /two HTTP/1.1\r\nHost: m\r\n\r\n")
PATIENCE = 300  # seconds: only what never comes takes so long

# The parser of node's server, without the lenience that it may be given.
NODE = r"""
const { HTTPParser } = require('_http_common');
const lines = require('fs').readFileSync(0, 'latin1').trim().split('\n');
function taken(bytes) {
  const sizes = [];
  let size = 0;
  const parser = new HTTPParser();
  parser.initialize(HTTPParser.REQUEST, {}, 1 << 17, 0);
  parser[HTTPParser.kOnHeaders | 0] = () => {};
  parser[HTTPParser.kOnHeadersComplete | 0] = () => { size = 0; return 0; };
  parser[HTTPParser.kOnBody | 0] = (body) => { size += body.length; };
  parser[HTTPParser.kOnMessageComplete | 0] = () => { sizes.push(size); };
  const rc = parser.execute(bytes);
  return [sizes, rc instanceof Error ? rc.code : 'end'];
}
for (const line of lines)
  console.log(JSON.stringify(taken(Buffer.from(line, 'hex'))));
"""

# What comes in is passed on only when all of a body has come, and how large
# it was is the reply.
NGINX = """
daemon off;
master_process off;
pid nginx.pid;
error_log error.log crit;
events { worker_connections 64; }
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    client_header_buffer_size 128k;
    large_client_header_buffers 4 128k;
    client_max_body_size 0;
    keepalive_requests 1000;
    lingering_close always;
    server {
        listen unix:theirs;
        location / {
            proxy_pass http://unix:behind:/;
            proxy_method POST;
            proxy_pass_request_headers off;
            proxy_ignore_client_abort on;
        }
    }
    server {
        listen unix:behind;
        location / { return 200 "$content_length"; }
    }
}
"""


def talk(path, raw):
    """All that is said to these bytes."""
    said = []
    with socket.socket(socket.AF_UNIX) as stream:
        stream.settimeout(PATIENCE)
        stream.connect(path)
        try:
            stream.sendall(raw)
            stream.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has heard enough, and may have said why
        try:
            while piece := stream.recv(65536):
                said.append(piece)
        except ConnectionResetError:
            pass
    return b"".join(said)


def unchunked(rest):
    """The data, and what is behind; None where it was broken off."""
    data = b""
    while True:
        size, end, rest = rest.partition(b"\r\n")
        if not end:
            return None, b""
        count = int(size, 16)
        if len(rest) < count + 2:
            return None, b""
        data, rest = data + rest[:count], rest[count + 2:]
        if count == 0:
            return data, rest


def replies(said):
    """The status and body of each, None where it was broken off."""
    while said:
        if not said.startswith(b"HTTP/1."):
            yield 9, said  # without a head, as for HTTP/0.9
            return
        head, _, said = said.partition(b"\r\n\r\n")
        status = int(head[9:12])
        length = re.search(rb"\r\ncontent-length: *(\d+)", head.lower())
        body = b""
        if status < 200:
            continue
        if b"\r\ntransfer-encoding: chunked" in head.lower():
            body, said = unchunked(said)
        elif length and len(said) < int(length[1]):
            body, said = None, b""
        elif length:
            body, said = said[:int(length[1])], said[int(length[1]):]
        yield status, body


def taken(said, size_of):
    """The sizes of the bodies that were taken, and how it ended."""
    sizes, end = [], "end"
    for status, body in replies(said):
        if status == 200 and body is not None:
            sizes.append(size_of(body))
        else:
            end = status if body is not None else "broken off"
    return sizes, end


def start(command, path):
    """A server, when it can be reached."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as stream:
                stream.connect(path)
            return server
        except (FileNotFoundError, ConnectionRefusedError):
            if server.poll() is not None:
                sys.exit(f"{command[0]} ended with {server.returncode}")
            time.sleep(0.02)


def ask_server(command, path, cases, size_of):
    server = start(command, path)
    try:
        return [taken(talk(path, raw), size_of) for raw in cases]
    finally:
        server.terminate()
        server.wait()


def ask_node(cases):
    lines = "\n".join(raw.hex() for raw in cases)
    done = subprocess.run(["node", "-e", NODE], input=lines, text=True,
                          capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ask_nginx(cases):
    with open("nginx.conf", "w", encoding="ascii") as conf:
        conf.write(NGINX)
    return ask_server(["nginx", "-p", os.getcwd(), "-c", "nginx.conf",
                       "-e", "error.log"],
                      "theirs", cases, lambda body: int(body or b"0"))


def judge(peer, raw, ours, theirs):
    """Whether they agree, we refuse, we take, or it is another message; and
    the name of that or None."""
    (our_sizes, _), (sizes, end) = ours, theirs
    if our_sizes == sizes:
        return "agree", ""
    how, table = "another", []
    if sizes[:len(our_sizes)] == our_sizes:
        how, table = "refused", REFUSED[peer]
    elif our_sizes[:len(sizes)] == sizes:
        how, table = "taken", TAKEN[peer]
    return how, next((name for name, known in table if known(raw, end)), None)


def main():
    server, directory, seed, count, peer = sys.argv[1:]
    os.chdir(directory)
    source = random.Random(int(seed))
    drawn = [draw(source) for _ in range(int(count))]
    cases = [raw + MARKERS for raw in drawn]
    ours = ask_server([server, "unix:ours"], "ours", cases, len)
    theirs = ask_node(cases) if peer == "node" else ask_nginx(cases)
    found = collections.Counter()
    for raw, our, their in zip(drawn, ours, theirs):
        how, name = judge(peer, raw, our, their)
        found[how, name] += 1
        if name is None:
            print(f"  {how}, unexplained:", raw[:300], our, their)
    for (how, name), times in found.most_common():
        print(f"{times:8} {how:8} {name or ''}")
    bad = found["taken", None] + found["another", None]
    print(f"{count} requests, seed {seed}: {bad} that are taken for another, "
          f"{found['refused', None]} refused for no listed reason")
    sys.exit(1 if bad else 0)


main()
