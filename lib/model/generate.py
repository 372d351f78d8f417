#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""models.json as a C table: `generate.py models.json facts.c OUT`. What a field
is, and its words, are read from the table in facts.c; `like` takes over the
facts of another row; `source` and `date` must be there, and stay here."""
import json
import re
import sys


def fields_of(code):
    found = re.findall(r'\{"(\w+)", (NUMBER|WORD|SET), AT\(\w+\),\s*(?:NULL|"([^"]*)")\}', code)
    return {name: (kind, words.split()) for name, kind, words in found}


def facts_of(models, name, seen=()):
    row = dict(models[name])
    if name in seen or not row.pop("source", "") or not row.pop("date", ""):
        sys.exit(f"{name}: without a source and its date, or like itself")
    like = row.pop("like", None)
    return {**(facts_of(models, like, (*seen, name)) if like else {}), **row}


def value_of(name, field, kind, words, value):
    if kind == "NUMBER":
        return str(int(value))
    wrong = set([value] if kind == "WORD" else value) - set(words)
    if wrong:
        sys.exit(f"{name}: {field} is none of {' '.join(words)}")
    if kind == "WORD":
        return str(words.index(value))
    return hex(sum(1 << words.index(word) for word in value))


def main(models, code, out):
    models = json.load(open(models, encoding="utf-8"))
    fields = fields_of(open(code, encoding="utf-8").read())
    lines = []
    for name in sorted(models):
        facts = facts_of(models, name)
        if set(facts) - set(fields) or len(name) > 31:
            sys.exit(f"{name}: {set(facts) - set(fields)} unknown, or the name is too long")
        values = [f".{field} = {value_of(name, field, *fields[field], value)}"
                  for field, value in facts.items()]
        lines.append(f'    {{.name = "{name}", {", ".join(values)}}},')
    with open(out, "w", encoding="utf-8") as file:
        file.write('/* Generated from models.json. */\n#include "lib/model/facts.h"\n\n'
                   "const struct lg_facts lg_facts_rows[] = {\n" + "\n".join(lines)
                   + "\n};\nconst size_t lg_facts_count = LG_COUNT(lg_facts_rows);\n")


if __name__ == "__main__":
    main(*sys.argv[1:4])
