# SPDX-License-Identifier: MIT
"""The public functions of libllmgw that the tests use, declared for ctypes."""
import ctypes
import os
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_size_t, c_ssize_t, c_void_p

WATCH = CFUNCTYPE(c_int, c_void_p, c_ssize_t, c_int)
TIMER = CFUNCTYPE(c_int, c_void_p, c_int64)
TRACE = CFUNCTYPE(None, c_void_p, c_void_p)


class Transport(ctypes.Structure):
    """struct llmgw_transport; members left out stay NULL."""
    _fields_ = [
        ("size", c_size_t),
        ("start", CFUNCTYPE(c_int, c_void_p, c_void_p)),
        ("pump", CFUNCTYPE(c_int, c_void_p, c_int64)),
        ("cancel", CFUNCTYPE(None, c_void_p, c_void_p)),
        ("pause", CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)),
        ("wake", CFUNCTYPE(None, c_void_p)),
        ("now", CFUNCTYPE(c_int64, c_void_p)),
        ("wall", CFUNCTYPE(c_int64, c_void_p)),
        ("attach", CFUNCTYPE(c_int, c_void_p, WATCH, TIMER, c_void_p)),
        ("ready", CFUNCTYPE(c_int, c_void_p, c_ssize_t, c_int)),
        ("free", CFUNCTYPE(None, c_void_p)),
    ]


TEXT_OUT = (c_char_p, [c_void_p, POINTER(c_size_t)])
HANDLE = (None, [c_void_p])
FUNCTIONS = {
    "options_new": (c_int, [POINTER(c_void_p)]),
    "options_free": HANDLE,
    "options_set": (c_int, [c_void_p, c_char_p, c_char_p]),
    "options_get": (c_char_p, [c_void_p, c_char_p]),
    "options_set_transport": (c_int, [c_void_p, POINTER(Transport), c_void_p]),
    "options_set_trace": (c_int, [c_void_p, TRACE, c_void_p]),
    "client_new": (c_int, [c_void_p, POINTER(c_void_p), POINTER(c_void_p)]),
    "client_free": HANDLE,
    "call": (c_int, [c_void_p, c_void_p, c_char_p, c_char_p, c_size_t, POINTER(c_void_p),
                     POINTER(c_void_p)]),
    "call_stream": (c_int, [c_void_p, c_void_p, c_char_p, c_char_p, c_size_t, POINTER(c_void_p),
                            POINTER(c_void_p)]),
    "response_free": HANDLE,
    "response_text": TEXT_OUT,
    "response_json": TEXT_OUT,
    "response_stop": (c_char_p, [c_void_p]),
    "response_usage": (c_int64, [c_void_p, c_int]),
    "stream_free": HANDLE,
    "stream_next": (c_int, [c_void_p]),
    "stream_text": TEXT_OUT,
    "stream_frame": TEXT_OUT,
    "stream_cancel": HANDLE,
    "stream_error": (c_void_p, [c_void_p]),
    "error_free": HANDLE,
    "error_code": (c_int, [c_void_p]),
    "error_message": (c_char_p, [c_void_p]),
    "error_http_status": (c_int, [c_void_p]),
    "trace_kind": (c_int, [c_void_p]),
    "convert": (c_int, [c_void_p, c_char_p, c_char_p, c_char_p, c_char_p, c_size_t,
                        POINTER(c_void_p), POINTER(c_size_t), POINTER(c_void_p),
                        POINTER(c_void_p)]),
    "free": HANDLE,
    "exchange_method": (c_char_p, [c_void_p]),
    "exchange_url": (c_char_p, [c_void_p]),
    "exchange_header": (c_char_p, [c_void_p, c_size_t, POINTER(c_char_p)]),
    "exchange_read_body": (c_int64, [c_void_p, c_void_p, c_size_t]),
    "exchange_on_status": (c_int, [c_void_p, c_int]),
    "exchange_on_header": (c_int, [c_void_p, c_char_p, c_char_p]),
    "exchange_on_body": (c_int, [c_void_p, c_char_p, c_size_t]),
    "exchange_on_done": (None, [c_void_p, c_int, c_char_p]),
}


def load():
    library = ctypes.CDLL(os.environ["LLMGW_LIBRARY"])
    for name, (result, arguments) in FUNCTIONS.items():
        function = getattr(library, "llmgw_" + name)
        function.restype, function.argtypes = result, arguments
    return library
