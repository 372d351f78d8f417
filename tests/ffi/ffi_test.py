#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shared library driven from Python, its HTTP too: the transport below is
written in Python and answers from lists."""
import ctypes
import json
import os
import sys
from ctypes import byref, c_char_p, c_size_t, c_void_p

import tap
from llmgw_ctypes import TRACE, Transport, load

lib = load()
REQUEST = {"model": "claude-x", "max_tokens": 9,
           "messages": [{"role": "user", "content": "H\u00e9llo \u0000 \U0001f600"}]}
ANSWER = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
          "content": [{"type": "text", "text": "Hi \u0000 \u00e9"}], "stop_reason": "end_turn",
          "stop_sequence": None, "usage": {"input_tokens": 3, "output_tokens": 2}}
EVENTS = [
    {"type": "message_start", "message": dict(ANSWER, content=[], stop_reason=None)},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi "}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "you"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
     "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]
STREAM = "".join(f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in EVENTS).encode()


class Python:
    """A transport: `answers` are (status, content type, pieces) in turn."""

    def __init__(self, *answers):
        self.answers, self.seen, self.waiting, self.freed = list(answers), [], {}, 0
        self.table = Transport(size=ctypes.sizeof(Transport))
        for name in ("start", "pump", "cancel", "free"):
            kind = dict(Transport._fields_)[name]
            setattr(self.table, name, kind(getattr(self, name)))

    def start(self, _self, x):
        room = ctypes.create_string_buffer(65536)
        body, headers, value, i = b"", {}, c_char_p(), 0
        while (n := lib.llmgw_exchange_read_body(x, room, len(room))) > 0:
            body += room.raw[:n]
        while (name := lib.llmgw_exchange_header(x, i, byref(value))) is not None:
            headers[name.decode().lower()] = value.value.decode()
            i += 1
        self.seen.append((lib.llmgw_exchange_method(x), lib.llmgw_exchange_url(x), headers, body))
        self.waiting[x] = self.answers.pop(0)
        return 0

    def pump(self, _self, _timeout):
        for x, (status, kind, pieces) in list(self.waiting.items()):
            del self.waiting[x]
            lib.llmgw_exchange_on_status(x, status)
            lib.llmgw_exchange_on_header(x, b"content-type", kind)
            for piece in pieces:
                lib.llmgw_exchange_on_body(x, piece, len(piece))
            lib.llmgw_exchange_on_done(x, 0, None)
        return 0

    def cancel(self, _self, x):
        self.waiting.pop(x, None)

    def free(self, _self):
        self.freed += 1


class Client:
    def __init__(self, transport, **options):
        self.transport, o, self.handle = transport, c_void_p(), c_void_p()
        lib.llmgw_options_new(byref(o))
        settings = {"provider": "anthropic", "providers.anthropic.api_key": "k", **options}
        for key, value in settings.items():
            assert lib.llmgw_options_set(o, key.encode(), value.encode()) == 0, key
        assert lib.llmgw_options_get(o, b"providers.anthropic.api_key") == b"***"
        if transport:
            assert lib.llmgw_options_set_transport(o, byref(transport.table), None) == 0
        assert lib.llmgw_client_new(o, byref(self.handle), None) == 0
        lib.llmgw_options_free(o)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        lib.llmgw_client_free(self.handle)

    def ask(self, function, operation=b"messages"):
        body, out, error = json.dumps(REQUEST).encode(), c_void_p(), c_void_p()
        code = function(self.handle, None, operation, body, len(body), byref(out), byref(error))
        return code, out, error


def text(function, handle):
    n = c_size_t()
    p = function(handle, byref(n))
    return None if p is None else ctypes.string_at(
        ctypes.cast(ctypes.c_char_p(p), c_void_p), min(n.value, len(p))).decode()


def test_whole():
    transport = Python((200, b"application/json", [json.dumps(ANSWER).encode()]))
    with Client(transport) as client:
        code, response, _ = client.ask(lib.llmgw_call)
        assert code == 0
        assert json.loads(lib.llmgw_response_json(response, None)) == ANSWER
        assert lib.llmgw_response_stop(response) == b"end"
        assert lib.llmgw_response_usage(response, 2) == 2
        lib.llmgw_response_free(response)
    method, url, headers, body = transport.seen[0]
    assert (method, url) == (b"POST", b"https://api.anthropic.com/v1/messages")
    assert headers["x-api-key"] == "k" and json.loads(body) == REQUEST
    assert transport.freed == 1


def test_length_counts_beyond_a_nul():
    transport = Python((200, b"application/json", [json.dumps(ANSWER).encode()]))
    with Client(transport) as client:
        _, response, _ = client.ask(lib.llmgw_call)
        n = c_size_t()
        raw = ctypes.CDLL(os.environ["LLMGW_LIBRARY"]).llmgw_response_text
        raw.restype, raw.argtypes = c_void_p, [c_void_p, ctypes.POINTER(c_size_t)]
        p = raw(response, byref(n))
        assert ctypes.string_at(p, n.value).decode() == "Hi \u0000 \u00e9"
        lib.llmgw_response_free(response)


def test_stream_in_single_bytes():
    transport = Python((200, b"text/event-stream",
                        [STREAM[i:i + 1] for i in range(len(STREAM))]))
    with Client(transport) as client:
        code, stream, _ = client.ask(lib.llmgw_call_stream)
        assert code == 0
        words, frames = [], []
        while (event := lib.llmgw_stream_next(stream)) > 0:
            if event == 2:
                words.append(text(lib.llmgw_stream_text, stream))
            frames.append(lib.llmgw_stream_frame(stream, None) or b"")
        assert event == 0 and words == ["Hi ", "you"] and b"".join(frames) == STREAM
        lib.llmgw_stream_free(stream)


def test_stream_to_another_format():
    transport = Python((200, b"text/event-stream", [STREAM]))
    with Client(transport) as client:
        code, stream, _ = client.ask(lib.llmgw_call_stream, b"chat")
        assert code == 0
        frames = []
        while lib.llmgw_stream_next(stream) > 0:
            frames.append(lib.llmgw_stream_frame(stream, None))
        lines = [f.decode().strip()[6:] for f in frames if f]
        assert lines[-1] == "[DONE]"
        chunks = [json.loads(line) for line in lines[:-1]]
        said = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"])
        assert said == "Hi you"
        lib.llmgw_stream_free(stream)


def test_error():
    refusal = {"type": "error", "error": {"type": "invalid_request_error", "message": "no k!"}}
    transport = Python((400, b"application/json", [json.dumps(refusal).encode()]))
    with Client(transport) as client:
        code, response, error = client.ask(lib.llmgw_call)
        assert code == -10 and not response
        assert lib.llmgw_error_code(error) == -10 and lib.llmgw_error_http_status(error) == 400
        assert b"no k!" in lib.llmgw_error_message(error)
        lib.llmgw_error_free(error)


def test_cancel():
    transport = Python((200, b"text/event-stream", [STREAM]))
    with Client(transport) as client:
        _, stream, _ = client.ask(lib.llmgw_call_stream)
        assert lib.llmgw_stream_next(stream) == 1
        lib.llmgw_stream_cancel(stream)
        while (event := lib.llmgw_stream_next(stream)) > 0:
            pass
        assert event == -15 and lib.llmgw_error_code(lib.llmgw_stream_error(stream)) == -15
        lib.llmgw_stream_free(stream)


def test_convert():
    body, out, n, loss = json.dumps(REQUEST).encode(), c_void_p(), c_size_t(), c_void_p()
    assert lib.llmgw_convert(None, b"request", b"anthropic-messages", b"openai-chat", body,
                             len(body), byref(out), byref(n), byref(loss), None) == 0
    chat = json.loads(ctypes.string_at(out, n.value))
    assert chat["messages"][0]["content"] == REQUEST["messages"][0]["content"]
    assert json.loads(ctypes.string_at(loss)) == []
    lib.llmgw_free(out)
    lib.llmgw_free(loss)


def test_trace():
    kinds = []
    trace = TRACE(lambda _user, t: kinds.append(lib.llmgw_trace_kind(t)))
    o, client, out = c_void_p(), c_void_p(), c_void_p()
    lib.llmgw_options_new(byref(o))
    lib.llmgw_options_set_trace(o, trace, None)
    lib.llmgw_client_new(o, byref(client), None)
    body = json.dumps(dict(REQUEST, model="mock/echo")).encode()
    assert lib.llmgw_call(client, None, b"messages", body, len(body), byref(out), None) == 0
    assert kinds[0] == 1 and kinds[-1] == 7 and 2 in kinds, kinds
    lib.llmgw_response_free(out)
    lib.llmgw_client_free(client)
    lib.llmgw_options_free(o)


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
