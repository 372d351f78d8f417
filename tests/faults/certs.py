# SPDX-License-Identifier: MIT
"""Certificates for the loopback, made by the openssl command."""
import os
import ssl
import subprocess

CONFIG = """
[ca]
default_ca = here
[here]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
"""

# A machine that would put up with anything: what is refused, we refuse.
WEAK = """
openssl_conf = all
[all]
ssl_conf = tls
[tls]
system_default = weak
[weak]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""

LOOPBACK = "IP:127.0.0.1,DNS:localhost"
ALWAYS = ("20200101000000Z", "20991231235959Z")

# name: (who signs, whom it is for, from and until when)
LEAVES = {
    "good": ("ca", LOOPBACK, ALWAYS),
    "wrong-host": ("ca", "DNS:elsewhere.example", ALWAYS),
    "expired": ("ca", LOOPBACK, ("20200101000000Z", "20210101000000Z")),
    "not-yet": ("ca", LOOPBACK, ("20980101000000Z", ALWAYS[1])),
    "unknown-ca": ("other", LOOPBACK, ALWAYS),
    "self-signed": (None, LOOPBACK, ALWAYS),
}


def make(directory):
    """Everything, once; a directory that has it is left as it is."""
    if os.path.exists(os.path.join(directory, "done")):
        return directory
    os.makedirs(directory, exist_ok=True)

    def write(name, text):
        with open(os.path.join(directory, name), "w", encoding="ascii") as f:
            f.write(text)

    def openssl(*args):
        subprocess.run(("openssl",) + args, cwd=directory, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                       env=dict(os.environ, OPENSSL_CONF=""))

    def request(name, *more):
        openssl("req", "-config", "ca.cnf", "-new", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", name + ".key",
                "-subj", "/CN=" + name, *more)

    write("ca.cnf", CONFIG + "[req]\ndistinguished_name = any_name\n[any_name]\n")
    write("weak.cnf", WEAK)
    write("index.txt", "")
    for name in ("ca", "other"):
        request(name, "-x509", "-days", "30000", "-out", name + ".pem",
                "-addext", "basicConstraints=critical,CA:TRUE")
    for name, (signer, names, (begin, until)) in LEAVES.items():
        own = ["-x509", "-days", "30000", "-out", name + ".pem"] if not signer else \
              ["-out", name + ".csr"]
        request(name, *own, "-addext", "subjectAltName=" + names)
        if signer:
            openssl("ca", "-config", "ca.cnf", "-batch", "-notext", "-in", name + ".csr",
                    "-out", name + ".pem", "-cert", signer + ".pem", "-keyfile",
                    signer + ".key", "-startdate", begin, "-enddate", until)
    openssl("rehash", ".")      # so that it would do as SSL_CERT_DIR
    write("done", "")
    return directory


def context(directory, name, oldest=None):
    """A server's. oldest: speak that version of TLS and no newer one."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(os.path.join(directory, name + ".pem"),
                        os.path.join(directory, name + ".key"))
    if oldest:
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")     # that it is old is the point
            ctx.set_ciphers("ALL:@SECLEVEL=0")
            ctx.minimum_version = ctx.maximum_version = oldest
    return ctx
