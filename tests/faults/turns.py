# SPDX-License-Identifier: MIT
"""What the servers of the table do, a word each: functions that make turns."""
from answers import JSON, SSE, chunk, chunked, full, good, head, packed
from server import FIN, READ, send, wait

OPEN_HEAD = head(200, "Transfer-Encoding: chunked", content_type=SSE)


def well(f, mode):
    return [[READ, send(good(f, mode))]]


def then_well(*turns):
    """What goes wrong first; the next request is served."""
    return lambda f, mode: [list(t(f, mode) if callable(t) else t) for t in turns] + well(f, mode)


def says(status, make, *headers, **how):
    """An answer with a status and a body that make(format) gives."""
    return lambda f, mode: [[READ, send(full(make(f), status, *headers, **how))]]


def begins(f, mode):
    """The first half of an answer: of a stream, up to its first words."""
    if mode == "stream":
        return OPEN_HEAD + b"".join(chunk(x) for x in f.frames()[:2])
    body = f.whole()
    return full(body)[:-len(body) // 2]


def breaks_off(end):
    return lambda f, mode: [[READ, send(begins(f, mode)), wait(20), end]]


def in_stream(*more):
    """The stream's opening and first words, then something else; closed."""
    def turns(f, _):
        frames = f.frames()[:2] + [m(f) if callable(m) else m for m in more]
        return [[READ, send(chunked(frames))]]
    return turns


def body_of(make, *headers, content_type=JSON):
    """A 200 with a length and the body that make(format, mode) gives."""
    return lambda f, mode: [[READ, send(full(make(f, mode), 200, *headers,
                                             content_type=content_type))]]


def sse(f):
    return b"".join(f.frames())


def plain_body(f, mode):
    return sse(f) if mode == "stream" else f.whole()


def type_of(mode):
    return SSE if mode == "stream" else JSON


def bad_chunk(data):
    """Good chunks, then something else, and the end."""
    def turns(f, mode):
        good_ones = begins(f, mode) if mode == "stream" else (
            OPEN_HEAD.replace(SSE.encode(), JSON.encode()) + chunk(f.whole()[:60]))
        return [[READ, send(good_ones + data), wait(20), FIN]]
    return turns


def with_length(delta, *more, end=FIN):
    """A Content-Length that is off by so much."""
    def turns(f, mode):
        body = plain_body(f, mode)
        return [[READ, send(head(200, "Content-Length: %d" % (len(body) + delta), *more,
                                 content_type=type_of(mode)) + body), wait(20), end]]
    return turns


def zipped(change):
    """What change(compressed) gives, as gzip, which nobody asked for."""
    return lambda f, mode: [[READ, send(full(change(packed(plain_body(f, mode))), 200,
                                             "Content-Encoding: gzip",
                                             content_type=type_of(mode)))]]


def twisted(old, new):
    """The answer, or its first words, with some bytes replaced."""
    def turns(f, mode):
        if mode == "stream":
            frames = f.frames()
            assert old in frames[1]
            frames[1] = frames[1].replace(old, new)
            return [[READ, send(chunked(frames))]]
        assert old in f.whole()
        return [[READ, send(full(f.whole().replace(old, new)))]]
    return turns


def deep(f, mode):
    nest = b"[" * 100_000 + b"]" * 100_000
    if mode == "stream":
        return in_stream(b'data: {"x":' + nest + b"}\n\n")(f, mode)
    return [[READ, send(full(f.whole()[:-1] + b',"x":' + nest + b"}"))]]


def ends(make):
    """A stream of the frames that make(frames) gives."""
    return lambda f, _: [[READ, send(chunked(make(f.frames())))]]
