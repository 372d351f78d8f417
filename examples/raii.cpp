/* SPDX-License-Identifier: MIT
 *
 * C++11: the handles in unique_ptr, the failures as exceptions.
 *
 *     c++ raii.cpp $(pkg-config --cflags --libs llmgw) -o raii && ./raii */
#include <llmgw/llmgw.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

template <typename T, void (*Free)(T *)> struct Deleter {
    void operator()(T *p) const { Free(p); }
};
template <typename T, void (*Free)(T *)>
using Handle = std::unique_ptr<T, Deleter<T, Free>>;

using Options = Handle<llmgw_options, llmgw_options_free>;
using Client = Handle<llmgw_client, llmgw_client_free>;
using Stream = Handle<llmgw_stream, llmgw_stream_free>;
using Error = Handle<llmgw_error, llmgw_error_free>;

static void check(int rc, const llmgw_error *e)
{
    if (rc >= 0)
        return;
    const char *text = e ? llmgw_error_message(e) : nullptr;
    throw std::runtime_error(text ? text : llmgw_strerror(rc));
}

static Client make_client()
{
    llmgw_options *o = nullptr;
    llmgw_client *c = nullptr;
    llmgw_error *e = nullptr;
    check(llmgw_options_new(&o), nullptr);
    const Options options(o);
    const int rc = llmgw_client_new(o, &c, &e);
    const Error owned(e);
    check(rc, e);
    return Client(c);
}

static Stream ask(const Client &c, const std::string &json)
{
    llmgw_stream *s = nullptr;
    llmgw_error *e = nullptr;
    const int rc = llmgw_call_stream(c.get(), nullptr, "chat", json.data(),
                                     json.size(), &s, &e);
    const Error owned(e);
    check(rc, e);
    return Stream(s);
}

int main()
try {
    const Client client = make_client();
    const Stream stream = ask(client, R"({"model": "mock/echo", "messages":
        [{"role": "user", "content": "Hello from C++"}]})");

    int event;
    while ((event = llmgw_stream_next(stream.get())) > 0)
        if (event == LLMGW_EVENT_TEXT)
            std::fputs(llmgw_stream_text(stream.get(), nullptr), stdout);
    check(event, llmgw_stream_error(stream.get()));
    std::puts("");
    return 0;
} catch (const std::exception &e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
}
