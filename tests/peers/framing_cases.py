"""Requests that are wrong in one place or a few: the cases of framing.py.

A case is the bytes of one request, whose body says of which size it is, made
wrong by one to three mutations. Equal seeds draw equal cases.
"""

LENGTHS = [b"+3", b"-3", b"0x3", b"3_0", b"3,3", b"3, 3", b"3 3", b"03",
           b"  3 ", b"3\t", b"3;", b"", b"3.0", b"1e1", b"\x0b3", b"\xd9\xa3",
           b"9223372036854775808", b"18446744073709551619", b"4294967299",
           b"3\x00", b"0", b"4", b"2"]
CODINGS = [b"chunked", b"Chunked", b" chunked", b"chunked ", b"chunked,",
           b",chunked", b"chunked, chunked", b"gzip, chunked",
           b"chunked, gzip", b"identity", b"chunked;q=1", b'"chunked"', b"x",
           b"xchunked", b"\x0bchunked", b"chunked\x00", b"", b"chunked\tx",
           b"ch unked", b"chunk\xe9d", b"chunked, identity", b"CHUNKED"]
NAMES = [b"Content-Length", b"Transfer-Encoding", b"Content-Length ",
         b"Transfer-Encoding\t", b" Content-Length", b"Content_Length",
         b"Transfer_Encoding", b"Content-Length\x00", b"Transfer-Encodin",
         b"content-LENGTH", b"Content-Lengt\xe8", b"X\nContent-Length",
         b"X\rTransfer-Encoding", b"", b"X:", b"X(", b"\x00"]
COLONS = [b":", b":\t", b" :", b"\t:", b":  ", b": \x0b", b":\r", b"::", b" ",
          b"", b"=", b": \r\n ", b":\r\n\t"]
ENDS = [b"\n", b"\r", b"\r\r\n", b"\n\r", b"", b"\x85", b"\r\n\r\n", b"\x00",
        b" \r\n", b"\r \n", b"\x0b\r\n", b"\r\n ", b"\r\n\t", b"\r\n \r\n"]
HOSTS = [b"", b"a@b", b"a/b", b"a:99999", b"a b", b"[::1]", b"a,b", b"a:80",
         b"\xe9", b"a?b", b"a\x00", b"[::1", b"A.Example", b"a_b", b"%61"]
VERSIONS = [b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/0.9", b"http/1.1",
            b"HTTP/01.1", b"HTTP/1.01", b"HTTP/1,1", b"HTTP/ 1.1", b"HTTP/1",
            b"HTTP/1.1x", b"", b"HTTPS/1.1", b"HTTP/1.9", b"ICE/1.0"]
TARGETS = [b"*", b"", b"a", b"http://a/", b"/a b", b"/\x00", b"/\xe9", b"/#f",
           b"//", b"/%zz", b"/..", b"/" + b"a" * 9000, b"http://a", b"a:80",
           b"http://b/", b"?a", b"/a\tb", b"http://u@a/", b"HTTP://a/x?y",
           b"http:/a", b"/%00", b"/%2e%2e/", b"/a\x7f", b"ftp://a/", b"/\\a"]
METHODS = [b"get", b"G T", b"GET\x00", b"", b"G:T", b"PUT", b"DELETE", b"PATCH",
           b"M-SEARCH", b"FOO", b"A" * 100, b"OPTIONS", b"G\xe9T", b"P_ST"]
SPACES = [b"\t", b"  ", b"\x0b", b"\xa0", b"", b" \t", b"\r", b"\x0c"]
BEFORE = [b"\r\n", b"\n", b"\r\n" * 4, b"\r\n" * 5, b" ", b"\x00", b"\r",
          b"\xef\xbb\xbf"]
SIZES = [b"3;", b"3;a=b", b"3 ", b" 3", b"+3", b"-3", b"0x3", b"3_", b"03",
         b"000000000000003", b"0000000000000003", b"00000000000000003", b"3\t",
         b"F" * 16 + b"3", b"10000000000000003", b"8000000000000000", b"g",
         b"", b'3;a="b"', b"3;\n", b"3;a\r", b"3;" + b"x" * 300, b"3;\x00",
         b"3\x00", b"4", b"2", b"3 ;a", b"3, 3", b"3;\xe9", b"0"]
DATA_ENDS = [b"\n", b"", b"\r", b"X\r\n", b"\r\n\r\n", b"\r\r\n", b" \r\n"]
LASTS = [b"00", b"0;x", b"0 ", b"-0", b"000000000000000000000", b"0x0", b"",
         b"0\n"]
TRAILERS = [b"A: b\r\n", b"A : b\r\n", b" a\r\n", b"Content-Length: 5\r\n",
            b"A: \x00\r\n", b"A: b\n", b"A\r\n", b": b\r\n", b"A: b\r\r\n",
            b"Host: x\r\n", b"Transfer-Encoding: chunked\r\n",
            b"A:" + b"x" * 9000 + b"\r\n", b"\x00\r\n"]
CONNECTIONS = [b"close", b"keep-alive", b"Content-Length", b"upgrade",
               b"Transfer-Encoding", b"close, x", b"", b",close", b"x close"]
BYTES = [0, 9, 10, 11, 12, 13, 32, 34, 44, 45, 48, 51, 58, 59, 95, 127, 128,
         133, 160, 255]


class Request:
    """A right one, in pieces that can be made wrong."""

    def __init__(self, source):
        self.before = b""
        self.line = [source.choice([b"GET", b"POST", b"PUT"]), b" ",
                     source.choice([b"/", b"/a?b=c"]), b" ", b"HTTP/1.1",
                     b"\r\n"]
        self.fields = [[b"Host", b": ", b"a", b"\r\n"]]
        if source.random() < 0.3:
            self.fields.append([b"X-Some", b": ", b"thing", b"\r\n"])
        self.end = b"\r\n"
        self.body = source.choice(["none", "length", "chunks", "chunks",
                                   "length", "both"])
        self.chunks = [[b"3", b"\r\n", b"abc", b"\r\n"]]
        self.last = [b"0", b"\r\n", b"", b"\r\n"]
        if self.body in ("length", "both"):
            self.fields.append([b"Content-Length", b": ", b"3", b"\r\n"])
        if self.body in ("chunks", "both"):
            self.fields.append([b"Transfer-Encoding", b": ", b"chunked",
                                b"\r\n"])

    def bytes(self):
        pieces = [self.before, *self.line]
        for field in self.fields:
            pieces += field
        pieces.append(self.end)
        if self.body == "length":
            pieces.append(b"abc")
        elif self.body != "none":
            for chunk in self.chunks:
                pieces += chunk
            pieces += self.last
        return b"".join(pieces)


def replace(place, values):
    """A mutation that puts one of the values at a place."""
    def mutate(request, source):
        part, index = place(request, source)
        part[index] = source.choice(values)
    return mutate


def field(index):
    return lambda request, source: (source.choice(request.fields), index)


def framing_field(request, source):
    """The value of what tells the body's size, or of a new one that does."""
    known = [f for f in request.fields
             if f[0] in (b"Content-Length", b"Transfer-Encoding")]
    if not known or source.random() < 0.3:
        name = source.choice([b"Content-Length", b"Transfer-Encoding"])
        known = [[name, b": ", b"3", b"\r\n"]]
        request.fields.insert(source.randint(0, len(request.fields)), known[0])
    return source.choice(known)


def mutate_size(request, source):
    found = framing_field(request, source)
    length = found[0] == b"Content-Length"
    found[2] = source.choice(LENGTHS if length else CODINGS)


def mutate_twice(request, source):
    again = list(framing_field(request, source))
    if source.random() < 0.5:
        again[2] = source.choice(LENGTHS + CODINGS)
    request.fields.insert(source.randint(0, len(request.fields)), again)


def mutate_host(request, source):
    hosts = [f for f in request.fields if f[0] == b"Host"]
    how = source.randint(0, 3)
    if how == 0 and hosts and len(request.fields) > 1:
        request.fields.remove(hosts[0])
    elif how == 1:
        request.fields.append([b"Host", b": ", source.choice([b"a", b"b"]),
                               b"\r\n"])
    elif hosts:
        hosts[0][2] = source.choice(HOSTS)


def mutate_connection(request, source):
    request.fields.append([b"Connection", b": ", source.choice(CONNECTIONS),
                           b"\r\n"])


def mutate_more(request, source):
    """Too long or too many."""
    how = source.randint(0, 3)
    if how == 0:
        request.fields += [[b"X", b": ", b"y", b"\r\n"]] * \
            source.choice([90, 99, 101, 200])
    elif how == 1:
        request.fields.append([b"X", b": ", b"y" * source.choice(
            [255, 8000, 16000, 32700, 32768]), b"\r\n"])
    elif how == 2:
        request.fields.append([b"X" * source.choice([255, 9000]), b": ", b"y",
                               b"\r\n"])
    else:
        request.before = source.choice(BEFORE)


def mutate_expect(request, source):
    request.fields.append([b"Expect", b": ", source.choice(
        [b"100-continue", b"100-Continue", b"x"]), b"\r\n"])


def mutate_chunks(request, _source):
    """Two of them, and the second holds what looks like a request."""
    evil = b"GET /evil HTTP/1.1\r\nHost: a\r\n\r\n"
    request.chunks.append([b"%x" % len(evil), b"\r\n", evil, b"\r\n"])


def chunk(index):
    return lambda request, source: (source.choice(request.chunks), index)


def line(index):
    return lambda request, _source: (request.line, index)


def last(index):
    return lambda request, _source: (request.last, index)


MUTATIONS = [
    mutate_size, mutate_size, mutate_size, mutate_twice, mutate_twice,
    mutate_host, mutate_connection, mutate_more, mutate_expect, mutate_chunks,
    replace(field(0), NAMES), replace(field(0), NAMES),
    replace(field(1), COLONS), replace(field(1), COLONS),
    replace(field(3), ENDS), replace(field(3), ENDS),
    replace(line(0), METHODS), replace(line(1), SPACES),
    replace(line(2), TARGETS), replace(line(3), SPACES),
    replace(line(4), VERSIONS), replace(line(4), VERSIONS),
    replace(line(5), ENDS),
    replace(lambda request, _source: (request.__dict__, "end"), ENDS),
    replace(chunk(0), SIZES), replace(chunk(0), SIZES),
    replace(chunk(1), ENDS), replace(chunk(3), DATA_ENDS),
    replace(last(0), LASTS), replace(last(1), ENDS),
    replace(last(2), TRAILERS), replace(last(3), ENDS),
]


def mutate_bytes(raw, source):
    """One byte is another, is there twice, comes anew or is gone."""
    at = source.randrange(len(raw))
    byte = bytes([source.choice(BYTES)])
    return source.choice([raw[:at] + byte + raw[at + 1:],
                          raw[:at] + byte + raw[at:],
                          raw[:at] + raw[at:at + 1] + raw[at:],
                          raw[:at] + raw[at + 1:]])


def draw(source):
    request = Request(source)
    changes = source.choice([0, 1, 1, 1, 2, 2, 3])
    for _ in range(changes):
        source.choice(MUTATIONS)(request, source)
    raw = request.bytes()
    if changes == 0 or source.random() < 0.2:
        raw = mutate_bytes(raw, source)
    return raw
