# SPDX-License-Identifier: MIT
"""Run the functions test_* of a module, and speak TAP."""
import sys
import traceback


class Skip(Exception):
    """Raised by a case that cannot be run here, with the reason."""


def run(module):
    cases = [(name[5:].replace("_", " "), case)
             for name, case in vars(module).items() if name.startswith("test_")]
    failed = 0
    print(f"1..{len(cases)}")
    for number, (name, case) in enumerate(cases, 1):
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
        sys.stdout.flush()
    return 1 if failed else 0
