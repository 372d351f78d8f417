# SPDX-License-Identifier: MIT
"""A server on the loopback that breaks where it is told to.

A *turn* is a list of steps and serves one request. A server has a list of
turns; the last one serves all further requests. A connection takes a turn when
its request is there (READ), or, where a turn begins with something else, at
once. If its steps leave the connection open, it serves the next turn.
"""
import re
import select
import socket
import ssl
import struct
import threading
import time


class Gone(Exception):
    """The connection is over, or the test is."""


class Connection:
    def __init__(self, server, sock):
        self.server = server
        self.sock = sock
        self.request = b""      # its header, as it came
        self.body = b""
        self.rest = b""

    def wait_readable(self, seconds):
        pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
        return pending or select.select([self.sock], [], [], seconds)[0]

    def receive(self):
        """More bytes. Gone if the peer went, or the test is over."""
        while not self.server.stopped.is_set():
            if self.wait_readable(0.05):
                data = self.sock.recv(65536)
                if not data:
                    break
                return data
        raise Gone

    def read_until(self, end):
        while end not in self.rest:
            self.rest += self.receive()
        head, _, self.rest = self.rest.partition(end)
        return head + end

    def read_exactly(self, n):
        while len(self.rest) < n:
            self.rest += self.receive()
        data, self.rest = self.rest[:n], self.rest[n:]
        return data

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            raise Gone from None


# ---- steps ------------------------------------------------------------------

def READ(c):
    """One request, header and body."""
    head = c.read_until(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    c.request, c.body = head, c.read_exactly(int(length.group(1)) if length else 0)
    with c.server.lock:
        c.server.requests.append((head, c.body))


def RST(c):
    c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.sock.close()
    raise Gone


def FIN(c):
    """End the connection in order (of TLS without a word of goodbye). What the
    peer still sends is read: a close with bytes unread would be a reset."""
    c.sock.shutdown(socket.SHUT_WR)
    STALL(c)


def BYE(c):
    """End it in order, TLS included."""
    if isinstance(c.sock, ssl.SSLSocket):
        c.sock.settimeout(0.2)
        try:
            c.sock.unwrap()
        except OSError:
            pass
    FIN(c)


def STALL(c):
    """Say nothing more, until the peer goes away."""
    while True:
        c.receive()


def wait(ms):
    def step(c):
        if c.server.stopped.wait(ms / 1000):
            raise Gone
    return step


def send(data):
    """Send bytes; {elsewhere} in them is the port of the other server."""
    def step(c):
        c.send(fill_in(c, data))
    return step


def answer(make):
    """Send what make(key) gives: the key is the one that the request brought."""
    def step(c):
        c.send(fill_in(c, make(c.server.key_of(c))))
    return step


def fill_in(c, data):
    if b"{elsewhere}" in data:
        data = data.replace(b"{elsewhere}", b"%d" % c.server.elsewhere.port)
    return data


def drip(data, ms):
    """Send it byte by byte."""
    def step(c):
        for i in range(len(data)):
            c.send(data[i:i + 1])
            wait(ms)(c)
    return step


def repeat(data, ms):
    """Send it again and again, until the peer goes away."""
    def step(c):
        while True:
            c.send(data)
            wait(ms)(c)
    return step


# ---- the server -------------------------------------------------------------

class Server:
    """One port of the loopback. tls: an SSLContext. accepts: if not, the queue
    of those who wait to be let in is full."""

    def __init__(self, turns, tls=None, elsewhere=None, accepts=True):
        self.turns, self.tls, self.elsewhere = turns, tls, elsewhere
        self.lock = threading.Lock()
        self.stopped = threading.Event()
        self.requests = []      # (header, body) as they came
        self.connections = 0
        self.taken = 0
        self.errors = []
        self.threads = []
        self.fillers = []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(64 if accepts else 0)
        self.port = self.listener.getsockname()[1]
        if accepts:
            self.start(self.accept)
        else:
            self.fill_backlog()

    def start(self, target, *args):
        thread = threading.Thread(target=target, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def fill_backlog(self):
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", self.port))
            self.fillers.append(s)
        time.sleep(0.02)

    def close_port(self):
        """From now on connections are refused. (A mere close would leave it open
        while the thread that accepts waits on it.)"""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while not self.stopped.is_set():
            try:
                if not select.select([self.listener], [], [], 0.05)[0]:
                    continue
                sock, _ = self.listener.accept()
            except (OSError, ValueError):
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections += 1
            self.start(self.serve, sock)

    def serve(self, sock):
        c = Connection(self, sock)
        try:
            if self.tls:
                sock.settimeout(5)
                c.sock = self.tls.wrap_socket(sock, server_side=True,
                                              suppress_ragged_eofs=False)
                c.sock.settimeout(None)
            while not self.stopped.is_set():
                self.take_turn(c)
        except (Gone, OSError, ssl.SSLError):
            pass
        except Exception as e:  # a fault of the test's own: told, not hidden
            self.errors.append(repr(e))
        finally:
            c.sock.close()

    def take_turn(self, c):
        with self.lock:
            turn = self.turns[min(self.taken, len(self.turns) - 1)]
            at_once = not turn or turn[0] is not READ
            if at_once:
                self.taken += 1
        if at_once:
            for step in turn:
                step(c)
            raise Gone
        READ(c)
        with self.lock:
            turn = self.turns[min(self.taken, len(self.turns) - 1)]
            self.taken += 1
        for step in turn[1:]:
            step(c)

    @staticmethod
    def key_of(c):
        found = re.search(rb"(?im)^(?:x-api-key: |authorization: bearer )(\S+)", c.request)
        return found.group(1).decode() if found else "(no key)"

    def stop(self):
        self.stopped.set()
        self.listener.close()
        for s in self.fillers:
            s.close()
        for thread in self.threads:
            thread.join(5)
