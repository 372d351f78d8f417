#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Installed to a DESTDIR, the library is found by pkg-config and by CMake and
serves C99, C11 and C++11 programs, shared and static."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import tap

BUILD = pathlib.Path(os.environ["LLMGW_BUILD"])
ROOT = pathlib.Path(os.environ["LLMGW_SOURCE"])
DEST = pathlib.Path(tempfile.mkdtemp(prefix="llmgw-install-"))
PROGRAM = r"""
#include <llmgw/llmgw.h>
#include <llmgw/testing.h>
#include <stdio.h>
int main(void)
{
    llmgw_options *o = NULL;
    llmgw_client *c = NULL;
    llmgw_response *r = NULL;
    int err = llmgw_options_new(&o);
    if (!err)
        err = llmgw_client_new(o, &c, NULL);
    if (!err)
        err = llmgw_messages_create(c, NULL,
            "{\"model\":\"mock/echo\",\"max_tokens\":9,\"messages\":"
            "[{\"role\":\"user\",\"content\":\"found\"}]}",
            LLMGW_NUL_TERMINATED, &r, NULL);
    if (!err)
        puts(llmgw_response_text(r, NULL));
    llmgw_response_free(r);
    llmgw_client_free(c);
    llmgw_options_free(o);
    return err ? 1 : 0;
}
"""


def run(*command, **more):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)
    assert result.returncode == 0, (command, result.stdout, result.stderr)
    return result.stdout


def installed():
    if not any(DEST.iterdir()):
        run("meson", "install", "--no-rebuild", "-C", BUILD, "--destdir", DEST)
    return next(DEST.rglob("llmgw.pc")).parent


def pkg_config(*flags):
    env = dict(os.environ, PKG_CONFIG_PATH=str(installed()), PKG_CONFIG_SYSROOT_DIR=str(DEST))
    return run("pkg-config", *flags, "llmgw", env=env).split()


def built(compiler, language, standard, flags, libs, source=PROGRAM):
    with tempfile.TemporaryDirectory() as folder:
        program = pathlib.Path(folder) / "program"
        run(compiler, f"-std={standard}", "-x", language, *flags, "-o", program, "-",
            "-x", "none", *libs, input=source)
        library = next(DEST.rglob("libllmgw.so")).parent
        return run(program, env=dict(os.environ, LD_LIBRARY_PATH=str(library))).strip()


def test_files_are_installed():
    installed()
    names = {p.name for p in DEST.rglob("*")}
    for want in ("llmgw.h", "transport.h", "testing.h", "version.h", "libllmgw.a", "libllmgw.so",
                 "libllmgw.so.0", "llmgw.pc", "llmgw-config.cmake"):
        assert want in names, want


def test_pkg_config_is_enough():
    flags, libs = pkg_config("--cflags"), pkg_config("--libs")
    for compiler, language, standard in (("gcc", "c", "c99"), ("gcc", "c", "c11"),
                                         ("g++", "c++", "c++11")):
        assert built(compiler, language, standard, flags, libs) == "found", standard


def readme(language):
    """The README's first example in a language, as a reader would copy it."""
    return re.search(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)


def test_readme_program():
    program = readme("c")
    assert built("gcc", "c", "c11", pkg_config("--cflags"), pkg_config("--libs"),
                 program) == "Hello!"


def test_readme_python():
    installed()
    library = next(DEST.rglob("libllmgw.so.0")).parent
    out = run(sys.executable, "-c", readme("python"),
              env=dict(os.environ, LD_LIBRARY_PATH=str(library)))
    assert out.strip() == "Hello!", out


def test_static_library():
    archive = next(DEST.rglob("libllmgw.a"))
    libs = [l for l in pkg_config("--libs", "--static") if not l.startswith(("-L", "-lllmgw"))]
    shared = [l for l in libs if l in ("-lcurl", "-lcjson", "-lcrypto", "-pthread")]
    assert built("gcc", "c", "c11", pkg_config("--cflags"), [archive, *shared]) == "found"


def test_cmake_package():
    if not shutil.which("cmake"):
        raise tap.Skip("cmake is not installed")
    installed()
    config = next(DEST.rglob("llmgw-config.cmake")).parent
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder)
        (source / "program.c").write_text(PROGRAM)
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.18)\nproject(p C)\n"
            "find_package(llmgw 0.1 REQUIRED)\nadd_executable(p program.c)\n"
            "target_link_libraries(p llmgw::llmgw)\n")
        run("cmake", "-S", source, "-B", source / "build", f"-Dllmgw_DIR={config}")
        run("cmake", "--build", source / "build")
        assert run(source / "build/p").strip() == "found"



if __name__ == "__main__":
    try:
        sys.exit(tap.run(sys.modules[__name__]))
    finally:
        shutil.rmtree(DEST)
