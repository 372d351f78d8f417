# SPDX-License-Identifier: MIT
"""TAP, as test programs in Python tell it: case by case by a Tap, or the
functions test_* of a module by run()."""
import signal
import sys
import traceback

CASE_S = 120  # longer than any case takes; shorter than anyone's patience


class Skip(Exception):
    """Raised by a case that cannot be run here, with the reason."""


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def case(self, name, faults=(), skip=None):
        """faults: sentences; none of them: it is well."""
        faults = list(faults)
        self.number += 1
        self.failed += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {self.number} - {name}"
              + (f" # SKIP {skip}" if skip else ""))
        for f in faults[:20]:
            print("# " + f.replace("\n", " "))
        sys.stdout.flush()

    def end(self):
        print(f"1..{self.number}", flush=True)
        return 1 if self.failed else 0


def too_long(*_):
    raise TimeoutError(f"no end after {CASE_S} s")


def run(module):
    """Run what is named test_*, in the order it is written; the exit code."""
    tap = Tap()
    signal.signal(signal.SIGALRM, too_long)
    cases = [(name[5:].replace("_", " "), case)
             for name, case in vars(module).items()
             if name.startswith("test_") and callable(case)]
    for name, case in cases:
        signal.alarm(CASE_S)
        try:
            case()
            tap.case(name)
        except Skip as reason:
            tap.case(name, skip=reason)
        except Exception:  # a test may fail in any way
            tap.case(name, traceback.format_exc().splitlines())
        signal.alarm(0)
    return tap.end()
