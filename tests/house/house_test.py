#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The laws of the house hold, and each check is shown to notice a breach."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import symbols
import tap

ROOT = pathlib.Path(os.environ["LLMGW_SOURCE"])
LIBRARY = os.environ["LLMGW_LIBRARY"]
HEADERS = sorted(p.name for p in (ROOT / "include/llmgw").glob("*.h"))
DIALECTS = [("gcc", "c", "c99"), ("gcc", "c", "c11"), ("g++", "c++", "c++11")]


def floors(root):
    return subprocess.run([sys.executable, ROOT / "tests/floors.py", root],
                          capture_output=True, text=True)


def planted(path, text):
    """What floors.py says of the tree with `text` put at the end of a file."""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        for top in ("lib", "src", "include"):
            shutil.copytree(ROOT / top, copy / top)
        with (copy / path).open("a") as file:
            file.write(text)
        return floors(copy)


def test_floors_hold():
    result = floors(ROOT)
    assert result.returncode == 0, result.stdout


def test_floors_are_checked():
    body = "static void f(void)\n{\n" + "    g();\n" * 90 + "}\n"
    for path, text, says in (
            ("lib/json/read.c", '#include "lib/wire/sse.h"\n', "floor"),
            ("lib/base/str.c", '#include "src/base/sys.h"\n', "floor"),
            ("lib/format/feed.c", '#include "lib/format/openai_chat.h"\n', "not its own"),
            ("lib/base/str.c", "#include <time.h>\n", "pure"),
            ("src/gateway/call.c", "#include <curl/curl.h>\n", "belongs in src/transport"),
            ("src/gateway/call.c", "#include <openssl/evp.h>\n", "belongs in src/base"),
            ("src/gateway/call.c", "#include <unistd.h>\n", "belongs in src/base/sys.c"),
            ("src/gateway/call.c", "static void f(void) { abort(); }\n", "banned"),
            ("src/base/doc.c", "static void f(void) { cJSON_Parse(0); }\n", "banned"),
            ("src/gateway/call.c", "static void f(void) { g(getenv(\"X\")); }\n", "getenv"),
            ("src/gateway/call.c", "static void f(void) { free(0); }\n", "heap"),
            ("src/gateway/call.c", "\tint tab;\n", "tab"),
            ("src/gateway/call.c", body, "in a function"),
            ("src/gateway/call.c", "int x;\n" * 600, "in a file")):
        result = planted(path, text)
        assert result.returncode == 1 and says in result.stdout, (path, text[:40], result.stdout)


def test_symbols_agree():
    found = list(symbols.differences(ROOT, LIBRARY))
    assert not found, found


def test_symbols_are_checked():
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        shutil.copytree(ROOT / "include", copy / "include")
        shutil.copy(ROOT / "llmgw.map", copy)
        with (copy / "include/llmgw/llmgw.h").open("a") as header:
            header.write("LLMGW_API int llmgw_planted(void);\n")
        assert list(symbols.differences(copy, LIBRARY)), "a header's extra function"
        shutil.copytree(ROOT / "include", copy / "include", dirs_exist_ok=True)
        with (copy / "llmgw.map").open("a") as lines:
            lines.write("    llmgw_planted;\n")
        assert list(symbols.differences(copy, LIBRARY)), "the map's extra name"


def clang_format(*files):
    tool = shutil.which("clang-format-14")
    if not tool:
        raise tap.Skip("clang-format-14 is not installed")
    return subprocess.run([tool, "--dry-run", "--Werror", f"--style=file:{ROOT}/.clang-format",
                           *files], capture_output=True, text=True)


def test_style():
    files = [p for top in ("lib", "src", "examples", "tests") for p in (ROOT / top).rglob("*.[ch]")
             if "node_modules" not in p.parts]
    result = clang_format(*files)
    wrong = {line.split(":")[0] for line in result.stderr.splitlines() if ": error: " in line}
    assert result.returncode == 0, sorted(wrong)


def test_style_is_checked():
    with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
        file.write("int  f( void ){return 0;}\n")
        file.flush()
        assert clang_format(file.name).returncode != 0


def compiles(compiler, language, standard, source, include):
    return subprocess.run(
        [compiler, f"-std={standard}", "-x", language, "-Wall", "-Wextra", "-Wpedantic", "-Werror",
         "-fsyntax-only", f"-I{include}", "-"], input=source, capture_output=True, text=True)


def test_headers_compile_alone():
    for compiler, language, standard in DIALECTS:
        for header in HEADERS:
            result = compiles(compiler, language, standard, f"#include <llmgw/{header}>\nextern int not_empty;\n",
                              ROOT / "include")
            assert result.returncode == 0, (header, standard, result.stderr)


def test_headers_are_checked():
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "include", folder, dirs_exist_ok=True)
        with (pathlib.Path(folder) / "llmgw/llmgw.h").open("a") as header:
            header.write("for (int i = 0;;) // not C99\n")
        result = compiles("gcc", "c", "c99", "#include <llmgw/llmgw.h>\n", folder)
        assert result.returncode != 0


def abidiff(library):
    tool = shutil.which("abidiff")
    if not tool:
        raise tap.Skip("abidiff is not installed (abigail-tools)")
    return subprocess.run([tool, "--no-added-syms", "--headers-dir2", ROOT / "include",
                           ROOT / "tests/house/llmgw.abi", library],
                          capture_output=True, text=True)


def test_abi_is_the_baseline():
    result = abidiff(LIBRARY)
    assert result.returncode == 0, result.stdout


def test_abi_is_checked():
    with tempfile.TemporaryDirectory() as folder:
        other = pathlib.Path(folder) / "libllmgw.so.0"
        subprocess.run(["gcc", "-g", "-shared", "-fPIC", "-o", other, "-x", "c", "-"], check=True,
                       text=True, input="int llmgw_version(int a) { return a; }\n")
        assert abidiff(other).returncode != 0


def formats_page(of):
    """What docs/formats.py makes of a source tree, and what stands in it."""
    with tempfile.NamedTemporaryFile("r", suffix=".md") as made:
        subprocess.run([sys.executable, of / "docs/formats.py", LIBRARY, made.name], check=True)
        return made.read(), (of / "docs/formats.md").read_text()


def test_what_formats_keep_is_told():
    made, told = formats_page(ROOT)
    assert made == told, "docs/formats.md: run docs/formats.py"


def test_what_formats_keep_is_checked():
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder)
        for part in ("docs", "tests/fixtures"):
            shutil.copytree(ROOT / part, copy / part)
        shutil.rmtree(next((copy / "tests/fixtures/openai-chat").iterdir()))
        made, told = formats_page(copy)
        assert made != told


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
