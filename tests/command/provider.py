# SPDX-License-Identifier: MIT
"""A provider on the loopback that speaks Anthropic's format, well or badly: the
first part of the path says how."""
import http.server
import json
import threading
import time

ANSWER = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
          "content": [{"type": "text", "text": "Hello there"}], "stop_reason": "end_turn",
          "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2}}


def frame(data):
    return f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode()


BEGIN = frame({"type": "message_start", "message": dict(
    ANSWER, content=[], stop_reason=None, usage={"input_tokens": 3, "output_tokens": 1})})
OPEN = frame({"type": "content_block_start", "index": 0,
              "content_block": {"type": "text", "text": ""}})
PIECES = [frame({"type": "content_block_delta", "index": 0,
                 "delta": {"type": "text_delta", "text": text}}) for text in ("Hello", " there")]
PING = frame({"type": "ping"})
CLOSE = [frame({"type": "content_block_stop", "index": 0}),
         frame({"type": "message_delta", "delta": {"stop_reason": "end_turn",
                                                   "stop_sequence": None},
                "usage": {"output_tokens": 2}}),
         frame({"type": "message_stop"})]
STREAM = [BEGIN, OPEN, PING, *PIECES, *CLOSE]
OVERLOADED = frame({"type": "error", "error": {"type": "overloaded_error",
                                               "message": "Overloaded"}})


class Provider(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests = []  # (path, headers, body)
        self.hung_up = threading.Event()  # a client left in the middle
        self.go_on = threading.Event()  # what /wait waits for
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def begin(self, status, kind, length=None, **headers):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("request-id", "req_42")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if length is None:
            self.send_header("connection", "close")
            self.close_connection = True
        else:
            self.send_header("content-length", str(length))
        self.end_headers()

    def send(self, *frames):
        for data in frames:
            self.wfile.write(data)
            self.wfile.flush()

    def whole(self, status, value, **headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.begin(status, "application/json", len(body), **headers)
        self.send(body)

    def fail(self, status, kind, message, **headers):
        self.whole(status, {"type": "error", "error": {"type": kind, "message": message}},
                   **headers)

    def drip(self):
        """Go on until the client has had enough."""
        self.begin(200, "text/event-stream")
        try:
            self.send(BEGIN, OPEN)
            while True:
                self.send(PIECES[0])
                time.sleep(0.02)
        except OSError:
            self.server.hung_up.set()

    def wait(self):
        """Hold the second piece back until it is asked for."""
        self.begin(200, "text/event-stream")
        self.send(BEGIN, OPEN, PIECES[0])
        self.server.go_on.wait(10)
        self.send(PIECES[1], *CLOSE)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.requests.append((self.path, dict(self.headers), body))
        how = self.path.split("/")[1]
        if how in ("401", "400", "404", "500"):
            self.fail(int(how), {"401": "authentication_error", "404": "not_found_error",
                                 "400": "invalid_request_error"}.get(how, "api_error"),
                      "told so")
        elif how == "429":
            self.fail(429, "rate_limit_error", "slow down", retry_after="7")
        elif how == "page":
            self.begin(503, "text/html", 13)
            self.send(b"<html></html>")
        elif how == "garbage":
            self.whole(200, b"{\"id\": ")
        elif how == "once" and len(self.server.requests) == 1:
            self.fail(529, "overloaded_error", "later", retry_after_ms="1")
        elif how in ("drip", "wait"):
            getattr(self, how)()
        elif how in ("midway", "cut"):
            self.begin(200, "text/event-stream")
            self.send(BEGIN, OPEN, PIECES[0], *([OVERLOADED] if how == "midway" else []))
        elif how == "first":
            self.begin(200, "text/event-stream")
            self.send(OVERLOADED)
        elif json.loads(body).get("stream"):
            self.begin(200, "text/event-stream")
            self.send(*STREAM)
        else:
            self.whole(200, ANSWER)
