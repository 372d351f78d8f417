# SPDX-License-Identifier: MIT
"""What a row of the table is.

A fault is written once; it stands for a row in each format and for a whole
answer and a stream, unless it says otherwise. Where an expectation depends on
which, it is a dict {"whole": ..., "stream": ...} or a function of the row.
"""
from answers import FORMATS
from drive import CODES

MODES = ("whole", "stream")
ROWS = []

# Short enough that the whole table is quick, long enough that no timer but
# the one a row is about fires on a busy machine.
OPTIONS = {
    "retry.initial_ms": 10, "retry.max_ms": 20,
    "timeout.connect_ms": 3000, "timeout.first_byte_ms": 3000, "timeout.idle_ms": 3000,
    "timeout.content_ms": 3000, "timeout.total_ms": 6000,
    "trace.content": "true",
}


class Row:
    """format, mode; turns: what the server does; tls: name of its certificate;
    code, attempts: what the caller must be told; requests: how many the server
    must see; within: ms that the call may take; checks: everything else."""

    def __init__(self, fault, f, mode, turns, code, attempts=1, requests=None,
                 within=400, options=(), **more):
        def of(value):
            if isinstance(value, dict) and mode in value:
                return value[mode]
            return value(self) if callable(value) else value

        self.fault, self.f, self.mode = fault, f, mode
        self.turns = turns(f, mode) if callable(turns) else turns
        self.code = CODES[of(code)]
        self.attempts = of(attempts)
        self.requests = self.attempts if requests is None else of(requests)
        self.within = of(within)
        self.options = {**OPTIONS, **(of(options) or {})}
        self.times = more.pop("times", 1)
        self.pause = more.pop("pause", 0)
        self.tls = more.pop("tls", None)
        self.oldest = more.pop("oldest", None)
        self.trusts = more.pop("trusts", "ca")
        self.scheme = more.pop("scheme", "https" if self.tls else "http")
        self.accepts = more.pop("accepts", True)
        self.refuses = more.pop("refuses", False)
        self.proxy = more.pop("proxy", False)
        self.elsewhere = more.pop("elsewhere", False)
        self.caller = next(x for x in FORMATS.values()
                           if (x is f) != more.get("converted", False))
        more.pop("converted", None)
        self.checks = {name: of(value) for name, value in more.items()}

    @property
    def name(self):
        asked = "" if self.caller is self.f else ", asked in the other format"
        return "%s, %s, %s%s" % (self.fault, self.f.name, self.mode, asked)


def fault(name, turns, code, *args, modes=MODES, formats=tuple(FORMATS), **more):
    for f in formats:
        for mode in modes:
            ROWS.append(Row(name, FORMATS[f], mode, turns, code, *args, **dict(more)))


def stream(name, turns, code, *args, **more):
    """A fault that only a stream can have."""
    fault(name, turns, code, *args, modes=("stream",), **more)


def whole(name, turns, code, *args, **more):
    fault(name, turns, code, *args, modes=("whole",), **more)
