# SPDX-License-Identifier: MIT
"""What a request means, in one small structure whatever its format: two
requests that ask the same are equal here.

    {"system": [text], "turns": [[role, [part]]], "tools": {name: {...}},
     "choice", "parallel", "schema", "limit", "temperature", "top_p", "top_k",
     "stop", "thinking"}

A part is [kind, ...]: ["text", text], ["call", id, name, arguments],
["result", id, [part or ["json", value]]], ["media", type, content], ["thinking", text] or
["other", kind]. Results are the user's, as calls are the assistant's."""
import json
import zlib


def brief(data):
    """Long content by what tells it from other content."""
    data = data or ""
    return data if len(data) < 200 else f"{len(data)} characters, crc {zlib.crc32(data.encode()):x}"


def media(kind, data=None, url=None):
    if url and url.startswith("data:"):
        head, _, data = url[5:].partition(",")
        kind, url = head.split(";")[0], None
    return ["media", kind if data is not None else None, url if data is None else brief(data)]


def parsed(text):
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def plain_schema(schema):
    """The same schema in all dialects: types in small letters, and `nullable`
    as JSON Schema says it."""
    if isinstance(schema, list):
        return [plain_schema(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    out = {}
    for key, value in schema.items():
        if key in ("properties", "$defs") and isinstance(value, dict):
            value = {k: plain_schema(v) for k, v in value.items()}
        elif key == "type" and isinstance(value, str):
            value = value.lower()
        elif key in ("required", "enum"):
            value = sorted(value, key=str)
        elif value is None:
            continue
        else:
            value = plain_schema(value)
        out[key] = value
    if out.pop("nullable", False):
        out["type"] = [out.get("type"), "null"]
    return out


class Request:
    def __init__(self):
        self.out = {"system": [], "turns": [], "tools": {}}

    def system(self, text):
        if text:
            self.out["system"].append(text)

    def turn(self, role, parts):
        turns = self.out["turns"]
        if not turns or turns[-1][0] != role:
            turns.append([role, []])
        for part in parts:
            into = turns[-1][1]
            if part[0] == "text" and into and into[-1][0] == "text":
                into[-1] = ["text", into[-1][1] + "\n" + part[1]]
            elif part not in (["text", ""], ["thinking", ""]):
                into.append(part)

    def tool(self, name, description, schema):
        self.out["tools"][name] = {"description": description or None,
                                   "schema": plain_schema(schema) or None}

    def set(self, **what):
        self.out.update({k: v for k, v in what.items() if v is not None and v != []})

    def done(self):
        self.out["system"] = "\n".join(self.out["system"])
        if self.out.get("choice") == "auto":  # as without one
            del self.out["choice"]
        # OpenAI gives a schema a name; where there is no place for that it may
        # be the title, which constrains nothing.
        self.out.get("schema", {}).pop("title", None)
        return self.out


def result(key, parts):
    """What a tool gave, as JSON where it is; out of the {"output": ...} that
    Gemini has it in."""
    if len(parts) == 1 and parts[0][0] == "text":
        content = parsed(parts[0][1])
        if isinstance(content, dict) and list(content) in (["output"], ["result"]):
            content, = content.values()
        parts = [["json", content]]
    return ["result", key, parts]


def texts(content, read):
    """The parts of a content that may be one string."""
    if content is None:
        return []
    return [["text", content]] if isinstance(content, str) else [read(p) for p in content]


# ---- anthropic-messages ----------------------------------------------------

def anthropic_part(p):
    kind = p["type"]
    if kind == "text":
        return ["text", p["text"]]
    if kind in ("image", "document"):
        source = p["source"]
        if source["type"] == "text":
            return ["media", source["media_type"], brief(source["data"])]
        return media(source.get("media_type"), source.get("data"), source.get("url"))
    if kind == "tool_use":
        return ["call", p["id"], p["name"], p["input"]]
    if kind == "tool_result":
        return result(p["tool_use_id"], texts(p.get("content"), anthropic_part))
    if kind == "thinking":
        return ["thinking", p["thinking"]]
    return ["other", kind]


def anthropic(d):
    r = Request()
    for part in texts(d.get("system"), anthropic_part):
        r.system(part[1])
    for m in d["messages"]:
        if m["role"] == "system":
            r.turn("system", texts(m["content"], anthropic_part))
        else:
            r.turn(m["role"], texts(m["content"], anthropic_part))
    for t in d.get("tools", []):
        r.tool(t["name"], t.get("description"), t.get("input_schema", {"type": t.get("type")}))
    choice = d.get("tool_choice") or {}
    config = d.get("output_config") or {}
    thinking = d.get("thinking") or {}
    r.set(choice={"any": "required"}.get(choice.get("type"), choice.get("type"))
          if choice.get("type") != "tool" else {"name": choice["name"]},
          parallel=False if choice.get("disable_parallel_tool_use") else None,
          schema=plain_schema((config.get("format") or d.get("output_format") or {}).get("schema")),
          limit=d.get("max_tokens"), temperature=d.get("temperature"), top_p=d.get("top_p"),
          top_k=d.get("top_k"), stop=d.get("stop_sequences"),
          thinking={"disabled": "off", None: "on" if config.get("effort") else None}
          .get(thinking.get("type"), "on"))
    return r.done()


# ---- openai-chat -----------------------------------------------------------

def chat_part(p):
    kind = p["type"]
    if kind in ("text", "refusal"):
        return ["text", p[kind]]
    if kind == "image_url":
        return media(None, url=p["image_url"]["url"])
    if kind == "input_audio":
        return media("audio/" + p["input_audio"]["format"], p["input_audio"]["data"])
    if kind == "file":
        return media(None, url=p["file"].get("file_data"))
    return ["other", kind]


def chat_calls(m):
    return [["call", c["id"], c["function"]["name"], parsed(c["function"]["arguments"])]
            if "function" in c else ["call", c["id"], c["custom"]["name"], c["custom"]["input"]]
            for c in m.get("tool_calls") or []]


def chat_thinking(m):
    text = m.get("reasoning_content") or m.get("reasoning") or ""
    if not isinstance(text, str):
        text = "".join(t.get("content") or "" for t in text)
    return [["thinking", text]] if text else []


def chat(d):
    r = Request()
    for m in d["messages"]:
        role = m["role"]
        parts = texts(m.get("content"), chat_part)
        if role in ("system", "developer"):
            if r.out["turns"]:
                r.turn("system", parts)
            else:
                for part in parts:
                    r.system(part[1])
        elif role == "tool":
            r.turn("user", [result(m["tool_call_id"], parts)])
        else:
            r.turn(role, chat_thinking(m) + parts + chat_calls(m))
    for t in d.get("tools") or []:
        f = t.get("function") or t.get("custom") or {"name": t["type"]}
        r.tool(f["name"], f.get("description"), f.get("parameters"))
    choice = d.get("tool_choice")
    if isinstance(choice, dict):
        choice = {"name": choice["function"]["name"]} if "function" in choice else choice
    form = d.get("response_format") or {}
    effort = d.get("reasoning_effort")
    r.set(choice=choice, parallel=d.get("parallel_tool_calls"),
          schema=plain_schema((form.get("json_schema") or {}).get("schema")),
          limit=d.get("max_completion_tokens", d.get("max_tokens")),
          temperature=d.get("temperature"), top_p=d.get("top_p"), top_k=d.get("top_k"),
          stop=[d["stop"]] if isinstance(d.get("stop"), str) else d.get("stop"),
          thinking=effort and ("off" if effort == "none" else "on"))
    return r.done()


# ---- openai-responses ------------------------------------------------------

def responses_part(p):
    kind = p["type"]
    if kind in ("input_text", "output_text", "text"):
        return ["text", p["text"]]
    if kind == "refusal":
        return ["text", p["refusal"]]
    if kind == "input_image":
        return media(None, url=p.get("image_url"))
    if kind == "input_file":
        return media(None, url=p.get("file_data") or p.get("file_url"))
    return ["other", kind]


def responses_reasoning(item):
    return ["thinking", "\n".join(s["text"] for s in (item.get("summary") or []) or
                                  (item.get("content") or []))]


def responses_item(item):
    """Whose turn an item is, and its parts."""
    kind = item.get("type", "message")
    if kind == "message":
        return item["role"], texts(item["content"], responses_part)
    if kind in ("function_call", "custom_tool_call"):
        return "assistant", [["call", item["call_id"], item["name"],
                              parsed(item.get("arguments", item.get("input")))]]
    if kind in ("function_call_output", "custom_tool_call_output"):
        return "user", [result(item["call_id"], texts(item["output"], responses_part))]
    if kind == "reasoning":
        return "assistant", [responses_reasoning(item)]
    return "assistant", [["other", kind]]


def responses(d):
    r = Request()
    r.system(d.get("instructions"))
    items = d["input"]
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    for item in items:
        role, parts = responses_item(item)
        if role in ("system", "developer") and not r.out["turns"]:
            for part in parts:
                r.system(part[1])
        else:
            r.turn("system" if role == "developer" else role, parts)
    for t in d.get("tools") or []:
        r.tool(t.get("name", t["type"]), t.get("description"), t.get("parameters"))
    choice = d.get("tool_choice")
    if isinstance(choice, dict):
        choice = {"name": choice["name"]} if "name" in choice else choice
    reasoning = d.get("reasoning") or {}
    r.set(choice=choice, parallel=d.get("parallel_tool_calls"),
          schema=plain_schema(((d.get("text") or {}).get("format") or {}).get("schema")),
          limit=d.get("max_output_tokens"), temperature=d.get("temperature"),
          top_p=d.get("top_p"), top_k=d.get("top_k"),
          thinking="off" if reasoning.get("effort") == "none" else "on" if reasoning else None)
    return r.done()


# ---- gemini ----------------------------------------------------------------

def gemini_part(p):
    if "functionCall" in p:
        call = p["functionCall"]
        return ["call", call.get("id"), call.get("name"), call.get("args", {})]
    if "functionResponse" in p:
        given = p["functionResponse"]
        return result(given.get("id"), [["text", json.dumps(given["response"])]])
    if "inlineData" in p:
        return media(p["inlineData"]["mimeType"], p["inlineData"]["data"])
    if "fileData" in p:
        return media(None, url=p["fileData"]["fileUri"])
    if "text" in p:
        return ["thinking" if p.get("thought") else "text", p["text"]]
    return ["other", " ".join(p)]


def gemini_tools(r, d):
    for t in d.get("tools") or []:
        for f in t.get("functionDeclarations") or []:
            r.tool(f["name"], f.get("description"),
                   f.get("parametersJsonSchema") or f.get("parameters"))
        for kind in t:
            if kind != "functionDeclarations" and t[kind] is not None:
                r.tool(kind, None, None)


def gemini(d):
    r = Request()
    config = dict(d.get("generationConfig") or {})
    said = d.get("systemInstruction") or {}
    for part in [["text", said]] if isinstance(said, str) else \
            map(gemini_part, said.get("parts") or []):
        r.system(part[1])
    contents = d["contents"]
    if isinstance(contents, str):
        contents = [{"role": "user", "parts": [{"text": contents}]}]
    for turn in contents:
        r.turn("assistant" if turn.get("role") == "model" else "user",
               [gemini_part(p) for p in turn["parts"]])
    gemini_tools(r, d)
    calling = (d.get("toolConfig") or {}).get("functionCallingConfig") or {}
    choice = {"AUTO": "auto", "ANY": "required", "NONE": "none"}.get(calling.get("mode"))
    names = calling.get("allowedFunctionNames") or []
    thinking = config.get("thinkingConfig") or {}
    r.set(choice={"name": names[0]} if len(names) == 1 and choice == "required" else choice,
          schema=plain_schema(config.get("responseJsonSchema") or config.get("responseSchema")),
          limit=config.get("maxOutputTokens"), temperature=config.get("temperature"),
          top_p=config.get("topP"), top_k=config.get("topK"), stop=config.get("stopSequences"),
          thinking="off" if thinking.get("thinkingBudget") == 0 else "on" if thinking else None)
    return r.done()


# ---- bedrock-converse ------------------------------------------------------

def bedrock_part(p):
    (kind, value), = ((k, v) for k, v in p.items() if k != "type")
    if kind == "text":
        return ["text", value]
    if kind == "json":
        return ["text", json.dumps(value)]
    if kind in ("image", "document", "video", "audio"):
        source = value["source"]
        if "text" in source:
            return ["media", "text/plain", brief(source["text"])]
        return media(f"{kind}/{value['format']}", source.get("bytes"),
                     (source.get("s3Location") or {}).get("uri"))
    if kind == "toolUse":
        return ["call", value["toolUseId"], value["name"], value["input"]]
    if kind == "toolResult":
        return result(value["toolUseId"], [bedrock_part(q) for q in value["content"]])
    if kind == "reasoningContent":
        return ["thinking", (value.get("reasoningText") or {}).get("text", "")]
    return ["other", kind]


def bedrock(d):
    r = Request()
    for part in d.get("system") or []:
        r.system(part.get("text"))
    for m in d["messages"]:
        parts = [bedrock_part(p) for p in m["content"]]
        r.turn(m["role"], [p for p in parts if p != ["other", "cachePoint"]])
    tools = d.get("toolConfig") or {}
    for t in tools.get("tools") or []:
        if "toolSpec" in t:
            spec = t["toolSpec"]
            r.tool(spec["name"], spec.get("description"), spec["inputSchema"]["json"])
    choice = tools.get("toolChoice") or {}
    config = d.get("inferenceConfig") or {}
    more = d.get("additionalModelRequestFields") or {}
    form = ((d.get("outputConfig") or {}).get("textFormat") or {}).get("structure") or {}
    thinking = more.get("thinking") or {}
    effort = (d.get("outputConfig") or more.get("output_config") or {}).get("effort")
    r.set(choice="required" if "any" in choice else "auto" if "auto" in choice
          else {"name": choice["tool"]["name"]} if "tool" in choice else None,
          schema=plain_schema(parsed((form.get("jsonSchema") or {}).get("schema"))),
          limit=config.get("maxTokens"), temperature=config.get("temperature"),
          top_p=config.get("topP"), top_k=more.get("top_k"), stop=config.get("stopSequences"),
          thinking={"disabled": "off", None: effort and "on"}.get(thinking.get("type"), "on"))
    return r.done()


READ = {"anthropic-messages": anthropic, "openai-chat": chat, "openai-responses": responses,
        "gemini": gemini, "bedrock-converse": bedrock}
