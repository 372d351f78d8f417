# SPDX-License-Identifier: MIT
"""Run the functions test_* of a module, and speak TAP."""
import signal
import sys
import traceback

CASE_S = 60  # longer than any case takes; shorter than anyone's patience


class Skip(Exception):
    """Raised by a case that cannot be run here, with the reason."""


def too_long(*_):
    raise TimeoutError(f"no end after {CASE_S} s")


def run(module):
    cases = [(name[5:].replace("_", " "), case)
             for name, case in vars(module).items() if name.startswith("test_")]
    failed = 0
    signal.signal(signal.SIGALRM, too_long)
    print(f"1..{len(cases)}")
    for number, (name, case) in enumerate(cases, 1):
        signal.alarm(CASE_S)
        try:
            case()
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            for line in traceback.format_exc().splitlines():
                print("# " + line)
        signal.alarm(0)
        sys.stdout.flush()
    return 1 if failed else 0
