#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""symbols.py ROOT LIBRARY: what the library exports, what llmgw.map lists and
what the headers declare must be one and the same. Prints the differences."""
import pathlib
import re
import subprocess
import sys


def exported(library):
    out = subprocess.run(["nm", "-D", "--defined-only", library], check=True,
                         capture_output=True, text=True).stdout
    names = (line.split()[-1].split("@")[0] for line in out.splitlines())
    return {n for n in names if not n.startswith("LLMGW_")}


def mapped(root):
    text = re.sub(r"#.*", "", (root / "llmgw.map").read_text())
    return set(re.findall(r"^\s+(\w+);", text, re.M))


def declared(root):
    names = set()
    for header in sorted((root / "include/llmgw").glob("*.h")):
        text = re.sub(r"/\*.*?\*/|^#.*?$", "", header.read_text(), flags=re.S | re.M)
        for declaration in re.findall(r"LLMGW_API(.*?);", text, re.S):
            names.add(re.search(r"(\w+)\s*\(", declaration).group(1))
    return names


def differences(root, library):
    is_, map_, head = exported(library), mapped(root), declared(root)
    for name in sorted(is_ | map_ | head):
        lacks = [w for w, names in (("the library", is_), ("llmgw.map", map_),
                                    ("the headers", head)) if name not in names]
        if lacks:
            yield f"{name} is not in {' nor '.join(lacks)}"
        elif not name.startswith("llmgw_"):
            yield f"{name} does not begin with llmgw_"


if __name__ == "__main__":
    found = list(differences(pathlib.Path(sys.argv[1]), sys.argv[2]))
    print("\n".join(found))
    sys.exit(1 if found else 0)
