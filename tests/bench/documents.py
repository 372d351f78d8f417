# SPDX-License-Identifier: MIT
"""Requests of about 1 MB: 200 messages and 20 tools, of text alone or with an
image in them."""
import base64
import json
import random

WORDS = ("the a gateway request answer model token stream provider format "
         "because while under \"quoted\" caf\u00e9 na\u00efve 42 3.14 (see above) "
         "however, therefore; path/to/file.c: x = y + 1; \u2014 and or not is").split()
MESSAGES, TOOLS, BYTES = 200, 20, 1000000


def prose(rng, n):
    lines, size = [], 0
    while size < n:
        line = " ".join(rng.choice(WORDS) for _ in range(12))
        lines.append(line)
        size += len(line) + 1
    return "\n".join(lines)


def schema(i):
    return {"type": "object", "required": ["city"], "properties": {
        "city": {"type": "string", "description": f"The city, as tool {i} wants it."},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 14}}}


def part(dialect, image):
    if dialect == "openai-chat":
        return {"type": "image_url", "image_url": {
            "url": "data:image/png;base64," + image}}
    return {"type": "image", "source": {
        "type": "base64", "media_type": "image/png", "data": image}}


def tools(dialect):
    for i in range(TOOLS):
        name, about = f"tool_{i}", f"Looks up something, number {i}."
        if dialect == "openai-chat":
            yield {"type": "function", "function": {
                "name": name, "description": about, "parameters": schema(i)}}
        else:
            yield {"name": name, "description": about,
                   "input_schema": schema(i)}


def large(room, dialect, what):
    """The file it is in."""
    file = room / f"{what}.{dialect}.json"
    if file.exists():
        return file
    rng = random.Random(1)
    image = None
    each = BYTES // MESSAGES
    if what == "image":
        image = base64.b64encode(rng.randbytes(700 * 1024 * 3 // 4)).decode()
        each = (BYTES - len(image)) // MESSAGES
    messages = [{"role": "assistant" if i % 2 else "user",
                 "content": prose(rng, each)} for i in range(MESSAGES)]
    if image:
        messages[0]["content"] = [
            part(dialect, image),
            {"type": "text", "text": messages[0]["content"]}]
    doc = {"model": "bench", "max_tokens": 64, "messages": messages,
           "tools": list(tools(dialect))}
    file.write_text(json.dumps(doc, ensure_ascii=False,
                               separators=(",", ":")), encoding="utf-8")
    return file
