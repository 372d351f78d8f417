#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""examples/relay.c, talked to as the SDKs do. LLMGW_RELAY is where it is."""
import http.client
import json
import os
import signal
import subprocess
import sys

import provider
import tap

RELAY = os.environ.get("LLMGW_RELAY", "")
SERVER = provider.Provider()
MESSAGES = {"model": "echo", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
ANTHROPIC, OPENAI = "/v1/messages", "/v1/chat/completions"


class Relay:
    def __init__(self, *args, **env):
        if not RELAY:
            raise tap.Skip("it is not built: libmicrohttpd is missing")
        self.run = subprocess.Popen([RELAY, "--listen", "127.0.0.1:0", *args],
                                    stdout=subprocess.PIPE, env={**os.environ, **env})
        self.port = int(self.run.stdout.readline().rsplit(b":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.run.send_signal(signal.SIGTERM)
        code = self.run.wait(timeout=30)
        assert code == 0 or exception[0], f"exit {code}"

    def open(self, path, body, method="POST", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body if isinstance(body, (bytes, type(None)))
                           else json.dumps(body), {"content-type": "application/json", **headers})
        return connection.getresponse()

    def ask(self, path, body, method="POST", **headers):
        """(status, headers, body), the body parsed where it is JSON."""
        answer = self.open(path, body, method, **headers)
        text = answer.read()
        if answer.headers["content-type"] == "application/json":
            text = json.loads(text)
        return answer.status, answer.headers, text


def mock(*more, **env):
    return Relay("--set", "provider=mock", *more, **env)


def beyond(how):
    """One in front of the server."""
    return Relay("--set", "provider=anthropic", "--set", "retry.max=0", "--set",
                 f"providers.anthropic.base_url={SERVER.url}/{how}", ANTHROPIC_API_KEY="k")


def same(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def data_of(stream):
    return [line[6:] for line in stream.decode().splitlines() if line.startswith("data: ")]


def test_both_dialects():
    with mock() as relay:
        for query in ("", "?beta=true"):
            status, headers, answer = relay.ask(ANTHROPIC + query, MESSAGES)
            same((status, headers["request-id"]), (200, "req_mock_1"))
            same(answer["content"][0]["text"], "Hi")
            status, headers, answer = relay.ask(OPENAI + query, MESSAGES)
            same((status, headers["x-request-id"]), (200, "req_mock_1"))
            same(answer["choices"][0]["message"]["content"], "Hi")


def test_streams():
    with mock() as relay:
        status, headers, text = relay.ask(ANTHROPIC, dict(MESSAGES, stream=True))
        same((status, headers["content-type"].split(";")[0]), (200, "text/event-stream"))
        assert text.startswith(b"event: message_start\ndata: ") and text.endswith(b"\n\n"), text
        same(json.loads(data_of(text)[-1])["type"], "message_stop")
        status, _, text = relay.ask(OPENAI, dict(MESSAGES, stream=True))
        same((status, data_of(text)[-1]), (200, "[DONE]"))


def test_what_asks_for_a_stream():
    """Only a member of the request itself, and only true."""
    tail = b'"model":"echo","messages":[{"role":"user","content":"a"}]}'
    with mock() as relay:
        for head, streams in ((b'{"stream" :\n true,', 1), (b'{"stream":false,', 0),
                              (b'{"metadata":{"stream":"true"},', 0),
                              (b'{"user":"\\"stream\\":true","seed":1,', 0),
                              (b'{"user":"stream",', 0), (b'{"user":"x\\\\","stream":true,', 1)):
            status, headers, _ = relay.ask(OPENAI, head + tail)
            same((head, status, "event" in headers["content-type"]), (head, 200, bool(streams)))


def test_health_and_what_is_not_there():
    with mock("--token-env", "TOKEN", TOKEN="word") as relay:
        same(relay.ask("/health", None, "GET")[::2], (200, {"status": "ok"}))
        key = {"x-api-key": "word"}
        status, _, body = relay.ask("/v1/messages/count_tokens", MESSAGES, **key)
        same((status, body["type"], body["error"]["type"]), (404, "error", "not_found_error"))
        status, _, body = relay.ask("/v1/models", None, "GET", **key)
        same((status, "type" in body, type(body["error"]["message"])), (404, False, str))
        same(relay.ask(ANTHROPIC, None, "GET", **key)[0], 404)


def test_token():
    with mock("--token-env", "TOKEN", TOKEN="word") as relay:
        for headers in ({}, {"x-api-key": "wor"}, {"x-api-key": "wordword"}, {"x-api-key": ""},
                        {"authorization": "Bearer sword"}, {"authorization": "word"}):
            status, _, body = relay.ask(ANTHROPIC, MESSAGES, **headers)
            same((status, body["error"]["type"]), (401, "authentication_error"))
        for headers in ({"x-api-key": "word"}, {"authorization": "Bearer word"},
                        {"authorization": "Token word"}):
            same(relay.ask(OPENAI, MESSAGES, **headers)[0], 200)


def test_errors_in_the_dialect_of_the_caller():
    with beyond("429") as relay:
        for more in ({}, {"stream": True}):
            status, headers, body = relay.ask(ANTHROPIC, dict(MESSAGES, **more))
            same((status, headers["retry-after"], headers["request-id"]), (429, "7", "req_42"))
            same((body["type"], body["error"]["type"]), ("error", "rate_limit_error"))
            status, headers, body = relay.ask(OPENAI, dict(MESSAGES, **more))
            same((status, headers["retry-after"], headers["x-request-id"]), (429, "7", "req_42"))
            same((body["error"]["message"], "type" in body), ("slow down", False))
    with beyond("page") as relay:  # what a proxy says is nobody's dialect
        status, _, body = relay.ask(ANTHROPIC, MESSAGES)
        same((status, body["error"]["type"]), (503, "api_error"))
    with mock() as relay:
        status, _, body = relay.ask(ANTHROPIC, b'{"model":')
        same((status, body["error"]["type"]), (400, "invalid_request_error"))
        status, _, body = relay.ask(OPENAI, b"")
        same((status, type(body["error"]["message"])), (400, str))
    with Relay("--set", "provider=anthropic", "--set", "retry.max=0", "--set",
               "providers.anthropic.base_url=http://127.0.0.1:1", ANTHROPIC_API_KEY="k") as relay:
        same(relay.ask(ANTHROPIC, MESSAGES)[0], 502)


def test_an_error_before_the_first_frame_has_a_status():
    with beyond("first") as relay:
        status, _, body = relay.ask(ANTHROPIC, dict(MESSAGES, stream=True))
        same((status, body["error"]["message"]), (529, "provider failed: Overloaded"))


def test_errors_in_the_middle_of_a_stream():
    for how, message in (("midway", "Overloaded"), ("cut", "without message_stop")):
        with beyond(how) as relay:
            status, _, text = relay.ask(ANTHROPIC, dict(MESSAGES, stream=True))
            last = json.loads(data_of(text)[-1])
            same((status, last["type"]), (200, "error"))
            assert message in last["error"]["message"], last
            assert b"event: error\ndata: " in text and text.endswith(b"\n\n"), text
            status, _, text = relay.ask(OPENAI, dict(MESSAGES, stream=True))
            assert message in json.loads(data_of(text)[-1])["error"]["message"], text


def test_a_body_too_large():
    with mock() as relay:
        status, _, body = relay.ask(ANTHROPIC, bytes(64 << 20) + b"{")
        same((status, body["error"]["type"]), (413, "request_too_large"))


def test_frames_pass_as_they_come():
    SERVER.go_on.clear()
    with beyond("wait") as relay:
        answer = relay.open(ANTHROPIC, dict(MESSAGES, stream=True))
        got = b""
        while b"Hello" not in got:
            got += answer.read1(1)
        same(b" there" in got, False)
        SERVER.go_on.set()
        assert b" there" in answer.read()


def test_a_client_that_leaves_cancels():
    SERVER.hung_up.clear()
    with beyond("drip") as relay:
        answer = relay.open(ANTHROPIC, dict(MESSAGES, stream=True))
        answer.read1(1)
        answer.close()
        assert SERVER.hung_up.wait(10), "the provider was not told"


def test_stopping_ends_what_runs():
    SERVER.hung_up.clear()
    with beyond("drip") as relay:
        relay.open(ANTHROPIC, dict(MESSAGES, stream=True)).read1(1)
    assert SERVER.hung_up.wait(10), "the provider was not told"


def test_wrong_usage():
    if not RELAY:
        raise tap.Skip("it is not built: libmicrohttpd is missing")
    for args in (["--frob", "x"], ["--set", "x=y"], ["--set"], ["--config", "/no/such/file"],
                 ["--token-env", "UNSET_VARIABLE"], ["--listen", "nowhere"]):
        done = subprocess.run([RELAY, *args], capture_output=True, timeout=30, check=False)
        same((args, done.returncode, done.stderr[:7]), (args, 2, b"relay: "))


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
