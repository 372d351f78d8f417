#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the environment says changes nothing, unless the host asked for it.

    environment.py [--driver PROGRAM]

Every variable that HTTP clients listen to is set to something hostile, and the
same requests must reach the same server, byte by byte.
"""
import argparse
import os
import sys
import tempfile

import certs
import drive
from answers import FORMATS, full
from server import READ, Server, send
from tap import Tap

F = FORMATS["anthropic-messages"]
AT = "providers.anthropic."


class Bench:
    def __init__(self, program, scratch):
        self.program, self.scratch, self.tap = program, scratch, Tap()
        self.certs = certs.make(os.path.join(scratch, "certs"))
        self.turns = [[READ, send(full(F.whole()))]]
        self.server = Server(self.turns)
        self.evil = Server(self.turns)
        self.tls = Server(self.turns, certs.context(self.certs, "good"))
        self.untrusted = Server(self.turns, certs.context(self.certs, "unknown-ca"))
        home = os.path.join(scratch, "home")
        os.makedirs(home)
        self.home = home
        self.write(".netrc", "machine 127.0.0.1 login evil password evil\n"
                             "default login evil password evil\n")
        self.write(".curlrc", 'proxy = "http://127.0.0.1:%d"\nheader = "x-evil: 1"\ninsecure\n'
                   % self.evil.port)

    def write(self, name, text):
        with open(os.path.join(self.home, name), "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(os.path.join(self.home, name), 0o600)

    def run(self, server, env, scheme="http", listen=False, **more):
        """The result and the requests that `server` saw."""
        driver = drive.Driver(self.program, env={"PATH": "", **env})
        seen = len(server.requests)
        options = {AT + "base_url": "%s://127.0.0.1:%d" % (scheme, server.port),
                   AT + "api_key": "sk-good", **more}
        results, _ = driver.run({} if listen else options, request=F.request, environment=listen)
        driver.stop()
        return results[-1], server.requests[seen:]

    def judge(self, env):
        """All that differs from a clean environment, which was seen to work."""
        self.evil.requests.clear()
        before = self.evil.connections
        result, seen = self.run(self.server, env)
        if result["result"] or seen != self.plain:
            yield "%s, %r" % (result, seen)
        result, seen = self.run(self.tls, env, "https", **self.trust)
        if result["result"] or seen != self.secure:
            yield "over TLS: %s, %r" % (result, seen)
        result, seen = self.run(self.untrusted, env, "https")
        if result["result"] != drive.CODES["CONNECT"] or seen:
            yield "an authority that nobody trusts: %s, %r" % (result, seen)
        if self.evil.connections != before:
            yield "the other server was spoken to"

    def variables(self):
        evil = "http://127.0.0.1:%d" % self.evil.port
        other = os.path.join(self.certs, "other.pem")
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy",
                     "ALL_PROXY"):
            yield {name: evil}
        yield {"ALL_PROXY": evil, "NO_PROXY": "", "no_proxy": ""}
        yield {"NO_PROXY": "*"}
        yield {"NETRC": os.path.join(self.home, ".netrc")}
        yield {"HOME": self.home}
        yield {"CURL_HOME": self.home, "XDG_CONFIG_HOME": self.home}
        for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
            yield {name: other}
        yield {"SSL_CERT_DIR": self.certs}
        for name in ("ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
            yield {name: evil}
        for name in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN",
                     "OPENAI_ORG_ID", "ANTHROPIC_CUSTOM_HEADERS"):
            yield {name: "x-evil: 1"}
        yield {"LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8"}
        yield {"TZ": "Pacific/Kiritimati"}

    def all(self):
        self.trust = {"tls.ca_file": os.path.join(self.certs, "ca.pem")}
        result, self.plain = self.run(self.server, {})
        self.tap.case("a clean environment", [] if len(self.plain) == 1 else [str(result)])
        result, self.secure = self.run(self.tls, {}, "https", **self.trust)
        # the ports differ, the rest may not
        self.tap.case("a clean environment, TLS", [] if len(self.secure) == 1 else [str(result)])
        everything = {}
        for env in self.variables():
            everything.update(env)
            self.tap.case(", ".join(env), self.judge(env))
        self.tap.case("all of them", self.judge(everything))
        self.shown()
        for s in (self.server, self.evil, self.tls, self.untrusted):
            s.stop()
        return self.tap.end()

    def shown(self):
        """That the other server would notice, and the other authority work."""
        evil = "http://127.0.0.1:%d" % self.evil.port
        result, seen = self.run(self.evil, {"ANTHROPIC_BASE_URL": evil,
                                            "ANTHROPIC_API_KEY": "sk-told"}, listen=True)
        ok = not result["result"] and len(seen) == 1 and b"x-api-key: sk-told" in seen[0][0]
        self.tap.case("asked for, it counts", [] if ok else ["%s, %r" % (result, seen)])
        result, seen = self.run(self.server, {}, proxy=evil)
        self.tap.case("a proxy that was asked for is spoken to",
                      [] if self.evil.requests and not seen else [str(result)])
        result, seen = self.run(self.untrusted, {}, "https",
                                **{"tls.ca_file": os.path.join(self.certs, "other.pem")})
        self.tap.case("an authority that was asked for is trusted",
                      [] if not result["result"] and len(seen) == 1 else [str(result)])


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--driver", default=drive.find())
    with tempfile.TemporaryDirectory() as scratch:
        return Bench(p.parse_args().driver, scratch).all()


if __name__ == "__main__":
    sys.exit(main())
