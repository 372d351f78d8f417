# SPDX-License-Identifier: MIT
"""The events of a stream as the bytes of its format, and back."""
import json
import struct
import zlib


def event_name(name, event):
    if name in ("anthropic-messages", "openai-responses"):
        return event.get("type")
    return None


def message(kind, payload):
    """One message of AWS's event stream."""
    headers = b""
    for name, value in ((":event-type", kind), (":content-type", "application/json"),
                        (":message-type", "event")):
        headers += struct.pack("!B", len(name)) + name.encode()
        headers += struct.pack("!BH", 7, len(value)) + value.encode()
    head = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    head += struct.pack("!I", zlib.crc32(head))
    text = head + headers + payload
    return text + struct.pack("!I", zlib.crc32(text))


def written(name, events):
    out = b""
    for event in events:
        if name == "bedrock-converse":
            (kind, payload), = event.items()
            out += message(kind, json.dumps(payload).encode())
            continue
        kind = event_name(name, event)
        out += (f"event: {kind}\n" if kind else "").encode()
        out += b"data: " + json.dumps(event).encode() + b"\n\n"
    return out + (b"data: [DONE]\n\n" if name == "openai-chat" else b"")


def read_messages(data):
    out = []
    while data:
        size, headers = struct.unpack("!II", data[:8])
        if zlib.crc32(data[:size - 4]) != struct.unpack("!I", data[size - 4:size])[0]:
            raise ValueError("the sum of a message is wrong")
        names, at, end = {}, 12, 12 + headers
        while at < end:
            n = data[at]
            name = data[at + 1:at + 1 + n]
            at += 1 + n
            n, = struct.unpack("!H", data[at + 1:at + 3])
            names[name] = data[at + 3:at + 3 + n]
            at += 3 + n
        kind = names.get(b":event-type") or names.get(b":exception-type")
        out.append({kind.decode(): json.loads(data[end:size - 4])})
        data = data[size:]
    return out


def read(name, data):
    if name == "bedrock-converse":
        return read_messages(data)
    lines = data.decode().splitlines()
    if name == "ollama-chat":
        return [json.loads(line) for line in lines if line]
    data = [line[5:].strip() for line in lines if line.startswith("data:")]
    return [json.loads(d) for d in data if d and d != "[DONE]"]
