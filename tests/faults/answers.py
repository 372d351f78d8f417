# SPDX-License-Identifier: MIT
"""What a provider that is well would say, in both formats, and HTTP round it."""
import gzip
import json


def dense(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Anthropic:
    name = "anthropic-messages"
    provider = "anthropic"
    operation = "messages"
    path = "/v1/messages"
    key_header = b"x-api-key: "
    request_id = b"request-id"
    request = b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}'
    pieces = ("Hello", " world")
    text = "Hello world"

    @staticmethod
    def whole(text="Hello world", **more):
        return dense({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                      "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
                      "stop_sequence": None,
                      "usage": {"input_tokens": 3, "output_tokens": 2}, **more})

    @staticmethod
    def frame(kind, **members):
        return b"event: %s\ndata: %s\n\n" % (kind.encode(), dense({"type": kind, **members}))

    def delta(self, text):
        return self.frame("content_block_delta", index=0,
                          delta={"type": "text_delta", "text": text})

    def frames(self):
        """first what opens the answer, then two deltas, what closes it, and last
        the terminator alone."""
        return [
            self.frame("message_start", message={
                "id": "msg_1", "type": "message", "role": "assistant", "model": "m",
                "content": [], "stop_reason": None, "stop_sequence": None,
                "usage": {"input_tokens": 3, "output_tokens": 1}})
            + self.frame("content_block_start", index=0,
                         content_block={"type": "text", "text": ""}),
            self.delta("Hello"),
            self.delta(" world"),
            self.frame("content_block_stop", index=0)
            + self.frame("message_delta",
                         delta={"stop_reason": "end_turn", "stop_sequence": None},
                         usage={"output_tokens": 2}),
            self.frame("message_stop"),
        ]

    ping = b'event: ping\ndata: {"type":"ping"}\n\n'

    @staticmethod
    def error(kind, message, **more):
        return dense({"type": "error", "error": {"type": kind, "message": message, **more}})

    def error_frame(self, kind, message):
        return b"event: error\ndata: " + self.error(kind, message) + b"\n\n"

    overloaded = "overloaded_error"


class OpenAI:
    name = "openai-chat"
    provider = "openai"
    operation = "chat"
    path = "/chat/completions"
    key_header = b"authorization: Bearer "
    request_id = b"x-request-id"
    request = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'
    pieces = ("Hello", " world")
    text = "Hello world"

    @staticmethod
    def whole(text="Hello world", **more):
        return dense({"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000,
                      "model": "m", "choices": [{"index": 0, "message": {
                          "role": "assistant", "content": text, "refusal": None},
                          "finish_reason": "stop", "logprobs": None}],
                      "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
                      **more})

    @staticmethod
    def frame(delta, finish=None):
        return b"data: " + dense({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000,
            "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}) + b"\n\n"

    def delta(self, text):
        return self.frame({"content": text})

    def frames(self):
        return [
            self.frame({"role": "assistant", "content": ""}),
            self.delta("Hello"),
            self.delta(" world"),
            self.frame({}, "stop"),
            b"data: [DONE]\n\n",
        ]

    ping = b": OPENROUTER PROCESSING\n\n"

    @staticmethod
    def error(kind, message, **more):
        return dense({"error": {"message": message, "type": kind, "param": None,
                                "code": None, **more}})

    def error_frame(self, kind, message):
        return b"data: " + self.error(kind, message) + b"\n\n"

    overloaded = "server_error"


FORMATS = {f.name: f for f in (Anthropic(), OpenAI())}

# ---- HTTP -------------------------------------------------------------------

REASONS = {200: "OK", 301: "Moved Permanently", 400: "Bad Request", 429: "Too Many Requests",
           500: "Internal Server Error"}
SSE = "text/event-stream"
JSON = "application/json"


def head(status, *headers, content_type=JSON):
    """headers: lines "Name: value", text or bytes."""
    lines = [b"HTTP/1.1 %d %s" % (status, REASONS.get(status, "Whatever").encode())]
    if content_type:
        lines.append(b"Content-Type: " + content_type.encode())
    lines += [h if isinstance(h, bytes) else h.encode() for h in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def full(body, status=200, *headers, content_type=JSON):
    return head(status, "Content-Length: %d" % len(body), *headers,
                content_type=content_type) + body


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def chunked(frames, *headers, content_type=SSE, end=b"0\r\n\r\n"):
    return (head(200, "Transfer-Encoding: chunked", *headers, content_type=content_type)
            + b"".join(chunk(f) for f in frames) + end)


def good(f, mode, *headers):
    """The answer that all is well with, complete."""
    if mode == "stream":
        return chunked(f.frames(), *headers)
    return full(f.whole(), 200, *headers)


def packed(data):
    return gzip.compress(data, mtime=0)
