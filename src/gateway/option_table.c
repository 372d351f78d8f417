/* SPDX-License-Identifier: MIT
 *
 * What options there are. */
#include "src/gateway/options.h"

#include "src/provider/provider.h"

#define MS_MAX     INT32_MAX                 /* 24 days */
#define BYTES_MAX  ((int64_t)UINT32_MAX - 1) /* what a document can be */
#define TOKENS_MAX INT32_MAX
#define KIB        ((int64_t)1024)
#define MIB        (1024 * KIB)

#define SET(field) .offset = offsetof(struct lg_settings, field)
#define OF(field) \
    .provider = 1, .offset = offsetof(struct lg_provider_config, field)
#define NOWHERE .offset = LG_OPTION_NOWHERE
#define INT(lo, hi, d) \
    .kind = LG_OPTION_INT, .min = (lo), .max = (hi), .dflt = (d)
#define BOOL(d)   .kind = LG_OPTION_BOOL, .max = 1, .dflt = (d)
#define CHOICE(w) .kind = LG_OPTION_CHOICE, .words = (w)
#define KIND(k)   .kind = LG_OPTION_##k
#define WORDS(w)  .kind = LG_OPTION_WORD, .words = (w)
#define CLIENT    .client_only = 1

const struct lg_option_row lg_option_rows[] = {
    {"provider", KIND(STRING), SET(provider),
     .help = "Name of the provider for a model without a provider/ prefix; "
             "default: the only one that is configured."},
    {"format", KIND(FORMAT), SET(format),
     .help = "Format of the requests and answers of the caller; default: that "
             "of the function called."},

    {"providers.<name>.type", KIND(TYPE), OF(type),
     .help = "Kind of provider, one of llmgw_provider_name(); default: the one "
             "of that name."},
    {"providers.<name>.base_url", KIND(URL), OF(base_url),
     .help = "URL that paths are appended to, https, or http to this machine; "
             "default: the type's."},
    {"providers.<name>.api_key", KIND(SECRET), OF(key),
     .help = "Key to authenticate with, one line; no default."},
    {"providers.<name>.auth", KIND(AUTH), OF(auth),
     .help = "How the key is sent: x-api-key, bearer, token or none; default: "
             "the type's."},
    {"providers.<name>.format", KIND(FORMAT), OF(format),
     .help = "Format to speak to the provider, where it knows several; "
             "default: that of the caller, of a compatible one openai-chat."},
    {"providers.<name>.headers.<header>", KIND(HEADER), .provider = 1, NOWHERE,
     .help = "Header to send with every request to the provider; none by "
             "default."},
    {"providers.<name>.anthropic_version", KIND(HEADER), OF(anthropic_version),
     .help = "Version of Anthropic's API as a date; default: 2023-06-01."},
    {"providers.<name>.anthropic_beta", KIND(HEADER), OF(anthropic_beta),
     .help = "Beta features of Anthropic's API, separated by commas; none by "
             "default."},
    {"providers.<name>.max_tokens", INT(1, TOKENS_MAX, 0), OF(max_tokens),
     .help = "Tokens of an answer, 1 to 2147483647, where the format demands a "
             "limit and the caller gave none; default: that of max_tokens."},
    {"providers.<name>.max_tokens_field",
     WORDS("max_tokens max_completion_tokens"), OF(max_tokens_field),
     .help = "Member that limits the tokens of a chat completion: max_tokens "
             "or max_completion_tokens; default: the type's."},
    {"providers.<name>.stream_usage", WORDS("true false"), OF(stream_usage),
     .help = "Whether the usage of a streamed chat completion may be asked "
             "for: true or false; default: true."},
    {"providers.<name>.allow_http", BOOL(0), OF(allow_http),
     .help = "Whether base_url may be http to another machine: true or false; "
             "default: false."},
    {"providers.<name>.script", KIND(JSON), OF(script),
     .help = "What the provider type mock answers, as JSON; none by default."},

    {"headers.<header>", KIND(HEADER), NOWHERE,
     .help = "Header to send with every request; none by default."},

    {"timeout.connect_ms", INT(0, MS_MAX, 10000), SET(connect_ms),
     .help = "Milliseconds until a connection stands, TLS included, 0 "
             "(unlimited) to 2147483647; default: 10000."},
    {"timeout.first_byte_ms", INT(0, MS_MAX, 600000), SET(first_byte_ms),
     .help = "Milliseconds from the request to the first byte of its answer, 0 "
             "(unlimited) to 2147483647; default: 600000."},
    {"timeout.content_ms", INT(0, MS_MAX, 180000), SET(content_ms),
     .help = "Milliseconds between two pieces of content of a stream, pings "
             "not counted, 0 (unlimited) to 2147483647; default: 180000."},
    {"timeout.idle_ms", INT(0, MS_MAX, 60000), SET(idle_ms),
     .help = "Milliseconds between two bytes of an answer, 0 (unlimited) to "
             "2147483647; default: 60000."},
    {"timeout.total_ms", INT(0, MS_MAX, 0), SET(total_ms),
     .help = "Milliseconds for a call with all its retries, 0 (unlimited) to "
             "2147483647; default: 0."},

    {"retry.max", INT(0, 100, 2), SET(retry_max),
     .help = "Times a failed request is sent again, 0 to 100; default: 2."},
    {"retry.initial_ms", INT(0, MS_MAX, 500), SET(retry_initial_ms),
     .help = "Milliseconds before the first retry, doubled with each further "
             "one, 0 to 2147483647; default: 500."},
    {"retry.max_ms", INT(0, MS_MAX, 8000), SET(retry_max_ms),
     .help = "Milliseconds that the wait before a retry grows to at most, 0 to "
             "2147483647; default: 8000."},
    {"retry.server_max_ms", INT(0, MS_MAX, 60000), SET(retry_server_max_ms),
     .help = "Milliseconds that a provider may ask to wait before a retry, 0 "
             "to 2147483647, beyond which the call fails; default: 60000."},
    {"retry.ambiguous", BOOL(1), SET(retry_ambiguous),
     .help = "Whether a request that was perhaps processed, and billed, is "
             "sent again: true or false; default: true."},
    {"retry.budget", INT(0, 1000000, 500), SET(retry_budget), CLIENT,
     .help = "Tokens for the retries of a client, spent by failures and won "
             "back by successes, 0 (unlimited) to 1000000; default: 500."},

    {"strict", BOOL(0), SET(strict),
     .help = "Whether a conversion that loses a field fails: true or false; "
             "default: false."},
    {"fold", WORDS("all usage"), SET(fold),
     .help = "What a stream keeps for its folded answer: all or usage; "
             "default: all."},
    {"create_via_stream", BOOL(0), SET(create_via_stream),
     .help = "Whether a whole answer is fetched as a stream underneath: true "
             "or false; default: false."},
    {"max_tokens", INT(0, TOKENS_MAX, 0), SET(max_tokens),
     .help = "Tokens of an answer, 1 to 2147483647, where the format demands a "
             "limit and the caller gave none, or 0 (the most that the model "
             "gives, or 4096); default: 0."},
    {"anthropic_version", KIND(HEADER), SET(anthropic_version),
     .help = "Version of Anthropic's API as a date, where a provider has none "
             "of its own; default: 2023-06-01."},
    {"models", KIND(FACTS), SET(models),
     .help = "What is known of models, over what is built in, as JSON: {NAME: "
             "{\"max_output\": 4096, \"sampling\": [\"none\"], ...}}; none by "
             "default."},
    {"convert.system_role", CHOICE("system user reject"), SET(system_role),
     .help = "What instructions between turns become where they have no "
             "place: system (moved to the front), user (text of the user's) or "
             "reject; default: system."},
    {"convert.unsupported_param", CHOICE("report reject"),
     SET(unsupported_param),
     .help = "Whether a setting that the target does not take is a loss that "
             "is told or refuses the call: report or reject; default: report."},
    {"convert.orphan_tool_result", CHOICE("text pass drop reject"),
     SET(orphan_result),
     .help = "What a tool's result becomes that no call asked for: text (of "
             "the user's), pass, drop or reject; default: text."},
    {"convert.image_url", CHOICE("refuse pass"), SET(image_url),
     .help = "What an image by URL is where none can be sent: refuse, or pass "
             "(lost, and told); fetching is not supported; default: refuse."},
    {"max_body_bytes", INT(KIB, BYTES_MAX, 64 * MIB), SET(max_body_bytes),
     .help = "Bytes of a whole answer, 1024 to 4294967294; default: 67108864."},
    {"max_event_bytes", INT(KIB, BYTES_MAX, 16 * MIB), SET(max_event_bytes),
     .help = "Bytes of one event of a stream, 1024 to 4294967294; default: "
             "16777216."},
    {"max_buffered_bytes", INT(64 * KIB, KIB *BYTES_MAX, 256 * MIB),
     SET(max_buffered_bytes), CLIENT,
     .help = "Bytes of answers that wait in a client to be read, 65536 to "
             "4398046509056; default: 268435456."},
    {"trace.content", BOOL(0), SET(trace_content),
     .help = "Whether traces may hold what was asked and answered: true or "
             "false; default: false."},

    {"loops", INT(1, 64, 1), SET(loops), CLIENT,
     .help = "Threads that can drive connections at the same time, 1 to 64; "
             "default: 1."},
    {"http2", BOOL(0), SET(http2), CLIENT,
     .help = "Whether HTTP/2 is offered to servers: true or false; default: "
             "false."},
    {"connection.keep_ms", INT(0, MS_MAX, 60000), SET(keep_ms), CLIENT,
     .help = "Milliseconds that an idle connection is kept, 0 to 2147483647; "
             "default: 60000."},
    {"tls.ca_file", KIND(STRING), SET(ca_file), CLIENT,
     .help = "File of PEM certificates to trust; default: the system's."},
    {"tls.ca_dir", KIND(STRING), SET(ca_dir), CLIENT,
     .help = "Directory of hashed PEM certificates to trust; default: the "
             "system's."},
    {"proxy", KIND(PROXY), SET(proxy), CLIENT,
     .help = "URL of a proxy (http, https, socks5 or socks5h), which may hold "
             "user and password; none by default."},
};

const size_t lg_option_count = LG_COUNT(lg_option_rows);
