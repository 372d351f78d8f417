#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write docs/formats.md: what each format's requests and answers keep, and
lose, in each other format. It is found out, not told: every fixture of the
tests is converted to every format, and the loss reports are put together.

    docs/formats.py LIBRARY [FILE]    FILE: docs/formats.md
"""
import ctypes
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests" / "fixtures"
KINDS = (("request", "request.json", "Requests"), ("response", "answer.json", "Answers"))
CHAT = ("anthropic-messages", "openai-chat", "openai-responses", "openai-completions",
        "gemini", "bedrock-converse", "ollama-chat", "cohere-chat")
SHORT = dict(zip(CHAT, ("Messages", "Chat", "Responses", "Completions", "Gemini",
                        "Converse", "Ollama", "Cohere")))
MARKS = {"kept": "✓", "approximated": "≈", "dropped": "–", "rejected": "✗"}


class Library:
    def __init__(self, path):
        self.c = ctypes.CDLL(path)
        self.c.llmgw_convert.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p,
            ctypes.c_char_p, ctypes.c_size_t, ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_size_t), ctypes.POINTER(ctypes.c_void_p),
            ctypes.POINTER(ctypes.c_void_p)]
        self.c.llmgw_free.argtypes = [ctypes.c_void_p]
        for name in ("error_message", "error_get"):
            getattr(self.c, "llmgw_" + name).restype = ctypes.c_char_p
        self.c.llmgw_error_message.argtypes = [ctypes.c_void_p]
        self.c.llmgw_error_free.argtypes = [ctypes.c_void_p]

    def losses(self, kind, source, target, text):
        """[(pointer, action, reason)], or None if it cannot be converted."""
        out, loss, error = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        n = ctypes.c_size_t()
        code = self.c.llmgw_convert(
            None, kind.encode(), source.encode(), target.encode(), text, len(text),
            ctypes.byref(out), ctypes.byref(n), ctypes.byref(loss), ctypes.byref(error))
        found = []
        if loss.value:
            found = [(e["pointer"], e["action"], e["reason"])
                     for e in json.loads(ctypes.string_at(loss.value))]
        self.c.llmgw_free(out)
        self.c.llmgw_free(loss)
        self.c.llmgw_error_free(error)
        return found if code == 0 or found else None


def pattern(pointer):
    """A pointer with every index as *."""
    return re.sub(r"/\d+(?=/|$)", "/*", pointer) or "/"


def members(value, at=""):
    """Pointers to all that stands in a document."""
    if isinstance(value, dict):
        pairs = ((k.replace("~", "~0").replace("/", "~1"), v) for k, v in value.items())
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return
    for key, v in pairs:
        if v is None:
            continue  # says nothing
        yield f"{at}/{key}"
        yield from members(v, f"{at}/{key}")


def fate(at, losses):
    """What became of a member: its own loss, or that of what it stood in."""
    if at in losses:
        return losses[at][0]
    while at := at.rpartition("/")[0]:
        if losses.get(at, ("approximated",))[0] != "approximated":
            return losses[at][0]
    return "kept"


class Survey:
    """What became of the members of a format's documents in each other."""

    def __init__(self, library, source, kind, file):
        self.documents = 0
        self.fates = {}  # pattern -> target -> {fate}
        self.why = {}    # (reason, action) -> target -> {pattern}
        for path in sorted((FIXTURES / source).glob("*/" + file)):
            text = path.read_bytes()
            try:
                at = list(members(json.loads(text)))
            except ValueError:
                continue
            self.documents += 1
            for target in CHAT:
                if target != source:
                    self.add(target, at, library.losses(kind, source, target, text))

    def add(self, target, at, losses):
        if losses is None:
            return
        by_pointer = {pointer: (action, why) for pointer, action, why in losses}
        for pointer in at:
            of = self.fates.setdefault(pattern(pointer), {})
            of.setdefault(target, set()).add(fate(pointer, by_pointer))
        for pointer, action, why in losses:
            of = self.why.setdefault((why, action), {})
            of.setdefault(target, set()).add(pattern(pointer))

    def lost(self):
        """The patterns that are spoken of in a loss, not only below one."""
        named = {at for of in self.why.values() for all in of.values() for at in all}
        return sorted(named & set(self.fates))

    def kept(self):
        return sum(all(f == {"kept"} for f in of.values()) for of in self.fates.values())


def table(source, survey):
    targets = [t for t in CHAT if t != source]
    yield "| member | " + " | ".join(SHORT[t] for t in targets) + " |"
    yield "|---|" + ":-:|" * len(targets)
    for at in survey.lost():
        cells = (" ".join(MARKS[f] for f in MARKS if f in survey.fates[at].get(t, ()))
                 for t in targets)
        yield f"| `{at}` | " + " | ".join(cells) + " |"


def reasons(survey):
    """Each reason once, with where it is given."""
    for (why, action), of in sorted(survey.why.items()):
        where = "; ".join(f"{SHORT[t]}: " + ", ".join(f"`{a}`" for a in sorted(of[t]))
                          for t in CHAT if t in of)
        yield f"- {MARKS[action]} *{why}*: {where}"


def page(library):
    yield "# What is kept from format to format"
    yield ""
    yield ("Made by `docs/formats.py` from the fixtures in `tests/fixtures`: each is "
           "converted to each other format, and this is what the loss reports say. "
           "✓ kept, ≈ approximated, – dropped, ✗ refused; more than one where it "
           "depends on the value. A member that stands in no table is kept in every "
           "format. `*` is any index. A format to itself loses nothing: its bytes are "
           "handed through.")
    for source in CHAT:
        yield from ("", f"## From {source}")
        for kind, file, title in KINDS:
            survey = Survey(library, source, kind, file)
            if not survey.documents:
                continue
            yield from ("", f"### {title}", "",
                        f"{survey.documents} documents with {len(survey.fates)} different "
                        f"members, {survey.kept()} of them kept by every format.")
            if survey.lost():
                yield from ("", *table(source, survey), "",
                            "<details><summary>Why</summary>", "",
                            *reasons(survey), "", "</details>")


def main():
    library = Library(sys.argv[1])
    file = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "docs" / "formats.md")
    file.write_text("\n".join(page(library)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
