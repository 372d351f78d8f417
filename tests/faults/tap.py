# SPDX-License-Identifier: MIT
"""TAP, as it is told."""
import sys


class Tap:
    def __init__(self):
        self.number = self.failed = 0

    def case(self, name, faults=()):
        """faults: sentences; none of them: it is well."""
        faults = list(faults)
        self.number += 1
        self.failed += bool(faults)
        print("%s %d - %s" % ("not ok" if faults else "ok", self.number, name))
        for f in faults[:20]:
            print("# " + f.replace("\n", " "))
        sys.stdout.flush()

    def end(self):
        print("1..%d" % self.number)
        return 1 if self.failed else 0
