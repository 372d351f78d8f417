# SPDX-License-Identifier: MIT
"""The faults, and what a caller must be told of each.

Expectations follow from the promises of the public header:

- nothing of the request was sent, or the provider itself said that it did not
  do it (408, 409, 429, 503, 529): tried again, and surely not billed;
- it was sent and no answer came, or a 5xx: tried again, `maybe_billed`;
- the caller has seen an event: not tried again, the partial answer stays;
- the request is at fault, or trust is: not tried again;
- complete is what the protocol's own terminator ended.
"""
import ssl

from answers import SSE, chunk, chunked, full, good, head, packed
from fault import ROWS, fault, stream, whole
from server import BYE, FIN, READ, RST, STALL, answer, drip, repeat, send, wait
from turns import (OPEN_HEAD, bad_chunk, begins, body_of, breaks_off, deep, ends, in_stream,
                   plain_body, says, sse, then_well, twisted, type_of, well, with_length, zipped)

__all__ = ["ROWS"]

QUICK = {"timeout.first_byte_ms": 150}
ONCE_STREAMED = {"whole": 3, "stream": 1}   # the caller has seen the first words
FIRST_WORDS = {"whole": None, "stream": "Hello"}
ALL_WORDS = "Hello world"
BILLED, FREE = "true", "false"

# ---- all is well: the table can tell -----------------------------------------

fault("nothing", well, "OK", text=ALL_WORDS, connections=1)
fault("nothing, over TLS", well, "OK", tls="good", text=ALL_WORDS, within=600)
fault("nothing, three times", well, "OK", requests=3, times=3, connections=1, text=ALL_WORDS)
fault("slow but steady", lambda f, mode: [[READ, send(head(200, content_type=type_of(mode))),
                                           drip(plain_body(f, mode)[:40], 2),
                                           send(plain_body(f, mode)[40:]), FIN]],
      "OK", text=ALL_WORDS, options={"timeout.idle_ms": 500})

# ---- the connection ----------------------------------------------------------

fault("refused", [[RST]], "CONNECT", 3, 0, refuses=True, maybe_billed=FREE, retryable=1)
fault("nobody lets in", [[STALL]], "TIMEOUT", 3, 0, 560, {"timeout.connect_ms": 150},
      accepts=False, maybe_billed=FREE)

fault("reset at once", [[RST]], "CONNECT", 3, 0, connections=3, retryable=1)
fault("reset after the request", [[READ, RST]], "CONNECT", 3, maybe_billed=BILLED)
fault("reset within the headers", [[READ, send(b"HTTP/1.1 200 OK\r\nContent-Ty"), wait(20), RST]],
      "TRUNCATED", 3, maybe_billed=BILLED)
fault("reset within the body", breaks_off(RST), "TRUNCATED", ONCE_STREAMED,
      text=FIRST_WORDS, maybe_billed=BILLED)
fault("closed at once", [[FIN]], "CONNECT", 3, 0, connections=3, retryable=1)
fault("closed after the request", [[READ, FIN]], "CONNECT", 3, maybe_billed=BILLED)
fault("closed within the headers", [[READ, send(b"HTTP/1.1 200 OK\r\nContent-Ty"), wait(20), FIN]],
      "TRUNCATED", 3, maybe_billed=BILLED)
fault("closed within the body", breaks_off(FIN), "TRUNCATED", ONCE_STREAMED,
      text=FIRST_WORDS, maybe_billed=BILLED)
fault("silent from the beginning", [[STALL]], "TIMEOUT", 3, 0, 560, QUICK, connections=3,
      maybe_billed=BILLED)
fault("silent after the request", [[READ, STALL]], "TIMEOUT", 3, None, 560, QUICK,
      maybe_billed=BILLED)
fault("silent within the headers", [[READ, send(b"HTTP/1.1 200 OK\r\nContent-Ty"), STALL]],
      "TIMEOUT", 3, None, 560, QUICK, maybe_billed=BILLED)
fault("silent within the body", lambda f, mode: [[READ, send(begins(f, mode)), STALL]],
      "TIMEOUT", ONCE_STREAMED, None, 560, {"timeout.idle_ms": 150},
      text=FIRST_WORDS, maybe_billed=BILLED)
stream("silent after the headers", [[READ, send(OPEN_HEAD), STALL]], "TIMEOUT", 3, None, 560,
       {"timeout.idle_ms": 150}, maybe_billed=BILLED)
fault("silent past the deadline of all", [[READ, STALL]], "TIMEOUT", 1, None, 200,
      {"timeout.total_ms": 200}, maybe_billed=BILLED)
fault("silent where nothing is risked", [[READ, STALL]], "TIMEOUT", 1, None, 150,
      {**QUICK, "retry.ambiguous": "false"}, maybe_billed=BILLED)
fault("broken off, then well", then_well([READ, RST]), "OK", 2, text=ALL_WORDS)
stream("broken off before the first word, then well",
       then_well([READ, send(OPEN_HEAD), wait(20), RST]), "OK", 2, text=ALL_WORDS)

fault("headers in drops", [[READ, drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 60, 10), STALL]],
      "TIMEOUT", 2, None, 360, {**QUICK, "retry.max": 1})
whole("body in drops", lambda f, _: [[READ, send(full(f.whole(" " * 400))[:120]),
                                      drip(b" " * 400, 5)]],
      "TIMEOUT", 1, None, 400, {"timeout.total_ms": 400, "timeout.idle_ms": 150})
stream("body in drops", lambda f, _: [[READ, send(OPEN_HEAD), drip(chunk(sse(f)), 5)]],
       "TIMEOUT", 2, None, 520, {"timeout.content_ms": 200, "timeout.idle_ms": 150,
                                 "retry.max": 1})
stream("nothing but pings", lambda f, _: [[READ, send(OPEN_HEAD), repeat(chunk(f.ping), 20)]],
       "TIMEOUT", 1, None, 200, {"timeout.content_ms": 200, "timeout.idle_ms": 150}, text="")
stream("nothing but comments", [[READ, send(OPEN_HEAD), repeat(chunk(b": keep-alive\n\n"), 20)]],
       "TIMEOUT", 1, None, 200, {"timeout.content_ms": 200, "timeout.idle_ms": 150}, text="")
stream("nothing but empty lines", [[READ, send(OPEN_HEAD), repeat(chunk(b"\n\n"), 20)]],
       "TIMEOUT", 1, None, 200, {"timeout.content_ms": 200, "timeout.idle_ms": 150}, text="")
stream("pings after the first words",
       lambda f, mode: [[READ, send(begins(f, mode)), repeat(chunk(f.ping), 20)]],
       "TIMEOUT", 1, None, 200, {"timeout.content_ms": 200, "timeout.idle_ms": 150},
       text="Hello")

# ---- connections that are kept -----------------------------------------------

fault("kept connection closed in the meantime",
      lambda f, mode: [[READ, send(good(f, mode)), wait(30), FIN]],
      "OK", 1, 2, times=2, pause=120, connections=2, text=ALL_WORDS)
fault("kept connection reset in the meantime",
      lambda f, mode: [[READ, send(good(f, mode)), wait(30), RST]],
      "OK", 1, 2, times=2, pause=120, connections=2, text=ALL_WORDS)
fault("kept connection reset with the request",
      lambda f, mode: well(f, mode) + [[READ, RST]] + well(f, mode),
      "OK", 1, 3, times=2, connections=2, text=ALL_WORDS)
fault("kept connection reset where nothing is risked",
      lambda f, mode: well(f, mode) + [[READ, RST]] + well(f, mode),
      "CONNECT", 1, 2, options={"retry.ambiguous": "false"}, times=2, maybe_billed=BILLED)
fault("connection not to be kept",
      lambda f, mode: [[READ, send(good(f, mode, "Connection: close")), FIN]],
      "OK", 1, 2, times=2, connections=2, text=ALL_WORDS)
fault("another answer behind the answer",
      lambda f, mode: [[READ, send(good(f, mode) + full(f.whole("poison")))]] + well(f, mode),
      "OK", 1, 2, times=2, pause=30, text=ALL_WORDS)

# ---- statuses ----------------------------------------------------------------


def refusal(f):
    return f.error("some_error", "No.")


def status(code_name, attempts, *numbers, **more):
    for n in numbers:
        fault("status %d" % n, says(n, refusal), code_name, attempts, http_status=n,
              provider_type="some_error", body=lambda r: refusal(r.f), message="No\\.", **more)

for number in (301, 302, 303, 307, 308):
    fault("status %d to another server" % number,
          says(number, refusal, "Location: http://127.0.0.1:{elsewhere}/v1/messages"),
          "PROTOCOL", elsewhere=True, http_status=number, retryable=0)
fault("status 307 within the server", says(307, refusal, "Location: /other"),
      "PROTOCOL", http_status=307, retryable=0)
fault("status 308 to another scheme", says(308, refusal, "Location: file:///etc/hostname"),
      "PROTOCOL", http_status=308, retryable=0)
fault("status 302 to nowhere", says(302, refusal), "PROTOCOL", http_status=302, retryable=0)

status("REFUSED", 1, 400, 402, 404, 413, 422, retryable=0, maybe_billed=FREE)
status("AUTH", 1, 401, 403, retryable=0, maybe_billed=FREE)
status("REFUSED", 3, 408, 409, retryable=1, maybe_billed=FREE)
status("RATE_LIMIT", 3, 429, retryable=1, maybe_billed=FREE, retry_after_ms=-1)
status("PROVIDER", 3, 503, 529, retryable=1, maybe_billed=FREE)
status("PROVIDER", 3, 500, 504, 599, retryable=1, maybe_billed=BILLED)
fault("status 401, and then it would be well", then_well(lambda f, m: says(401, refusal)(f, m)[0]),
      "AUTH", 1, http_status=401)
for number in (429, 500, 529):
    fault("status %d, then well" % number,
          then_well(lambda f, m, n=number: says(n, refusal)(f, m)[0]), "OK", 2, text=ALL_WORDS)
fault("status 500 where nothing is risked", says(500, refusal), "PROVIDER", 1,
      options={"retry.ambiguous": "false"}, maybe_billed=BILLED)
fault("status 529 where nothing is risked", says(529, refusal), "PROVIDER", 3,
      options={"retry.ambiguous": "false"}, maybe_billed=FREE)

PAGE = b"<html><head><title>502</title></head><body>Bad Gateway</body></html>"
fault("status 502 with a page", says(502, lambda f: PAGE, content_type="text/html"), "PROVIDER", 3,
      http_status=502, body=PAGE, message="^(?!.*<)", maybe_billed=BILLED)
fault("status 503 with nothing", says(503, lambda f: b""), "PROVIDER", 3, http_status=503,
      body=None)
fault("status 400 with words", says(400, lambda f: b"no such thing", content_type="text/plain"),
      "REFUSED", http_status=400, message="no such thing", body=b"no such thing")
fault("status 400 with half an object", says(400, lambda f: refusal(f)[:-3]), "REFUSED",
      http_status=400)
fault("status 400 and broken off",
      lambda f, _: [[READ, send(full(refusal(f), 400)[:-5]), wait(20), RST]], "REFUSED",
      http_status=400)
fault("status 204", [[READ, send(head(204, content_type=None))]],
      {"whole": "PROTOCOL", "stream": "TRUNCATED"}, {"whole": 1, "stream": 3})
for number in (100, 102, 103):
    fault("status %d before the answer" % number,
          lambda f, mode, n=number: [[READ, send(b"HTTP/1.1 %d Wait\r\nLink: </x>\r\n\r\n" % n),
                                      wait(20), send(good(f, mode))]],
          "OK", text=ALL_WORDS)
fault("status 102 twenty times", lambda f, mode: [[READ, send(b"HTTP/1.1 102 Wait\r\n\r\n" * 20),
                                                   send(good(f, mode))]], "OK", text=ALL_WORDS)
fault("status 102 and no more", [[READ, send(b"HTTP/1.1 102 Wait\r\n\r\n"), STALL]],
      "TIMEOUT", 3, None, 560, QUICK)
fault("status 101", [[READ, send(b"HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nhi"),
                      FIN]], "PROTOCOL", 3)

# ---- when to come back -------------------------------------------------------


def come_back(name, code_name, attempts, *headers, number=429, **more):
    fault("status %d, %s" % (number, name), says(number, refusal, *headers), code_name, attempts,
          http_status=number, **more)


come_back("retry-after 0", "RATE_LIMIT", 3, "Retry-After: 0", retry_after_ms=0)
come_back("retry-after 1", "RATE_LIMIT", 2, "Retry-After: 1", retry_after_ms=1000,
          options={"retry.max": 1}, within=1300, at_least=1000)
come_back("retry-after a fraction", "RATE_LIMIT", 3, "Retry-After: 0.05", retry_after_ms=50,
          at_least=100)
come_back("retry-after 1e9", "RATE_LIMIT", 1, "Retry-After: 1e9", retry_after_ms=10**12)
come_back("retry-after past what is allowed", "RATE_LIMIT", 1, "Retry-After: 2",
          options={"retry.server_max_ms": 1999}, retry_after_ms=2000)
come_back("retry-after past the deadline", "RATE_LIMIT", 1, "Retry-After: 2",
          options={"timeout.total_ms": 900}, retry_after_ms=2000)
come_back("retry-after a date gone by", "RATE_LIMIT", 3,
          "Retry-After: Thu, 01 Jan 2015 00:00:00 GMT", retry_after_ms=0)
come_back("retry-after a date far away", "RATE_LIMIT", 1,
          "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT")
come_back("retry-after an impossible date", "RATE_LIMIT", 3,
          "Retry-After: Thu, 32 Jan 2015 00:00:00 GMT", retry_after_ms=-1)
for text in ("soon", "-5", "NaN", "Infinity", "1 2", "0x10", "", "1e", "9" * 5000 + "x"):
    come_back("retry-after %s" % (text[:12] or "empty"), "RATE_LIMIT", 3, "Retry-After: " + text,
              retry_after_ms=-1)
come_back("retry-after endless", "RATE_LIMIT", 1, "Retry-After: " + "9" * 400,
          retry_after_ms=2**63 - 1)
come_back("retry-after-ms", "RATE_LIMIT", 3, "Retry-After-Ms: 60", retry_after_ms=60, at_least=120)
come_back("retry-after-ms before retry-after", "RATE_LIMIT", 3, "Retry-After: 5",
          "Retry-After-Ms: 1", retry_after_ms=1)
come_back("retry-after on an overload", "PROVIDER", 3, "Retry-After: 0.03", number=529,
          at_least=60)
come_back("x-should-retry true", "REFUSED", 3, "x-should-retry: true", number=400)
come_back("x-should-retry false", "RATE_LIMIT", 1, "x-should-retry: false", retryable=0)
come_back("x-should-retry false on a failure", "PROVIDER", 1, "X-Should-Retry: False", number=500)
come_back("x-should-retry something", "REFUSED", 1, "x-should-retry: perhaps", number=400)
for fmt, spent in (("anthropic-messages",
                    lambda f: f.error("rate_limit_error", "spent", details={
                        "error_code": "enforced_spend_limit_reached"})),
                   ("openai-chat",
                    lambda f: f.error("insufficient_quota", "spent", code="insufficient_quota"))):
    fault("status 429, all spent", says(429, spent), "RATE_LIMIT", 1, formats=(fmt,), retryable=0)

# ---- a 200 that is none ------------------------------------------------------

OVERLOAD_FREE = {"anthropic-messages": FREE, "openai-chat": BILLED}
stream("error as the first event",
       lambda f, _: [[READ, send(chunked([f.error_frame(f.overloaded, "Too much.")]))]],
       "PROVIDER", 3, message="Too much", provider_type=lambda r: r.f.overloaded,
       maybe_billed=lambda r: OVERLOAD_FREE[r.f.name])
whole("error as the answer", body_of(lambda f, _: f.error(f.overloaded, "Too much.")),
      "PROVIDER", 3, message="Too much", maybe_billed=lambda r: OVERLOAD_FREE[r.f.name])
stream("error after the first words",
       in_stream(lambda f: f.error_frame(f.overloaded, "Too much.")),
       "PROVIDER", 1, text="Hello", message="Too much", provider_type=lambda r: r.f.overloaded)
stream("error after the first words, and no end",
       lambda f, mode: [[READ, send(begins(f, mode)
                                    + chunk(f.error_frame(f.overloaded, "Too much."))), STALL]],
       "PROVIDER", 1, text="Hello", message="Too much")
stream("error as the first event: the request is wrong",
       lambda f, _: [[READ, send(chunked([f.error_frame("invalid_request_error", "Bad.")]))]],
       "REFUSED", 1, retryable=0)
stream("error as the first event: the key is",
       lambda f, _: [[READ, send(chunked([f.error_frame("authentication_error", "Who?")]))]],
       "AUTH", 1, retryable=0)
stream("error as the first event, then well",
       then_well(lambda f, _: [READ, send(chunked([f.error_frame(f.overloaded, "Too much.")]))]),
       "OK", 2, text=ALL_WORDS)
stream("an error instead of a stream", body_of(lambda f, _: f.error(f.overloaded, "Too much.")),
       "PROVIDER", 3, message="Too much")

fault("a page", body_of(lambda f, _: PAGE, content_type="text/html"), "PROTOCOL", 1,
      text={"whole": None, "stream": ""})
fault("nothing at all", lambda f, mode: [[READ, send(full(b"", content_type=type_of(mode)))]],
      {"whole": "PROTOCOL", "stream": "TRUNCATED"}, {"whole": 1, "stream": 3})
stream("an answer instead of a stream", body_of(lambda f, _: f.whole()), "OK", text=ALL_WORDS)
stream("an answer that says to be a stream", body_of(lambda f, _: f.whole(), content_type=SSE),
       "TRUNCATED", 3)
whole("a stream instead of an answer", lambda f, _: [[READ, send(chunked(f.frames()))]],
      "PROTOCOL", 1)
for kind in ("text/plain", None, "text/event-stream; charset=latin-1"):
    stream("a stream that says to be %s" % kind,
           lambda f, _, k=kind: [[READ, send(chunked(f.frames(), content_type=k))]],
           "OK", text=ALL_WORDS)
whole("an answer of another kind", body_of(lambda f, _: b'{"object":"list","data":[]}'),
      "PROTOCOL", 1)
whole("an answer that is a number", body_of(lambda f, _: b"42"), "PROTOCOL", 1)

# ---- the same where an answer has to be converted ----------------------------

fault("nothing", well, "OK", text=ALL_WORDS, converted=True)
fault("closed within the body", breaks_off(FIN), "TRUNCATED", ONCE_STREAMED, text=FIRST_WORDS,
      maybe_billed=BILLED, converted=True)
fault("status 529", says(529, refusal), "PROVIDER", 3, http_status=529, provider_type="some_error",
      body=lambda r: refusal(r.f), message="No\\.", converted=True)
fault("a page", body_of(lambda f, _: PAGE, content_type="text/html"), "PROTOCOL", 1, converted=True)
whole("error as the answer", body_of(lambda f, _: f.error(f.overloaded, "Too much.")),
      "PROVIDER", 3, message="Too much", converted=True)
whole("an answer of another kind", body_of(lambda f, _: b'{"object":"list","data":[]}'),
      "PROTOCOL", 1, converted=True)
stream("error as the first event",
       lambda f, _: [[READ, send(chunked([f.error_frame(f.overloaded, "Too much.")]))]],
       "PROVIDER", 3, message="Too much", converted=True)
stream("error after the first words",
       in_stream(lambda f: f.error_frame(f.overloaded, "Too much.")),
       "PROVIDER", 1, text="Hello", message="Too much", converted=True)
stream("an answer instead of a stream", body_of(lambda f, _: f.whole()), "OK", text=ALL_WORDS,
       converted=True)
stream("nothing but pings", lambda f, _: [[READ, send(OPEN_HEAD), repeat(chunk(f.ping), 20)]],
       "TIMEOUT", 3, None, 660, {"timeout.content_ms": 200, "timeout.idle_ms": 150},
       converted=True)

# ---- framing -----------------------------------------------------------------

for name, data in (("no number", b"zz\r\nabc\r\n0\r\n\r\n"), ("too long", b"F" * 40 + b"\r\nabc"),
                   ("negative", b"-1\r\nabc\r\n0\r\n\r\n"), ("without an end", b"3\r\nabcdef\r\n")):
    fault("chunk size %s" % name, bad_chunk(data), "PROTOCOL", ONCE_STREAMED, text=FIRST_WORDS)
fault("chunk of which half came", bad_chunk(b"ff\r\nabc"), "TRUNCATED", ONCE_STREAMED,
      text=FIRST_WORDS)
fault("no last chunk", lambda f, mode: [[READ, send(chunked(
    [plain_body(f, mode)], content_type=type_of(mode), end=b"")), wait(20), FIN]],
      {"whole": "TRUNCATED", "stream": "OK"}, {"whole": 3, "stream": 1},
      text={"whole": None, "stream": ALL_WORDS})
fault("trailers", lambda f, mode: [[READ, send(chunked(
    [plain_body(f, mode)], content_type=type_of(mode), end=b"0\r\nX-Sum: 1\r\n\r\n"))]],
      "OK", text=ALL_WORDS)

fault("length too short", with_length(-20), {"whole": "PROTOCOL", "stream": "TRUNCATED"}, 1,
      text={"whole": None, "stream": ALL_WORDS})
fault("length too long", with_length(20), {"whole": "TRUNCATED", "stream": "OK"},
      {"whole": 3, "stream": 1}, text={"whole": None, "stream": ALL_WORDS})
fault("length negative", lambda f, mode: [[READ, send(
    head(200, "Content-Length: -5", content_type=type_of(mode)) + plain_body(f, mode)), FIN]],
      "PROTOCOL", 3)
fault("length no number", lambda f, mode: [[READ, send(
    head(200, "Content-Length: many", content_type=type_of(mode)) + plain_body(f, mode)), FIN]],
      "PROTOCOL", 3)
fault("two lengths, the same", lambda f, mode: [[READ, send(head(
    200, *["Content-Length: %d" % len(plain_body(f, mode))] * 2, content_type=type_of(mode))
    + plain_body(f, mode))]], "OK", text=ALL_WORDS)
fault("two lengths, the last is right", lambda f, mode: [[READ, send(head(
    200, "Content-Length: 7", "Content-Length: %d" % len(plain_body(f, mode)),
    content_type=type_of(mode)) + plain_body(f, mode))]],
      "OK", 1, 2, times=2, connections=2, text=ALL_WORDS)
fault("a length and chunks", lambda f, mode: [[READ, send(chunked(
    [plain_body(f, mode)], "Content-Length: 7", content_type=type_of(mode)))]],
      "OK", 1, 2, times=2, connections=2, text=ALL_WORDS)
fault("no length, no chunks", lambda f, mode: [[READ, send(
    head(200, content_type=type_of(mode)) + plain_body(f, mode)), FIN]], "OK", text=ALL_WORDS)
fault("no length, cut", lambda f, mode: [[READ, send(
    head(200, content_type=type_of(mode)) + plain_body(f, mode)[:-30]), FIN]],
      {"whole": "PROTOCOL", "stream": "TRUNCATED"}, 1, text={"whole": None, "stream": ALL_WORDS})
fault("no HTTP", [[READ, send(b"220 mail.example ESMTP\r\n"), FIN]], "PROTOCOL", 3)
fault("HTTP/0.9", lambda f, mode: [[READ, send(plain_body(f, mode)), FIN]], "PROTOCOL", 3)
fault("HTTP/9.9", [[READ, send(b"HTTP/9.9 200 OK\r\nContent-Length: 0\r\n\r\n"), FIN]],
      "PROTOCOL", 3)
fault("a status of two digits", [[READ, send(b"HTTP/1.1 42 OK\r\nContent-Length: 0\r\n\r\n"), FIN]],
      "PROTOCOL", 3)
fault("headers without colons", lambda f, mode: [[READ, send(
    good(f, mode).replace(b"\r\n", b"\r\nthis is no header\r\n", 1))]], "PROTOCOL", 3)
fault("headers that fold", lambda f, mode: [[READ, send(
    good(f, mode, "X-Long: a\r\n b"))]], "OK", text=ALL_WORDS)
fault("a header with a zero byte", lambda f, mode: [[READ, send(
    good(f, mode, b"X-Odd: a\0b")), FIN]], "PROTOCOL", 3)

# ---- compression that nobody asked for ---------------------------------------

UNREADABLE = {"whole": "PROTOCOL", "stream": "TRUNCATED"}
fault("gzip", zipped(lambda z: z), UNREADABLE, {"whole": 1, "stream": 3})
fault("gzip, cut", zipped(lambda z: z[:-9]), UNREADABLE, {"whole": 1, "stream": 3})
fault("gzip, a bomb", zipped(lambda z: packed(bytes(50_000_000))), UNREADABLE,
      {"whole": 1, "stream": 3})
fault("gzip, garbage", zipped(lambda z: b"\x1f\x8b" + bytes(range(256))), UNREADABLE,
      {"whole": 1, "stream": 3})

# ---- too much ----------------------------------------------------------------

fault("a header without end", lambda f, mode: [[READ, send(b"HTTP/1.1 200 OK\r\nX-Long: "),
                                                repeat(b"x" * 4096, 0)]], "LIMIT", 1, within=900)
fault("headers without end", [[READ, send(b"HTTP/1.1 200 OK\r\n"),
                               repeat(b"X-Many: xxxxxxxxxxxxxxxx\r\n" * 99, 0)]], "LIMIT", 1,
      within=900)
whole("a body without end", [[READ, send(head(200, "Transfer-Encoding: chunked")),
                              repeat(chunk(b" " * 4096), 0)]],
      "LIMIT", 1, within=900, options={"max_body_bytes": 65536})
stream("an answer without end", lambda f, mode: [[READ, send(begins(f, mode)),
                                                  repeat(chunk(f.delta("more") * 20), 0)]],
       "LIMIT", 1, within=900, options={"max_body_bytes": 65536}, text="Hello(more)+")
stream("a line without end", lambda f, mode: [[READ, send(begins(f, mode) + chunk(b"data: ")),
                                               repeat(chunk(b"x" * 4096), 0)]],
       "LIMIT", 1, within=900, options={"max_event_bytes": 16384}, text="Hello")
stream("a comment without end", lambda f, mode: [[READ, send(begins(f, mode) + chunk(b": ")),
                                                  repeat(chunk(b"x" * 4096), 0)]],
       "LIMIT", 1, within=900, options={"max_event_bytes": 16384}, text="Hello")
stream("an event without end", lambda f, mode: [[READ, send(begins(f, mode)),
                                                 repeat(chunk(b"data: xxxxxxxx\n" * 99), 0)]],
       "LIMIT", 1, within=900, options={"max_event_bytes": 16384}, text="Hello")
fault("a refusal without end", [[READ, send(head(400, "Transfer-Encoding: chunked")),
                                 repeat(chunk(b"no " * 5000), 0)]], "REFUSED", 1, within=900,
      http_status=400)
fault("a refusal that is not told to its end",
      lambda f, _: [[READ, send(full(refusal(f), 400)[:-5]), STALL]], "REFUSED", 1, within=200,
      options={"timeout.idle_ms": 200}, http_status=400)
fault("a refusal that is not told before the deadline",
      lambda f, _: [[READ, send(head(503, "Content-Length: 9999")), repeat(b"no ", 10)]],
      "PROVIDER", 1, within=200, options={"timeout.total_ms": 200}, http_status=503)
fault("a refusal larger than an answer may be",
      says(401, lambda f: b" " * 4000 + f.error("some_error", "No.")),
      "AUTH", 1, options={"max_body_bytes": 2048}, http_status=401)

# ---- JSON and its bytes ------------------------------------------------------

WORDS_BEFORE = {"whole": None, "stream": ""}
fault("JSON too deep", deep, "PROTOCOL", 1, text=FIRST_WORDS, within=900)
# An event stream is decoded as its specification says, an object is refused.
for name, data in (("that are no UTF-8", b"H\xff\xfeo"), ("of a spelling too long", b"H\xc0\xafo"),
                   ("of half a surrogate pair", b"H\xed\xa0\xbdo")):
    fault("bytes " + name, twisted(b"Hello", data), {"whole": "PROTOCOL", "stream": "OK"}, 1,
          text={"whole": None, "stream": data.decode("utf-8", "replace") + " world"})
fault("half a surrogate pair", twisted(b"Hello", b"H\\ud83do"), "OK",
      text=lambda r: "H\ufffdo world")
fault("an escaped zero", twisted(b"Hello", b"H\\u0000o"), "OK", text="H\0o world")
fault("a raw zero", twisted(b"Hello", b"H\0o"), "PROTOCOL", 1, text=WORDS_BEFORE)
fault("a raw line break", twisted(b"Hello", b"H\x0bo"), "PROTOCOL", 1, text=WORDS_BEFORE)
fault("a comma too many", twisted(b"}", b",}"), "PROTOCOL", 1, text=WORDS_BEFORE)
whole("something behind the object", body_of(lambda f, _: f.whole() + b"{}"), "PROTOCOL", 1)
fault("a doubled key, read twice", twisted(b'"index":', b'"index":9,"index":'), "PROTOCOL", 1,
      modes=("stream",), formats=("anthropic-messages",), text="")
fault("a doubled key that nobody reads", twisted(b'"index":', b'"zz":1,"zz":2,"index":'), "OK",
      modes=("stream",), text=ALL_WORDS)

# ---- the terminator ----------------------------------------------------------

stream("no terminator", ends(lambda x: x[:-1]), "TRUNCATED", 1, text=ALL_WORDS,
       maybe_billed=BILLED)
stream("no terminator, no reason to stop", ends(lambda x: x[:-2]), "TRUNCATED", 1, text=ALL_WORDS)
stream("half a terminator", ends(lambda x: x[:-1] + [x[-1][:-5]]), "TRUNCATED", 1, text=ALL_WORDS)
stream("no empty line behind the terminator", ends(lambda x: x[:-1] + [x[-1][:-1]]), "OK",
       text=ALL_WORDS)
stream("two terminators", ends(lambda x: x + x[-1:]), "OK", text=ALL_WORDS)
stream("more words behind the terminator", ends(lambda x: x + x[1:3]), "OK", text=ALL_WORDS)
stream("an error behind the terminator",
       lambda f, _: [[READ, send(chunked(f.frames() + [f.error_frame(f.overloaded, "Late.")]))]],
       "OK", text=ALL_WORDS)
stream("garbage behind the terminator", ends(lambda x: x + [b"\0\xff{{{\n\n" * 9]), "OK",
       text=ALL_WORDS)
stream("no close behind the terminator",
       lambda f, _: [[READ, send(OPEN_HEAD + chunk(sse(f))), STALL]], "OK", text=ALL_WORDS)
stream("a reset behind the terminator",
       lambda f, _: [[READ, send(OPEN_HEAD + chunk(sse(f))), wait(20), RST]], "OK", text=ALL_WORDS)
stream("pings without end behind the terminator",
       lambda f, _: [[READ, send(OPEN_HEAD + chunk(sse(f))), repeat(chunk(f.ping), 1)]],
       "OK", text=ALL_WORDS)
whole("no close behind the answer", lambda f, _: [[READ, send(full(f.whole())), STALL]], "OK",
      text=ALL_WORDS)

# ---- TLS ---------------------------------------------------------------------

for name in ("self-signed", "wrong-host", "expired", "not-yet", "unknown-ca"):
    fault("certificate %s" % name, well, "CONNECT", 1, 0, tls=name, within=600, retryable=0,
          maybe_billed=FREE, message="tls: ")
fault("certificate good, but for an authority that is not trusted", well, "CONNECT", 1, 0,
      tls="good", trusts="other", within=600, retryable=0, message="tls: ")
fault("TLS 1.1 and no newer", well, "CONNECT", 3, 0, tls="good", oldest=ssl.TLSVersion.TLSv1_1,
      within=600, maybe_billed=FREE)
fault("TLS 1.2 and no newer", well, "OK", tls="good", oldest=ssl.TLSVersion.TLSv1_2,
      text=ALL_WORDS, within=600)
fault("TLS closed in order", lambda f, mode: [[READ, send(good(f, mode)), BYE]], "OK", tls="good",
      text=ALL_WORDS, within=600)
fault("TLS closed without notice", lambda f, mode: [[READ, send(good(f, mode)), FIN]], "OK",
      tls="good", text=ALL_WORDS, within=600)
fault("TLS closed without notice where that is the end",
      lambda f, mode: [[READ, send(head(200, content_type=type_of(mode)) + plain_body(f, mode)),
                        wait(20), FIN]],
      "OK", 1, tls="good", within=600, text=ALL_WORDS)
fault("TLS closed without notice within the body", breaks_off(FIN), "TRUNCATED", ONCE_STREAMED,
      tls="good", text=FIRST_WORDS, within=900)
fault("TLS reset within the body", breaks_off(RST), "TRUNCATED", ONCE_STREAMED, tls="good",
      text=FIRST_WORDS, within=900)
fault("TLS redirected to plain HTTP",
      says(307, refusal, "Location: http://127.0.0.1:{elsewhere}/"), "PROTOCOL", tls="good",
      elsewhere=True, http_status=307, within=600)
fault("plain HTTP where TLS should be", [[send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), FIN]],
      "CONNECT", 3, 0, scheme="https", within=600, maybe_billed=FREE)
fault("TLS where plain HTTP should be", well, "CONNECT", 3, 0, tls="good", scheme="http")
fault("silence in the handshake", [[STALL]], "TIMEOUT", 3, 0, 600, {"timeout.connect_ms": 150},
      scheme="https", connections=3, maybe_billed=FREE)
fault("reset in the handshake", [[RST]], "CONNECT", 3, 0, scheme="https", connections=3,
      maybe_billed=FREE, within=600)
fault("closed in the handshake", [[FIN]], "CONNECT", 3, 0, scheme="https", connections=3,
      maybe_billed=FREE, within=600)

# ---- a proxy on the way to a server with TLS ---------------------------------


def proxy(name, turns, code, *args, **more):
    """All requests that are seen are the proxy's; `elsewhere` is the server."""
    fault("proxy " + name, turns, code, *args, proxy=True, elsewhere=True, scheme="https",
          maybe_billed=FREE, **more)


proxy("refused", [[RST]], "CONNECT", 3, 0, refuses=True)
proxy("reset at once", [[RST]], "CONNECT", 3, 0)
proxy("closed after its request", [[READ, FIN]], "CONNECT", 3)
proxy("silent", [[READ, STALL]], "TIMEOUT", 3, None, 600, options={"timeout.connect_ms": 150})
for number in (403, 407, 502):
    proxy("says %d" % number, [[READ, send(full(PAGE, number, content_type="text/html")), FIN]],
          "CONNECT", 3)
proxy("gives a page", [[READ, send(full(PAGE, 200, content_type="text/html")), FIN]], "CONNECT",
      3, within=600)
proxy("connects and closes", [[READ, send(b"HTTP/1.1 200 OK\r\n\r\n"), wait(20), RST]], "CONNECT",
      3, within=600)

# ---- the key comes back ------------------------------------------------------


def echo(name, make, code, *args, **more):
    """make(format, key): the whole answer with the key in it."""
    fault("key in " + name,
          lambda f, mode: [[READ, answer(lambda key: make(f, key.encode()))]], code, *args,
          echoes=True, **more)


def keyed(f, key, *headers, message=b"Incorrect API key provided: %s.", **more):
    return full(f.error("invalid_api_key", (message % key).decode(), **more), 401,
                *[h % key for h in headers])


echo("the error", keyed, "AUTH", message=r"provided: \*\*\*\.", body_has=b"provided: ***.")
echo("the error's type and code", lambda f, key: full(
    f.error("key:" + key.decode(), "No.", code=key.decode()), 401), "AUTH",
     provider_type="key:***")
echo("the error, escaped", lambda f, key: full(f.error("bad", "KEY.").replace(
    b"KEY", b"".join(b"\\u%04x" % ch for ch in key)), 401), "AUTH", message=r"\*\*\*\.")
echo("the error, percent-encoded", lambda f, key: full(f.error("bad", "KEY.").replace(
    b"KEY", b"".join(b"%%%02X" % ch if ch == 0x2d else b"%c" % ch for ch in key)), 401), "AUTH",
     message=r"\*\*\*\.")
echo("an error again and again", lambda f, key: full(b" ".join([key] * 40_000), 401), "AUTH",
     within=900)
echo("a page", lambda f, key: full(b"<p>You sent " + key + b"</p>", 403, content_type="text/html"),
     "AUTH", body=b"<p>You sent ***</p>")
echo("the request id", lambda f, key: keyed(f, key, f.request_id + b": req-%s"), "AUTH",
     request_id="req-***")
fault("a request id that is no text", lambda f, _: [[READ, send(full(
    refusal(f), 400, f.request_id + b": a\x1b[31m\x7f" + b"x" * 2000))]], "REFUSED",
      request_id="a?[31m?" + "x" * 1017)
echo("the reason", lambda f, key: full(refusal(f), 400).replace(b"Bad Request", key), "REFUSED")
echo("the status line", lambda f, key: key + b" 200 OK\r\n\r\n", "PROTOCOL", 3,
     options={"timeout.first_byte_ms": 150}, within=600)
echo("a redirect",
     lambda f, key: full(b"", 302, b"Location: http://127.0.0.1:{elsewhere}/?k=" + key),
     "PROTOCOL", elsewhere=True)
echo("a bad length", lambda f, key: head(200, b"Content-Length: " + key), "PROTOCOL", 3)
echo("a bad chunk", lambda f, key: head(200, "Transfer-Encoding: chunked") + key + b"\r\n",
     "PROTOCOL", 3)
echo("what is no JSON", lambda f, key: full(b'{"' + key + b'": ' + key), "PROTOCOL", 1,
     modes=("whole",))
echo("an error event", lambda f, key: chunked([f.error_frame(
    "invalid_request_error", "Who is %s?" % key.decode())]), "REFUSED", 1, modes=("stream",),
     message=r"Who is \*\*\*\?")
echo("what is no event", lambda f, key: chunked(
    f.frames()[:2] + [b"data: {" + key + b"\n\n"]), "PROTOCOL", 1, modes=("stream",), text="Hello")
