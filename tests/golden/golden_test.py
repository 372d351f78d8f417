#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our conversions beside another implementation's, over recorded traffic.

Every recorded message goes to every chat format: it converts, or is refused
with a pointer. Where the reference data has that implementation's result, or
a provider's recorded answer, ours means the same, or differences.json has the
difference with its reason; an entry that is no longer true is a failure, too.

    golden_test.py           all, as TAP
    golden_test.py --list    the differences that are not in the list, as JSON"""
import json
import os
import sys
import zlib
from pathlib import Path

import golden_answers as answers
import golden_requests as requests
import golden_wire as wire
import tap
from golden_library import STRICT, Refused, convert, convert_stream

HERE = Path(__file__).parent
LEAST = 0.9  # of what is compared: agrees without an explanation
OURS = {"chat-completions": "openai-chat", "responses": "openai-responses",
        "anthropic": "anthropic-messages", "google": "gemini", "bedrock": "bedrock-converse",
        "vertex-anthropic": "anthropic-messages", "bedrock-anthropic": "anthropic-messages",
        "baseten": "openai-chat"}
CHAT = ["anthropic-messages", "bedrock-converse", "cohere-chat", "gemini", "ollama-chat",
        "openai-chat", "openai-completions", "openai-responses"]
# Another direction than its name says: the provider's answers in Chat are
# wanted as Anthropic's.
REVERSED = {"baseten_to_anthropic": ("anthropic", "baseten")}


def data():
    root = os.environ.get("LLMGW_REFERENCE_DATA") or \
        Path(os.environ.get("LLMGW_SOURCE", HERE.parents[1])) / "../shared/data"
    return Path(root) / "lingua"


DATA = data()


def load(path):
    return json.loads(path.read_text()) if path.exists() else None


def load_answer(path):
    """None, too, where no answer came of it but an error of theirs."""
    document = load(path)
    return None if isinstance(document, dict) and "error" in document and \
        not {"output", "choices", "content", "candidates"} & set(document) else document


def dump(value):
    return json.dumps(value).encode()


def short(value):
    """A value as the list has it: never more than a line of recorded text."""
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= 120:
        return value
    return f"{text[:60]}... {len(text)} characters, crc {zlib.crc32(text.encode()):x}"


def differences(ours, theirs, pointer=""):
    """Where two meanings differ: (pointer, ours, theirs)."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            yield from differences(ours.get(key), theirs.get(key), f"{pointer}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, (a, b) in enumerate(zip(ours, theirs)):
            yield from differences(a, b, f"{pointer}/{i}")
    elif ours != theirs:
        yield pointer, short(ours), short(theirs)


def ids(meaning):
    """The calls and results of a request or an answer, each to be given
    another id."""
    lists = [turn[1] for turn in meaning.get("turns", [])] or [meaning.get("parts", [])]
    return [part for parts in lists for part in parts if part[0] in ("call", "result")]


def settle_ids(ours, theirs, document):
    """An id the source has not is made up, by both as they please; and where
    theirs has none (Gemini's may be missing), the source's own is no worse."""
    said = json.dumps(document)
    made = {}
    for meaning in (ours, theirs):
        for part in ids(meaning):
            if part[1] is not None and json.dumps(part[1]) not in said:
                part[1] = made.setdefault((id(meaning), part[1]), f"made {len(made)}")
        made.clear()
    mine, others = ids(ours), ids(theirs)
    if len(mine) == len(others):
        for a, b in zip(mine, others):
            if b[1] is None:
                b[1] = a[1]
    return ours, theirs


# ---- every message to every format -----------------------------------------

def messages():
    """(case, directory, kind, document) of all that was recorded."""
    for path in sorted(DATA.glob("snapshots/*/*/*.json")):
        kind = path.stem.replace("followup-", "")
        if path.parent.name in OURS and kind in ("request", "response", "response-streaming"):
            yield path.parts[-3] + "/" + path.stem, path.parent.name, kind, load(path)
    for path in sorted(DATA.glob("transforms/*/*.json")):
        pair = path.parent.name
        target = REVERSED.get(pair, pair.split("_to_"))[1]
        kind = "response-streaming" if path.stem.endswith("-streaming") else "response"
        document = load_answer(path)
        if document is not None:
            yield f"{pair}/{path.stem}", target, kind, document


def converted(kind, source, target, document):
    """The document in the other format, read again; and the losses."""
    if kind == "response-streaming" and is_stream(document):
        text, losses = convert_stream(source, target, wire.written(source, document))
        return wire.read(target, text), losses
    if kind == "response-streaming":
        document, kind = document[0], "response"
    text, losses = convert(kind, source, target, dump(document))
    return json.loads(text), losses


def is_stream(events):
    """Vertex answered some requests to stream with a whole message."""
    return not (len(events) == 1 and events[0].get("type") == "message")


def sweep(t):
    faults, counts = {}, {}
    for case, directory, kind, document in messages():
        source = OURS[directory]
        for target in CHAT:
            if target == source:
                continue
            pair = source + " to " + target
            count = counts.setdefault(pair, {"converted": 0, "refused": 0})
            try:
                converted(kind, source, target, document)
                count["converted"] += 1
            except Refused as why:
                count["refused"] += 1
                if not why.where and not why.losses:
                    faults.setdefault(pair, []).append(f"{case} {kind}: {why}, and not where")
            except ValueError as why:
                faults.setdefault(pair, []).append(f"{case} {kind}: not understood: {why}")
    for pair, count in sorted(counts.items()):
        t.case("every message, " + pair, faults.get(pair, []))
        print(f"# {pair}: {count['converted']} converted, {count['refused']} refused with reason")


# ---- what others made of it ------------------------------------------------

def golden_request(pair, path):
    client, provider = pair.split("_to_")
    case = path.name.split(".")[0]
    theirs = load(path)
    document = load(DATA / "snapshots" / case / client / "request.json")
    if document is None:
        return None
    model = theirs.get("model") or theirs.get("modelId")
    if model:  # as a route does that replaces it
        document["model"] = model
    source, target = OURS[client], OURS[provider]
    ours, _ = converted("request", source, target, document)
    both = settle_ids(requests.READ[target](ours), requests.READ[target](theirs), document)
    if "limit" not in requests.READ[source](document):
        for meaning in both:  # where one must be said, any is made up
            meaning.pop("limit", None)
    return both


def golden_answer(pair, path):
    client, provider = REVERSED.get(pair, pair.split("_to_"))
    case = path.name.split(".")[0]
    source, target = OURS[provider], OURS[client]
    if path.name.endswith(".response.json"):
        document = load_answer(DATA / "transforms" / pair / f"{case}.json")
        if document is None:
            return None
        ours, _ = converted("response", source, target, document)
        return settle_ids(answers.READ[target](ours), answers.READ[target](load(path)), document)
    document = load_answer(DATA / "transforms" / pair / f"{case}-streaming.json")
    if document is None:
        return None
    ours, _ = converted("response-streaming", source, target, document)
    fold = answers.FOLD if is_stream(document) else answers.READ
    return settle_ids(fold[target](ours),
                      answers.FOLD[target](wire.read(target, path.read_bytes())), document)


def recorded_answer(pair, path):
    """The provider's answer says itself what it means, to us and to all."""
    client, provider = REVERSED.get(pair, pair.split("_to_"))
    source, target = OURS[provider], OURS[client]
    kind = "response-streaming" if path.stem.endswith("-streaming") else "response"
    document = load_answer(path)
    if document is None:
        return None
    ours, _ = converted(kind, source, target, document)
    if kind == "response" or not is_stream(document):
        document = document if kind == "response" else document[0]
        return settle_ids(answers.READ[target](ours), answers.READ[source](document), document)
    return settle_ids(answers.FOLD[target](ours), answers.FOLD[source](document), document)


def comparisons(pair):
    """(case, kind, how) of all there is to compare with."""
    for path in sorted((DATA / "golden" / pair).iterdir()):
        case, kind, suffix = path.name.split(".")
        if suffix == "txt":
            yield case, kind, None
        else:
            how = golden_request if kind == "request" else golden_answer
            yield case, kind, lambda how=how, path=path: how(pair, path)
    for path in sorted((DATA / "transforms" / pair).glob("*.json")):
        case = path.stem.removesuffix("-streaming")
        kind = "streaming" if path.stem.endswith("-streaming") else "response"
        yield case, kind + " recorded", lambda path=path: recorded_answer(pair, path)


def compare(pair):
    """Per comparison: (case, kind, differences), or None for uncompared."""
    for case, kind, how in comparisons(pair):
        try:
            both = how() if how else None
            yield case, kind, None if both is None else list(differences(*both))
        except Refused as why:
            yield case, kind, [("", f"refused at {why.where}", None)]


def golden(t, pair, listed):
    faults, agreed, explained, uncompared = [], 0, 0, 0
    left = {(e["case"], e["kind"], e["pointer"]): e for e in listed if e["pair"] == pair}
    for case, kind, found in compare(pair):
        if found is None:
            uncompared += 1
            continue
        agreed += not found
        explained += bool(found)
        for pointer, ours, theirs in found:
            e = left.pop((case, kind, pointer), None)
            if e is None:
                faults.append(f"{case} {kind} {pointer}: ours {ours}, theirs {theirs}")
            elif (e["ours"], e["theirs"]) != (ours, theirs):
                faults.append(f"{case} {kind} {pointer}: listed otherwise: ours {ours}")
            elif not e.get("reason") or not e.get("source"):
                faults.append(f"{case} {kind} {pointer}: listed without reason or source")
    faults += [f"{e['case']} {e['kind']} {e['pointer']}: listed, and no longer so"
               for e in left.values()]
    if agreed < LEAST * (agreed + explained):
        faults.insert(0, f"only {agreed} of {agreed + explained} agree")
    t.case("golden " + pair, faults)
    print(f"# {pair}: {agreed} agreed, {explained} explained, {uncompared} uncompared")


# ---- what others refuse ----------------------------------------------------

def refusals(t):
    """What another implementation refuses is refused here if asked for
    (strict), or sent with a report of what was lost."""
    for pair, cases in load(DATA / "transform_errors.json").items():
        client, provider = pair.removesuffix("_streaming").split("_to_")
        faults, uncompared, better = [], 0, 0
        for case, reason in cases.items():
            document = load(DATA / "snapshots" / case / client / "request.json")
            if document is None:
                uncompared += 1
                continue
            lost = members_lost(document, OURS[client], OURS[provider])
            if not lost:
                better += 1
                if (pair, case) not in CONVERTED:
                    faults.append(f"{case}: nothing lost, and they say: {reason}")
        t.case("refusals of " + pair, faults)
        print(f"# {pair}: {len(cases) - uncompared - better} refused, {better} converted in full,"
              f" {uncompared} uncompared")


# What they refuse and we convert in full, by pair and case.
CONVERTED = {
    ("chat-completions_to_responses", "logprobsParam"):
        "Responses has top_logprobs; a model that has none says so itself",
    ("anthropic_to_chat-completions", "serviceTierParam"):
        "max_completion_tokens is written, which that model wants",
    ("responses_to_anthropic", "responsesAdditionalToolsParam"):
        "tools that are added later are there from the start",
    ("google_to_anthropic", "reasoningSummaryParam"):
        "the limit that nobody gave is put above the budget",
    ("google_to_anthropic", "reasoningEffortLowParam"):
        "the limit that nobody gave is put above the budget",
}


def members_lost(document, source, target):
    """The members that cannot be said; refused if strict, one of them named."""
    try:
        losses = convert("request", source, target, dump(document))[1]
    except Refused as why:
        return [why.where] if why.where else []
    lost = [loss["pointer"] for loss in losses if loss["pointer"]]
    try:
        convert("request", source, target, dump(document), STRICT)
        return []
    except Refused:
        return lost


def unlisted(listed):
    known = {(e["pair"], e["case"], e["kind"], e["pointer"]) for e in listed}
    out = []
    for directory in sorted((DATA / "golden").iterdir()):
        for case, kind, found in compare(directory.name):
            for pointer, ours, theirs in found or []:
                if (directory.name, case, kind, pointer) not in known:
                    out.append({"pair": directory.name, "case": case, "kind": kind,
                                "pointer": pointer, "ours": ours, "theirs": theirs,
                                "source": "", "reason": ""})
    json.dump(out, sys.stdout, indent=1, ensure_ascii=False)


def main():
    t = tap.Tap()
    if not DATA.is_dir():
        if os.environ.get("CI") == "true":
            t.case("golden", ["the reference data is absent"])
        else:
            t.case("golden", skip="no reference data (LLMGW_REFERENCE_DATA)")
        return t.end()
    listed = json.loads((HERE / "differences.json").read_text())
    if "--list" in sys.argv:
        return unlisted(listed)
    sweep(t)
    for directory in sorted((DATA / "golden").iterdir()):
        golden(t, directory.name, listed)
    refusals(t)
    return t.end()


if __name__ == "__main__":
    sys.exit(main())
