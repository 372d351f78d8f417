/* SPDX-License-Identifier: MIT */
#include <llmgw/llmgw.h>

#include "src/base/crypto.h"
#include "src/base/doc.h"
#include "src/base/sys.h"
#include "src/provider/provider.h"
#include "src/transport/curl.h"

#define QUOTE(x) #x
#define TEXT(x)  QUOTE(x)

static char info[512];

static void append(const char *s)
{
    const size_t n = strlen(info), m = strlen(s);

    if (n + m < sizeof(info))
        memcpy(info + n, s, m + 1);
}

static void write_info(void)
{
    append("llmgw " TEXT(LLMGW_VERSION_MAJOR) "." TEXT(
        LLMGW_VERSION_MINOR) "." TEXT(LLMGW_VERSION_PATCH) " ");
    append(lg_curl_version());
    append(" ");
    append(lg_crypto_version());
    append(" ");
    append(lg_doc_version());
    append(" providers=");
    for (size_t i = 0; lg_providers[i]; i++) {
        append(i ? "," : "");
        append(lg_providers[i]->name);
    }
}

uint32_t llmgw_version(void)
{
    return LLMGW_VERSION;
}

const char *llmgw_version_info(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, write_info);
    return info;
}
