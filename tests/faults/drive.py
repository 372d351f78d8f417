# SPDX-License-Identifier: MIT
"""The library at work: a process of driver.c that is told what to call."""
import json
import os
import re
import subprocess

CODES = {name: -i for i, name in enumerate(
    "OK INVALID NOMEM OPTION JSON UNSUPPORTED AUTH CONNECT TIMEOUT RATE_LIMIT REFUSED "
    "PROVIDER PROTOCOL TRUNCATED LIMIT CANCELLED AGAIN CALLBACK FORKED".split())}
NAMES = {code: name for name, code in CODES.items()}


def escape(value):
    """Bytes or text as one word of a line to the driver."""
    if isinstance(value, str):
        value = value.encode()
    return re.sub(rb"[^!#-\[\]-~]", lambda m: b"\\x%02x" % m.group()[0], value).decode()


class Driver:
    """record: a file that all it says is appended to, on both channels."""

    def __init__(self, program, record=None, env=None):
        self.program, self.record, self.env = program, record, env
        self.process = None

    def start(self):
        log = open(self.record, "ab") if self.record else subprocess.DEVNULL
        self.process = subprocess.Popen(
            [self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            env=self.env)
        if self.record:
            log.close()

    def run(self, options=(), override=(), load=None, operation="messages", stream=False,
            request=b"", times=1, pause=0, environment=False):
        """The results of a job, and the traces. A driver that died is one
        result with the code None."""
        lines = ["set %s %s" % (escape(k), escape(str(v) if isinstance(v, int) else v))
                 for k, v in dict(options).items()]
        lines += ["call %s %s" % (escape(k), escape(v)) for k, v in dict(override).items()]
        if environment:
            lines.append("environment")
        if load is not None:
            lines.append("load " + escape(load))
        lines += ["operation " + operation, "stream %d" % stream,
                  "request " + escape(request), "times %d" % times, "pause %d" % pause, "go"]
        if not self.process or self.process.poll() is not None:
            self.start()
        try:
            self.process.stdin.write("\n".join(lines).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass
        return self.read()

    def read(self):
        results, traces = [], []
        for line in self.process.stdout:
            self.keep(line)
            said = json.loads(line)
            if "end" in said:
                return results, traces
            (traces if "trace" in said else results).append(said)
        status = self.process.wait()
        return [{"result": None, "message": "the driver died: %d" % status}], traces

    def keep(self, line):
        if self.record:
            with open(self.record, "ab") as log:
                log.write(line)

    def stop(self):
        """The exit status: leaks and the like that a sanitizer tells at the end
        count."""
        if not self.process:
            return 0
        self.process.stdin.close()
        rest = self.process.stdout.read()
        self.keep(rest)
        self.process.stdout.close()
        return self.process.wait()


def attempts(result):
    """How often the library says that it tried."""
    if result["result"] < 0:
        return len(json.loads(result.get("attempts") or "[]"))
    return 1 + len(json.loads(result.get("won_after") or "[]"))


def find():
    """The driver that the build made."""
    return os.environ.get("LLMGW_FAULT_DRIVER") or os.path.join(
        os.environ.get("LLMGW_BUILD", "."), "tests", "faults", "driver")
