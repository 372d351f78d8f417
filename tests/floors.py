#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The laws of the house, as a test: who may include whom, how long files and
functions may be, what may not be called. `floors.py [ROOT]` prints what is
broken, one line each, and exits 1."""
import pathlib
import re
import sys

FAMILY = re.compile("(anthropic_messages|bedrock_converse|cohere_chat|gemini|ollama_chat"
                    "|openai_chat|openai_completions|openai_responses)")
FLOOR = {"lib/base": 0, "lib/wire": 1, "lib/json": 1, "lib/ir": 2, "lib/model": 2, "lib/format": 3,
         "src/base": 4, "src/auth": 5, "src/transport": 5, "src/provider": 6, "src/gateway": 7}
PURE = set("limits.h stdalign.h stdarg.h stddef.h stdint.h stdio.h string.h emmintrin.h "
           "llmgw/llmgw.h".split())  # all that lib/ may have of the system
WORLD = {"curl": "src/transport", "openssl": "src/base", "cjson": "src/base"}
SYSTEM = re.compile(r"(sys/|pthread|unistd|fcntl|errno|signal|time\.h|poll|dirent|netinet|arpa)")
SYSTEM_AT = ("src/base/sys.", "src/base/doc.c", "src/transport/", "src/gateway/version.c")
BANNED = re.compile(
    r"(?<![\w.>])(sprintf|strcpy|strcat|strtok|gets|atoi|atof|strtod|setlocale|setenv|putenv|"
    r"printf|fprintf|vfprintf|puts|exit|_exit|abort|signal|sigaction|alloca|rand|srand|time|"
    r"localtime|gmtime|sleep|usleep|cJSON_Parse|cJSON_ParseWithOpts|cJSON_InitHooks|"
    r"cJSON_GetErrorPtr|cJSON_GetObjectItem|cJSON_Minify|cJSON_Duplicate|cJSON_SetValuestring|"
    r"curl_global_cleanup|curl_global_init_mem|curl_easy_reset)\s*\(")
GETENV = re.compile(r"(?<!\w)(secure_)?getenv\s*\(")
HEAP = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|free|strdup|strndup)\s*\(")


def strip(text):
    """Comments and strings blanked, lines kept."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text,
                  flags=re.S)


def includes(rel, text):
    room = "/".join(rel.split("/")[:2])
    family = FAMILY.match(rel.split("/")[-1])
    for n, line in enumerate(text.splitlines(), 1):
        m = re.match(r'\s*#\s*include\s+([<"])([^>"]+)', line)
        if not m:
            continue
        what, other = m.group(2), "/".join(m.group(2).split("/")[:2])
        if m.group(1) == '"' and other in FLOOR and other != room and FLOOR[other] >= FLOOR[room]:
            yield n, f"floor {FLOOR[room]} includes {what} of floor {FLOOR[other]}"
        named = FAMILY.match(what.removeprefix("lib/format/")) if other == "lib/format" else None
        if named and room == "lib/format" and (not family or family.group(1) != named.group(1)) \
                and not rel.endswith("formats.c"):
            yield n, f"knows a format that is not its own: {what}"
        if m.group(1) == "<":
            if room.startswith("lib") and what not in PURE and not rel.endswith("base/mem.c"):
                yield n, f"lib/ is pure, but includes <{what}>"
            library = what.split("/")[0]
            if library in WORLD and room != WORLD[library]:
                yield n, f"<{what}> belongs in {WORLD[library]}"
            if SYSTEM.match(what) and not rel.startswith(SYSTEM_AT):
                yield n, f"<{what}> belongs in src/base/sys.c or a transport"


def calls(rel, text):
    for n, line in enumerate(text.splitlines(), 1):
        if "\t" in line:
            yield n, "a tab"
        for m in BANNED.finditer(line):
            yield n, f"{m.group(1)}() is banned"
        if GETENV.search(line) and rel != "src/base/sys.c":
            yield n, "getenv() belongs in src/base/sys.c"
        if HEAP.search(line) and rel != "lib/base/mem.c":
            yield n, "the heap belongs in lib/base/mem.c"


def lengths(text):
    lines = text.splitlines()
    if len(lines) > 600:
        yield len(lines), f"{len(lines)} lines in a file (600)"
    begin = None
    for n, line in enumerate(lines, 1):
        if line == "{":
            begin = n
        elif line == "}" and begin:
            if n - begin > 80:
                yield begin, f"{n - begin} lines in a function (80)"
            begin = None


def main(root):
    bad = 0
    for path in sorted(p for top in ("lib", "src", "examples", "tests", "include")
                       for p in (root / top).rglob("*.[ch]")):
        rel = path.relative_to(root).as_posix()
        if "/node_modules/" in rel:
            continue
        raw = path.read_text(encoding="utf-8")
        text = strip(raw)
        found = list(lengths(raw))
        if rel.startswith(("lib/", "src/")):
            found += [*includes(rel, raw), *calls(rel, text)]
        for line, what in found:
            print(f"{rel}:{line}: {what}")
            bad += 1
    return bad


if __name__ == "__main__":
    sys.exit(1 if main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                                    pathlib.Path(__file__).parent.parent)) else 0)
