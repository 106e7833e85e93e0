"""Where node and nginx take other messages than we do, and why.

TAKEN: we take a message that the other refuses, of which every message before
has the same size for both. REFUSED: we refuse one that it takes. A name says
what the standard has, and a function of the request, and of how the other
ended, finds the case. What one takes for a body and the other for a request
would be neither: for that there is no list.
"""

import re

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
METHOD = re.compile(rb"(?:\r\n)*(" + TOKEN + rb") ")
LINE = re.compile(rb"(?:\r\n){0,4}" + TOKEN + rb" [!-~]+ HTTP/1\.[01]\r\n")
FIELD = re.compile(TOKEN + rb":[^\x00-\x08\x0a-\x1f\x7f]*")
HOST = re.compile(rb"(?i)(?:\[[0-9a-f:.]+\]|[\w\-.~!$&'()*+;=%]+)(?::\d{0,5})?",
                  re.ASCII)
EXTENSIONS = re.compile(rb"(?:;" + TOKEN + rb'(?:=(?:' + TOKEN +
                        rb'|"(?:[^"\\\r\n]|\\.)*"))?)*')


def head_of(raw):
    """The first line, and the others up to the empty one, and what is behind.
    """
    raw = raw.lstrip(b"\r\n")
    head, _, body = raw.partition(b"\r\n\r\n")
    first, _, fields = head.partition(b"\r\n")
    return first, fields.split(b"\r\n") if fields else [], body


def values(raw, name):
    pairs = [line.partition(b":") for line in head_of(raw)[1]]
    return [value.strip(b" \t") for known, _, value in pairs
            if known.lower() == name]


def target(raw):
    words = head_of(raw)[0].split(b" ")
    return words[1] if len(words) > 1 else b""


def is_behind(raw):
    """What is behind the body begins the next request."""
    return not raw.endswith(b"\n")


NODES_SIZES = ("HPE_INVALID_CONTENT_LENGTH", "HPE_INVALID_TRANSFER_ENCODING")


# --- we take it ------------------------------------------------------------

def node_knows_no_such_method(_raw, end):
    return end == "HPE_INVALID_METHOD"


def size_with_a_tab(raw, end):
    return end in NODES_SIZES and re.search(
        rb"(?i)(?:content-length|transfer-encoding):[^\r\n]*\t[ \t]*\r\n", raw)


def size_behind_the_data(raw, end):
    return end in NODES_SIZES and re.search(
        rb"(?i)\r\n0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*"
        rb"(?:content-length|transfer-encoding):", raw)


def method_of_other_letters(raw, end):
    method = METHOD.match(raw)
    return end == 400 and (is_behind(raw) or method and not re.fullmatch(
        rb"[A-Z_-]+", method[1]))


def target_that_is_decoded(raw, end):
    return end == 400 and re.search(
        rb"(?i)%(?![0-9a-f]{2})|%00|/(?:\.|%2e){2}|^\*$", target(raw))


def value_with_a_tab(raw, end):
    return end in (400, 501) and re.search(rb":[ ]*\t|\t\r\n", raw)


def expects_twice(raw, end):
    return end == 400 and len(values(raw, b"expect")) > 1


def close_is_anywhere(raw, end):
    return end == "end" and re.search(rb"(?i)connection:[^\r]*close", raw)


TAKEN = {
    "node": [
        ("RFC 9110, 9.1: any token is a method; node has a list",
         node_knows_no_such_method),
        ("RFC 9110, 5.5: a tab behind a value is none of it",
         size_with_a_tab),
        ("RFC 9110, 6.5.1: a trailer says nothing of the body; node reads it",
         size_behind_the_data),
    ],
    "nginx": [
        ("RFC 9110, 9.1: any token is a method; nginx takes A-Z, - and _",
         method_of_other_letters),
        ("RFC 9112, 3.2: what a target means is the handler's; nginx decodes",
         target_that_is_decoded),
        ("RFC 9110, 5.5: a tab around a value is none of it", value_with_a_tab),
        ("RFC 9110, 10.1.1: Expect is a list, and may come in parts",
         expects_twice),
        ("RFC 9110, 7.6.1: `close` is a whole option; nginx looks for a part",
         close_is_anywhere),
    ],
}


# --- we refuse it ----------------------------------------------------------

def line_end(raw, _end):
    return re.search(rb"(?<!\r)\n|\r(?!\n)", raw)


def first_line(raw, _end):
    return not LINE.match(raw)


def field_line(raw, _end):
    return not all(FIELD.fullmatch(line) for line in head_of(raw)[1])


# A head without an end goes on in the next one, and so does its last value.
def no_host_or_a_bad_one(raw, _end):
    if b"\r\n\r\n" not in raw:
        return True
    hosts = values(raw, b"host")
    old = b" HTTP/1.0" in head_of(raw)[0] and not hosts
    port = hosts and re.search(rb":(\d+)\Z", hosts[0])
    return not old and (len(hosts) != 1 or not HOST.fullmatch(hosts[0]) or
                        port and int(port[1]) > 65535)


def target_of_another_form(raw, _end):
    return not re.match(rb"/[!\"$-~]*\Z|/\Z", target(raw))


def too_large(raw, _end):
    first, fields, body = head_of(raw)
    return (len(first) > 8192 or len(fields) > 100 or
            len(b"\r\n".join(fields)) > 32768 - 4 or
            re.search(rb";[^\r\n]{256}", body) or
            len(body.partition(b"\r\n0\r\n")[2]) > 8192)


def body_of_no_certain_size(raw, _end):
    lengths = values(raw, b"content-length")
    codings = values(raw, b"transfer-encoding")
    return (len(lengths) + len(codings) > 1 or
            codings and codings[0].lower() != b"chunked" or
            codings and b" HTTP/1.0" in head_of(raw)[0] or
            lengths and not re.fullmatch(rb"\d+", lengths[0]))


def chunk_that_is_none(raw, _end):
    if not values(raw, b"transfer-encoding"):
        return False
    rest = head_of(raw)[2]
    while True:
        line, end, rest = rest.partition(b"\r\n")
        digits = re.match(rb"[0-9A-Fa-f]{1,16}", line)
        if not end or not digits or \
                not EXTENSIONS.fullmatch(line[len(digits[0]):]):
            return True
        size = int(digits[0], 16)
        if size == 0:
            return trailers_that_are_none(rest)
        if rest[size:size + 2] != b"\r\n":
            return True
        rest = rest[size + 2:]


def trailers_that_are_none(rest):
    while rest:
        line, _, rest = rest.partition(b"\r\n")
        if not line:
            return False
        if not FIELD.fullmatch(line):
            return True
    return True


def close_and_keep_alive(raw, _end):
    options = b",".join(values(raw, b"connection")).lower().split(b",")
    return b"close" in [option.strip(b" \t") for option in options]


STRICT = [
    ("RFC 9112, 2.2: a line ends in CR LF", line_end),
    ("RFC 9112, 3: a first line has three words, single spaces, a version 1.0 "
     "or 1.1", first_line),
    ("RFC 9112, 5: a field is a token, a colon and a value, in one line",
     field_line),
    ("RFC 9112, 3.2: there is one host, and it is one", no_host_or_a_bad_one),
    ("RFC 9112, 3.2: a target has its form", target_of_another_form),
    ("RFC 9112, 6: a body has one size, and is chunked or not",
     body_of_no_certain_size),
    ("a limit: exchange.h", too_large),
    ("RFC 9112, 7.1: a chunk is its size, its extensions and its data",
     chunk_that_is_none),
    ("RFC 9112, 9.3: who says close and keep-alive has said close",
     close_and_keep_alive),
]

REFUSED = {"node": STRICT, "nginx": STRICT}
