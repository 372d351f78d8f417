# SPDX-License-Identifier: MIT
"""What an answer means, whatever its format, whole or as the events of a
stream:

    {"parts": [part], "stop", "usage": {"input", "output", "cached", "thinking"}}

with parts as in golden_requests, and tokens counted as OpenAI does: input with
what was cached, output with what was thought."""
from golden_requests import (bedrock_part, chat_calls, chat_part, chat_thinking, gemini_part,
                             media, parsed, responses_item, texts, anthropic_part)


def joined(parts):
    """Adjacent texts as one; nothing empty."""
    out = []
    for part in parts:
        if part[0] in ("text", "thinking"):
            if not part[1]:
                continue
            if out and out[-1][0] == part[0]:
                out[-1] = [part[0], out[-1][1] + part[1]]
                continue
        out.append(part)
    return out


def answer(parts, stop, usage):
    return {"parts": joined(parts), "stop": stop, "usage": usage}


def tokens(given, output, cached=0, thinking=0):
    if not given and not output:  # Anthropic says 0 where nothing is known
        return None
    return {"input": given, "output": output, "cached": cached or 0, "thinking": thinking or 0}


# ---- anthropic-messages ----------------------------------------------------

ANTHROPIC_STOP = {"end_turn": "end", "stop_sequence": "stop sequence", "max_tokens": "length",
                  "tool_use": "tool", "refusal": "refusal"}


def anthropic_usage(u):
    cached = u.get("cache_read_input_tokens") or 0
    details = u.get("output_tokens_details") or {}
    given = u.get("input_tokens")
    return tokens(None if given is None else
                  given + cached + (u.get("cache_creation_input_tokens") or 0),
                  u.get("output_tokens"), cached, details.get("thinking_tokens"))


def anthropic(d):
    return answer([anthropic_part(p) for p in d["content"]],
                  ANTHROPIC_STOP.get(d["stop_reason"], d["stop_reason"]),
                  anthropic_usage(d["usage"]))


def anthropic_stream(events):
    blocks, stop, usage = {}, None, {}
    for e in events:
        kind = e.get("type")
        if kind == "message":  # Vertex answers a small request whole
            return anthropic(e)
        if kind == "message_start":
            usage.update(e["message"]["usage"])
        elif kind == "content_block_start":
            blocks[e["index"]] = dict(e["content_block"], json="")
        elif kind == "content_block_delta":
            b, delta = blocks[e["index"]], e["delta"]
            for name, into in (("text", "text"), ("thinking", "thinking"),
                               ("partial_json", "json")):
                b[into] = b.get(into, "") + delta.get(name, "")
        elif kind == "message_delta":
            stop = e["delta"].get("stop_reason") or stop
            usage.update({k: v for k, v in (e.get("usage") or {}).items() if v is not None})
    for b in blocks.values():
        if b["json"]:
            b["input"] = parsed(b["json"])
    return anthropic({"content": blocks.values(), "stop_reason": stop, "usage": usage})


# ---- openai-chat -----------------------------------------------------------

CHAT_STOP = {"stop": "end", "length": "length", "tool_calls": "tool", "content_filter": "refusal"}


def chat_usage(u):
    given, got = (u or {}).get("prompt_tokens_details"), (u or {}).get("completion_tokens_details")
    return u and tokens(u["prompt_tokens"], u["completion_tokens"],
                        (given or {}).get("cached_tokens"), (got or {}).get("reasoning_tokens"))


def chat(d):
    m = d["choices"][0]["message"]
    stop = d["choices"][0]["finish_reason"]
    images = [media(None, url=i["image_url"]["url"]) for i in m.get("images") or []]
    parts = texts(m.get("content"), chat_part) + texts(m.get("refusal"), chat_part)
    return answer(chat_thinking(m) + parts + images + chat_calls(m),
                  CHAT_STOP.get(stop, stop), chat_usage(d.get("usage")))


def chat_stream(events):
    whole = {"content": "", "reasoning_content": "", "refusal": ""}
    calls, stop, usage = {}, None, None
    for e in events:
        usage = e.get("usage") or usage
        for choice in e.get("choices") or []:
            delta = choice.get("delta") or {}
            stop = choice.get("finish_reason") or stop
            for key in whole:
                whole[key] += delta.get(key) or ""
            if not delta.get("reasoning_content"):
                for part in chat_thinking({"reasoning": delta.get("reasoning")}):
                    whole["reasoning_content"] += part[1]
            for c in delta.get("tool_calls") or []:
                into = calls.setdefault(c["index"], {"id": None, "function": {"arguments": ""}})
                into["id"] = c.get("id") or into["id"]
                f = c.get("function") or {}
                into["function"]["arguments"] += f.get("arguments") or ""
                into["function"]["name"] = f.get("name") or into["function"].get("name")
    whole["tool_calls"] = list(calls.values())
    return chat({"choices": [{"message": whole, "finish_reason": stop}], "usage": usage})


# ---- openai-responses ------------------------------------------------------

def responses_stop(d, parts):
    why = (d.get("incomplete_details") or {}).get("reason")
    if why or d.get("status") == "incomplete":  # without a reason: cut, too
        return {"content_filter": "refusal"}.get(why, "length")
    return "tool" if any(p[0] == "call" for p in parts) else "end"


def responses(d):
    parts = []
    for item in d["output"]:
        parts += responses_item(item)[1]
    u = d.get("usage")
    return answer(parts, responses_stop(d, parts),
                  u and tokens(u["input_tokens"], u["output_tokens"],
                               (u.get("input_tokens_details") or {}).get("cached_tokens"),
                               (u.get("output_tokens_details") or {}).get("reasoning_tokens")))


def responses_stream(events):
    """From the deltas; what has none from the item when it is done."""
    items, text, last = {}, {}, {}
    for e in events:
        kind, i = e.get("type", ""), e.get("output_index")
        if kind in ("response.output_item.added", "response.output_item.done"):
            items[i] = e["item"]
        elif kind in ("response.output_text.delta", "response.function_call_arguments.delta",
                      "response.custom_tool_call_input.delta",
                      "response.reasoning_summary_text.delta", "response.refusal.delta"):
            text[i] = text.get(i, "") + e["delta"]
        elif kind in ("response.completed", "response.incomplete", "response.failed"):
            last = e["response"]
    for i, item in items.items():
        if i not in text:
            continue
        if item["type"] == "message":
            item["content"] = [{"type": "output_text", "text": text[i]}]
        elif item["type"] == "reasoning":
            item["summary"] = [{"text": text[i]}]
        else:
            item["arguments" if "arguments" in item else "input"] = text[i]
    return responses(dict(last, output=list(items.values())))


# ---- gemini ----------------------------------------------------------------

GEMINI_STOP = {"STOP": "end", "MAX_TOKENS": "length", "SAFETY": "refusal"}


def gemini_usage(u):
    if not u:
        return None
    thought = u.get("thoughtsTokenCount") or 0
    return tokens(u.get("promptTokenCount", 0) + (u.get("toolUsePromptTokenCount") or 0),
                  (u.get("candidatesTokenCount") or 0) + thought,
                  u.get("cachedContentTokenCount"), thought)


def gemini(d):
    return gemini_stream([d])


def gemini_stream(events):
    parts, stop, usage = [], None, None
    for e in events:
        usage = gemini_usage(e.get("usageMetadata")) or usage
        for c in (e.get("candidates") or [])[:1]:
            parts += [gemini_part(p) for p in (c.get("content") or {}).get("parts") or []
                      if set(p) - {"thoughtSignature"}]
            stop = c.get("finishReason") or stop
    stop = GEMINI_STOP.get(stop, stop)
    if stop == "end" and any(p[0] == "call" for p in parts):
        stop = "tool"  # Gemini says STOP then, too
    return answer(parts, stop, usage)


# ---- bedrock-converse ------------------------------------------------------

BEDROCK_STOP = dict(ANTHROPIC_STOP, content_filtered="refusal", guardrail_intervened="refusal")


def bedrock_usage(u):
    cached = u.get("cacheReadInputTokens") or 0
    given = u.get("inputTokens")
    return tokens(None if given is None else given + cached + (u.get("cacheWriteInputTokens") or 0),
                  u.get("outputTokens"), cached)


def bedrock(d):
    return answer([bedrock_part(p) for p in d["output"]["message"]["content"]],
                  BEDROCK_STOP.get(d["stopReason"], d["stopReason"]), bedrock_usage(d["usage"]))


def bedrock_stream(events):
    blocks, stop, usage = {}, None, {}
    for e in events:
        (kind, v), = e.items()
        if kind == "contentBlockStart":
            blocks[v["contentBlockIndex"]] = {k: dict(u) for k, u in v["start"].items()}
        elif kind == "contentBlockDelta":
            bedrock_delta(blocks.setdefault(v["contentBlockIndex"], {}), v["delta"])
        elif kind == "messageStop":
            stop = v["stopReason"]
        elif kind == "metadata":
            usage = v.get("usage") or {}
    for b in blocks.values():
        if "toolUse" in b:
            b["toolUse"]["input"] = parsed(b["toolUse"].get("input") or "{}")
    return bedrock({"output": {"message": {"content": [b for b in blocks.values() if b]}},
                    "stopReason": stop, "usage": usage})


def bedrock_delta(block, delta):
    if "text" in delta:
        block["text"] = block.get("text", "") + delta["text"]
    elif "toolUse" in delta:
        use = block["toolUse"]
        use["input"] = use.get("input", "") + delta["toolUse"]["input"]
    elif "reasoningContent" in delta:
        into = block.setdefault("reasoningContent", {"reasoningText": {"text": ""}})
        into["reasoningText"]["text"] += delta["reasoningContent"].get("text", "")


READ = {"anthropic-messages": anthropic, "openai-chat": chat, "openai-responses": responses,
        "gemini": gemini, "bedrock-converse": bedrock}
FOLD = {"anthropic-messages": anthropic_stream, "openai-chat": chat_stream,
        "openai-responses": responses_stream, "gemini": gemini_stream,
        "bedrock-converse": bedrock_stream}
