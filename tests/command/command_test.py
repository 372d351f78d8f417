#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The llmgw command, seen from a shell. LLMGW_COMMAND is where it is."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import provider
import tap

COMMAND = os.environ["LLMGW_COMMAND"]
SCRATCH = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
SERVER = provider.Provider()
ENV = {name: value for name, value in os.environ.items()
       if not re.search(r"_API_KEY$|_BASE_URL$|^LLMGW_MODEL$|_proxy$", name, re.I)}
ENV["KEY"] = "key-of-the-test"
BODY = {"model": "x", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
MOCK = dict(BODY, model="mock/echo")
CHAT = {"model": "gpt-x", "seed": 7, "messages": [{"role": "system", "content": "Be brief."},
                                                  {"role": "user", "content": "Hi"}]}
TO_ANTHROPIC = ("--from", "openai-chat", "--to", "anthropic-messages")
VERBS = ("ask", "call", "convert", "providers", "formats", "options")


def path(name, value=None):
    where = os.path.join(SCRATCH.name, name)
    if value is not None:
        with open(where, "wb") as out:
            out.write(value if isinstance(value, bytes) else json.dumps(value).encode())
    return where


def read(name):
    with open(path(name), encoding="utf-8") as file:
        return file.read()


def llmgw(*args, stdin=b"", **env):
    if not isinstance(stdin, bytes):
        stdin = json.dumps(stdin).encode()
    return subprocess.run([COMMAND, *args], input=stdin, capture_output=True,
                          env={**ENV, **env}, timeout=60, check=False)


def start(*args):
    return subprocess.Popen([COMMAND, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=ENV, bufsize=0)


def at(how, *more):
    """Options that lead to the server."""
    return ("--provider", "anthropic", "--base-url", f"{SERVER.url}/{how}",
            "--api-key-env", "KEY", "--set", "retry.max=0", *more)


def same(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def ends(done, code, *words):
    """It ended with `code`, and stderr has the words."""
    assert done.returncode == code, f"exit {done.returncode}, not {code}: {done.stderr!r}"
    for word in words:
        assert word.encode() in done.stderr, f"no {word!r} in {done.stderr!r}"


# ---- words, help, lists -------------------------------------------------------

def test_version():
    done = llmgw("--version")
    ends(done, 0)
    assert re.match(rb"llmgw \d+\.\d+\.\d+ libcurl/.*providers=", done.stdout), done.stdout


def test_help_lists_verbs_and_exit_codes():
    done = llmgw("--help")
    ends(done, 0)
    for word in [*VERBS, *(f" {code}  " for code in range(12))]:
        assert word.encode() in done.stdout, word


def test_help_of_each_verb():
    for verb in VERBS:
        done = llmgw(verb, "--help")
        ends(done, 0)
        assert done.stdout.startswith(b"Usage: llmgw " + verb.encode()), done.stdout
        same(llmgw(verb, "-h").stdout, done.stdout)
    assert b"--strict" in llmgw("convert", "-h").stdout
    assert b"--strict" not in llmgw("ask", "-h").stdout


def test_lists():
    same(set(llmgw("formats").stdout.split()) >= {b"anthropic-messages", b"openai-chat"}, True)
    same(b"mock" in llmgw("providers").stdout.split(), True)
    assert b"\nretry.max\n    " in llmgw("options").stdout


def test_wrong_usage_is_2():
    for args in ([], ["frob"], ["ask", "--frob"], ["ask", "-x"], ["ask", "-m"], ["ask", "a", "b"],
                 ["ask", "--strict"], ["call"], ["call", "frob"], ["call", "chat", "--stream=yes"],
                 ["convert", "request"], ["convert", "frob", *TO_ANTHROPIC],
                 ["convert", "request", "--from", "frob", "--to", "openai-chat"],
                 ["providers", "more"], ["call", "chat", "--set", "nothing"],
                 ["call", "chat", "--set", "no.such=1"], ["call", "chat", "--base-url", "http://x"],
                 ["call", "chat", "--provider", "nobody"]):
        done = llmgw(*args, stdin=MOCK)
        ends(done, 2, "llmgw")
        same(done.stdout, b"")


def test_options_in_every_spelling():
    for args in (["-mmock/echo", "Hi"], ["-m", "mock/echo", "Hi"], ["--model=mock/echo", "Hi"],
                 ["Hi", "--model", "mock/echo"], ["-m", "mock/echo", "--", "Hi"]):
        done = llmgw("ask", *args)
        ends(done, 0)
        same(done.stdout, b"Hi\n")
    same(llmgw("ask", "-m", "mock/echo", "--", "-m").stdout, b"-m\n")


# ---- convert ------------------------------------------------------------------

def test_convert_request_and_losses_on_stderr():
    done = llmgw("convert", "request", *TO_ANTHROPIC, stdin=CHAT)
    ends(done, 0)
    out = json.loads(done.stdout)
    same(out["messages"][0]["role"], "user")
    assert "Be brief." in json.dumps(out["system"])
    losses = [json.loads(line) for line in done.stderr.splitlines()]
    same("/seed" in [loss["pointer"] for loss in losses], True)


def test_convert_loss_file_is_an_array():
    done = llmgw("convert", "request", *TO_ANTHROPIC, "--loss", path("loss"), stdin=CHAT)
    ends(done, 0)
    same(done.stderr, b"")
    same({"pointer", "action", "reason"} <= set(json.loads(read("loss"))[0]), True)
    llmgw("convert", "request", "--from", "openai-chat", "--to", "openai-chat", "--loss",
          path("loss"), stdin=CHAT)
    same(json.loads(read("loss")), [])


def test_convert_strict_refuses():
    done = llmgw("convert", "request", "--strict", *TO_ANTHROPIC, "--loss", path("loss"),
                 stdin=dict(CHAT, max_tokens=9))
    ends(done, 5, "seed")
    same(done.stdout, b"")
    same(json.loads(read("loss"))[0]["pointer"], "/seed")


def test_convert_to_the_same_keeps_every_byte():
    text = b' {"model":"x" , "n":1.0,"big":18446744073709551615, "messages":[]}\n '
    done = llmgw("convert", "request", "--from", "openai-chat", "--to", "openai-chat", stdin=text)
    ends(done, 0)
    same(done.stdout, text)


def test_convert_response_from_a_file():
    done = llmgw("convert", "response", "--from", "anthropic-messages", "--to", "openai-chat",
                 path("answer", provider.ANSWER))
    ends(done, 0)
    same(json.loads(done.stdout)["choices"][0]["message"]["content"], "Hello there")


def test_convert_stream_as_it_comes():
    run = start("convert", "stream", "--from", "anthropic-messages", "--to", "openai-chat")
    run.stdin.write(provider.BEGIN + provider.OPEN + provider.PIECES[0])
    run.stdin.flush()
    first = run.stdout.readline()  # blocks for ever if it waits for the end
    assert first.startswith(b"data: {"), first
    out, _ = run.communicate(provider.PIECES[1] + b"".join(provider.CLOSE), timeout=30)
    same(run.returncode, 0)
    assert out.endswith(b"data: [DONE]\n\n"), out
    assert b"Hello" in first + out and b" there" in out


def test_convert_stream_cut_short_is_7():
    done = llmgw("convert", "stream", "--from", "anthropic-messages", "--to", "openai-chat",
                 stdin=b"".join(provider.STREAM[:5]))
    ends(done, 7)
    assert b" there" in done.stdout  # what came is not held back


def test_convert_stream_strict():
    odd = provider.frame({"type": "content_block_start", "index": 0, "content_block": {
        "type": "server_tool_use", "id": "a", "name": "web_search", "input": {}}})
    args = ("convert", "stream", "--from", "anthropic-messages", "--to", "openai-chat")
    stream = provider.BEGIN + odd + b"".join(provider.CLOSE)
    lax = llmgw(*args, stdin=stream)
    ends(lax, 0, '"pointer"')
    ends(llmgw(*args, "--strict", stdin=stream), 5)


def test_bad_input_is_8():
    args = ("convert", "request", *TO_ANTHROPIC)
    ends(llmgw(*args, stdin=b"{\"a\":"), 8, "byte 5")
    ends(llmgw(*args, stdin={"model": "x", "messages": [{"role": "user", "content": 5}]}), 8,
         "/messages/0/content")
    ends(llmgw(*args, stdin=b""), 8, "no input")
    ends(llmgw(*args, path("nowhere")), 8, "nowhere")
    ends(llmgw(*args, SCRATCH.name), 8)
    ends(llmgw("call", "chat", stdin=b"{\"model\":\"mock/echo\""), 8)
    ends(llmgw("call", "chat", "--config", path("config", b"{"), stdin=MOCK), 8)
    ends(llmgw("ask", stdin=b""), 8)


def test_too_large_is_11():
    with open(path("large"), "wb") as out:
        out.truncate((64 << 20) + 1)
    ends(llmgw("call", "chat", path("large")), 11, "64 MiB")


# ---- call ---------------------------------------------------------------------

def test_call_mock_in_both_formats():
    done = llmgw("call", "messages", path("body", MOCK))
    ends(done, 0)
    same(json.loads(done.stdout)["content"][0]["text"], "Hi")
    done = llmgw("call", "chat", "-", stdin=MOCK)
    ends(done, 0)
    same(json.loads(done.stdout)["choices"][0]["message"]["content"], "Hi")


def test_call_hands_the_answer_through():
    done = llmgw("call", "messages", *at("ok"), stdin=BODY)
    ends(done, 0)
    same(done.stdout, json.dumps(provider.ANSWER).encode())
    same(SERVER.requests[-1][1]["x-api-key"], "key-of-the-test")


def test_call_stream_is_byte_for_byte():
    done = llmgw("call", "messages", "--stream", *at("ok"), stdin=BODY)
    ends(done, 0)
    same(done.stdout, b"".join(provider.STREAM))


def test_call_stream_equals_the_mock_s():
    """The same words, whole or in pieces, in either format."""
    want = json.loads(llmgw("call", "chat", stdin=dict(BODY, model="mock/lorem-20")).stdout)
    want = want["choices"][0]["message"]["content"]
    for operation in ("chat", "messages"):
        done = llmgw("call", operation, "--stream", stdin=dict(BODY, model="mock/lorem-20"))
        ends(done, 0)
        text = ""
        for line in done.stdout.decode().splitlines():
            if not line.startswith("data: {"):
                continue
            data = json.loads(line[6:])
            delta = data["choices"][0]["delta"] if "choices" in data else data.get("delta", {})
            text += delta.get("content") or delta.get("text") or ""
        same(text, want)


def test_call_stream_converted():
    done = llmgw("call", "chat", "--stream", *at("ok"), "--loss", path("loss"), stdin=CHAT)
    ends(done, 0)
    assert done.stdout.endswith(b"data: [DONE]\n\n"), done.stdout
    same("/seed" in [loss["pointer"] for loss in json.loads(read("loss"))], True)
    same("seed" in json.loads(SERVER.requests[-1][2]), False)


def test_call_losses_on_stderr():
    done = llmgw("call", "chat", *at("ok"), stdin=CHAT)
    ends(done, 0, '{"pointer":"/seed"')


def test_exit_code_of_each_failure():
    for how, code, words in (("401", 3, ("status 401", "told so")),
                             ("429", 4, ("status 429", "retry after 7000 ms")),
                             ("400", 5, ("status 400", "invalid_request_error")),
                             ("404", 5, ("status 404",)), ("garbage", 7, ()),
                             ("500", 9, ("status 500",)), ("page", 9, ("status 503",))):
        for more in ((), ("--stream",)):
            if how == "garbage" and more:
                continue
            done = llmgw("call", "messages", *at(how), *more, stdin=BODY)
            ends(done, code, "provider anthropic", "request req_42", *words)
            same(done.stdout, b"")
    ends(llmgw("call", "messages", *at("drip", "--set", "timeout.total_ms=200"), "--stream",
               stdin=BODY), 6)
    ends(llmgw("call", "messages", "--provider", "anthropic", "--base-url", "http://127.0.0.1:1",
               "--api-key-env", "KEY", "--set", "retry.max=0", stdin=BODY), 6)
    ends(llmgw("call", "messages", "--set", "max_body_bytes=1024",
               stdin=dict(BODY, model="mock/lorem-900")), 11)
    ends(llmgw("call", "chat", "--set", "strict=true", *at("ok"), stdin=CHAT), 5)
    ends(llmgw("call", "messages", stdin=dict(BODY, model="openai/x")), 3)


def test_error_in_the_middle_of_a_stream():
    done = llmgw("call", "messages", "--stream", *at("midway"), stdin=BODY)
    ends(done, 9, "Overloaded", "request req_42")
    assert done.stdout.endswith(provider.PIECES[0] + provider.OVERLOADED), done.stdout
    done = llmgw("call", "chat", "--stream", *at("midway"), stdin=BODY)
    ends(done, 9)
    same(json.loads(done.stdout.split(b"data: ")[-1])["error"]["message"], "Overloaded")


def test_stream_cut_short():
    done = llmgw("call", "messages", "--stream", *at("cut"), stdin=BODY)
    ends(done, 7)
    assert done.stdout.endswith(provider.PIECES[0]), done.stdout


def test_trace_file():
    SERVER.requests.clear()
    done = llmgw("call", "chat", "--stream", *at("once"), "--set", "retry.max=1", "--trace",
                 path("trace"), stdin=CHAT)
    ends(done, 0)
    events = [json.loads(line) for line in read("trace").splitlines()]
    kinds = [event["event"] for event in events]
    same([kind for kind in kinds if kind != "loss"],
         ["call", "attempt", "retry", "attempt", "first", "done"])
    same("loss" in kinds, True)
    same(events[0]["operation"], "chat")
    by_kind = {event["event"]: event for event in events}
    assert by_kind["attempt"]["url"].startswith(SERVER.url), by_kind
    same(by_kind["retry"]["status"], 529)
    same("/seed" in [event.get("pointer") for event in events], True)
    same((by_kind["done"]["code"], by_kind["done"]["status"], by_kind["done"]["output_tokens"]),
         (0, 200, 2))
    same("key-of-the-test" in read("trace"), False)


def test_files_that_cannot_be_written():
    for option in ("--trace", "--loss"):
        done = llmgw("call", "chat", option, path("no") + "/such/file", stdin=MOCK)
        ends(done, 1, "/such/file")
        same(done.stdout, b"")
    for verb in (["call", "chat"], ["call", "chat", "--stream"], ["ask", "-m", "mock/echo"]):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([COMMAND, *verb], input=json.dumps(MOCK).encode(), stdout=full,
                                  stderr=subprocess.PIPE, env=ENV, timeout=60, check=False)
        ends(done, 1, "cannot write")


def test_config_and_set():
    config = {"provider": "here", "retry": {"max": 0}, "providers": {
        "here": {"type": "anthropic", "base_url": SERVER.url + "/400", "api_key": "from-config"}}}
    args = ("call", "messages", "--config", path("config", config))
    ends(llmgw(*args, stdin=BODY), 5, "provider here")
    same(SERVER.requests[-1][1]["x-api-key"], "from-config")
    ends(llmgw(*args, "--set", f"providers.here.base_url={SERVER.url}/ok", stdin=BODY), 0)


def test_keys_come_from_the_environment_only():
    ends(llmgw("call", "messages", "--provider", "anthropic", "--base-url", SERVER.url + "/ok",
               stdin=BODY, ANTHROPIC_API_KEY="well-known"), 0)
    same(SERVER.requests[-1][1]["x-api-key"], "well-known")
    ends(llmgw("call", "messages", "--provider", "anthropic", "--api-key-env", "UNSET",
               stdin=BODY), 3, "UNSET")
    for pair in ("providers.openai.api_key=k", 'providers={"openai":{"api_key":"k"}}',
                 "proxy=http://user:word@localhost:1"):
        ends(llmgw("call", "chat", "--set", pair, stdin=MOCK), 2, "--api-key-env")


# ---- ask ----------------------------------------------------------------------

def test_ask_without_a_model():
    done = llmgw("ask", "Hi")
    ends(done, 0, "mock/lorem", "-m", "LLMGW_MODEL")
    assert done.stdout.startswith(b"lorem ipsum") and done.stdout.endswith(b"\n"), done.stdout


def test_ask_takes_the_model_from_the_environment():
    done = llmgw("ask", "Hi", LLMGW_MODEL="mock/echo")
    ends(done, 0)
    same(done.stdout, b"Hi\n")
    same(len(done.stderr.splitlines()), 1)


def test_ask_reads_stdin():
    text = "line \"one\"\nline\ttwo \u00e9\U0001f600\\ end\n"
    for args in ((), ("-",)):
        done = llmgw("ask", "-m", "mock/echo", *args, stdin=text.encode())
        ends(done, 0)
        same(done.stdout.decode(), text)


def test_ask_system_and_stats():
    done = llmgw("ask", "-s", "Be \"brief\".", "-m", "x", *at("ok"), "Hi")
    ends(done, 0, "claude-x", "3 tokens in", "2 tokens out", " ms")
    same(done.stdout, b"Hello there\n")
    same("Be \"brief\"." in json.dumps(json.loads(SERVER.requests[-1][2])["system"])
         .replace("\\\"", "\""), True)


def test_ask_prints_words_as_they_arrive():
    SERVER.go_on.clear()
    run = start("ask", "-m", "x", *at("wait"), "Hi")
    same(run.stdout.read(5), b"Hello")
    SERVER.go_on.set()
    out, _ = run.communicate(timeout=30)
    same((run.returncode, out), (0, b" there\n"))


def test_ask_failure():
    done = llmgw("ask", "-m", "x", *at("429"), "Hi")
    ends(done, 4, "slow down")
    same(done.stdout, b"")


# ---- being left, being stopped ------------------------------------------------

def test_sigint_cancels():
    for name in (signal.SIGINT, signal.SIGTERM):
        SERVER.hung_up.clear()
        run = start("call", "messages", "--stream", *at("drip"))
        run.stdin.write(json.dumps(BODY).encode())
        run.stdin.close()
        run.stdout.readline()
        run.send_signal(name)
        run.stdout.read()
        same(run.wait(timeout=30), 10)
        assert b"cancelled" in run.stderr.read()
        assert SERVER.hung_up.wait(10), "the provider was not told"


def test_broken_pipe_is_quiet():
    SERVER.hung_up.clear()
    run = start("ask", "-m", "x", *at("drip"), "Hi")
    run.stdout.read(5)
    run.stdout.close()
    same(run.wait(timeout=30), 1)
    same(run.stderr.read(), b"")
    assert SERVER.hung_up.wait(10), "the provider was not told"
    run = start("options")
    run.stdout.close()
    same((run.wait(timeout=30), run.stderr.read()), (1, b""))


if __name__ == "__main__":
    began = time.monotonic()
    result = tap.run(sys.modules[__name__])
    print(f"# {time.monotonic() - began:.1f} s")
    sys.exit(result)
