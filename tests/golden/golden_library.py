# SPDX-License-Identifier: MIT
"""Conversions by the shared library that was built."""
import ctypes
import json
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_void_p

from llmgw_ctypes import load

lib = load()
for name, result, arguments in (
        ("converter_new", c_int, [c_void_p, c_char_p, c_char_p, POINTER(c_void_p),
                                  POINTER(c_void_p)]),
        ("converter_feed", c_int, [c_void_p, c_char_p, c_size_t]),
        ("converter_finish", c_int, [c_void_p]),
        ("converter_take", c_void_p, [c_void_p, POINTER(c_size_t)]),
        ("converter_loss", c_char_p, [c_void_p, c_size_t]),
        ("converter_error", c_void_p, [c_void_p]),
        ("converter_free", None, [c_void_p]),
        ("error_where", c_char_p, [c_void_p]),
        ("format_name", c_char_p, [c_size_t])):
    function = getattr(lib, "llmgw_" + name)
    function.restype, function.argtypes = result, arguments


class Refused(Exception):
    """A conversion that was refused: the message, and where."""

    def __init__(self, error, losses=()):
        message = lib.llmgw_error_message(error) or b""
        where = lib.llmgw_error_where(error) or b""
        super().__init__(message.decode())
        self.where, self.losses = where.decode(), list(losses)


def options(**said):
    o = c_void_p()
    lib.llmgw_options_new(byref(o))
    for key, value in said.items():
        if lib.llmgw_options_set(o, key.encode(), value.encode()):
            raise ValueError(f"no option {key}={value}")
    return o


STRICT = options(strict="true")


def convert(kind, source, target, text, o=None):
    """The text and its losses."""
    out, n, loss, error = c_void_p(), c_size_t(), c_void_p(), c_void_p()
    rc = lib.llmgw_convert(o, kind.encode(), source.encode(), target.encode(), text, len(text),
                           byref(out), byref(n), byref(loss), byref(error))
    losses = json.loads(ctypes.string_at(loss)) if loss else []
    got = ctypes.string_at(out, n.value) if out else b""
    lib.llmgw_free(out)
    lib.llmgw_free(loss)
    if rc:
        refused = Refused(error, losses)
        lib.llmgw_error_free(error)
        raise refused
    return got, losses


def convert_stream(source, target, text, o=None):
    v, error, n, out = c_void_p(), c_void_p(), c_size_t(), []
    if lib.llmgw_converter_new(o, source.encode(), target.encode(), byref(v), byref(error)):
        raise Refused(error)
    try:
        rc = lib.llmgw_converter_feed(v, text, len(text))
        for step in range(2):
            p = lib.llmgw_converter_take(v, byref(n))
            out.append(ctypes.string_at(p, n.value) if p else b"")
            if rc:
                raise Refused(lib.llmgw_converter_error(v))
            if step == 0:
                rc = lib.llmgw_converter_finish(v)
        losses, i = [], 0
        while (loss := lib.llmgw_converter_loss(v, i)) is not None:
            losses.append(json.loads(loss))
            i += 1
        return b"".join(out), losses
    finally:
        lib.llmgw_converter_free(v)
