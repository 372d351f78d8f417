# SPDX-License-Identifier: MIT
# One question from Python, without a binding. Run: python3 hello.py
# (LLMGW_LIBRARY: where libllmgw.so is, if it is not installed.)
import ctypes, json, os

lib = ctypes.CDLL(os.environ.get("LLMGW_LIBRARY", "libllmgw.so.0"))
for name in ("llmgw_response_text", "llmgw_error_message", "llmgw_strerror"):
    getattr(lib, name).restype = ctypes.c_char_p
options, client, answer, error = (ctypes.c_void_p() for _ in range(4))
body = json.dumps({"model": "mock/echo", "max_tokens": 100, "messages": [
    {"role": "user", "content": "Hello from Python"}]}).encode()
rc = lib.llmgw_options_new(ctypes.byref(options))
if rc == 0:
    rc = lib.llmgw_client_new(options, ctypes.byref(client), ctypes.byref(error))
if rc == 0:
    rc = lib.llmgw_call(client, None, b"messages", body, ctypes.c_size_t(len(body)),
                        ctypes.byref(answer), ctypes.byref(error))
print((lib.llmgw_response_text(answer, None) if rc == 0 else
       lib.llmgw_error_message(error) or lib.llmgw_strerror(rc)).decode())
lib.llmgw_response_free(answer)
lib.llmgw_error_free(error)
lib.llmgw_client_free(client)
lib.llmgw_options_free(options)
raise SystemExit(rc != 0)
