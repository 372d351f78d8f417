/* SPDX-License-Identifier: MIT
 *
 * What a process has once: libcurl's initialisation, and the place where the
 * system keeps the authorities it trusts.
 *
 * One variable of the environment is libcurl's own and cannot be refused:
 * SSLKEYLOGFILE, to which it then writes TLS secrets. */
#include "src/transport/curl_parts.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "src/base/sys.h"

#define HASHED_ENOUGH 16 /* so many authorities are no accident */

static atomic_uint_least64_t lock;
static int initialised, probed;
static char version[32], ca_file[256], ca_dir[256];
static struct lg_curl_ca ca;

static int initialise(struct lg_err *e)
{
    if (initialised)
        return LLMGW_OK;
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        return lg_fail(e, LLMGW_E_NOMEM, NULL, "libcurl cannot initialise");
    initialised = 1;
    return LLMGW_OK;
}

int lg_curl_global(struct lg_err *e)
{
    int err;

    lg_sys_hold(&lock);
    err = initialise(e);
    lg_sys_release(&lock);
    return err;
}

const char *lg_curl_version(void)
{
    lg_sys_hold(&lock);
    if (!version[0])
        (void)snprintf(version, sizeof(version), "libcurl/%s",
                       curl_version_info(CURLVERSION_NOW)->version);
    lg_sys_release(&lock);
    return version;
}

/* "5f15c80c.0", as c_rehash names certificates. */
static int is_hashed(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' &&
           name[9] >= '0' && name[9] <= '9';
}

static int is_populated(const char *dir)
{
    DIR *d = *dir ? opendir(dir) : NULL;
    const struct dirent *entry;
    int n = 0;

    if (!d)
        return 0;
    while (n < HASHED_ENOUGH && (entry = readdir(d)))
        n += is_hashed(entry->d_name);
    (void)closedir(d);
    return n == HASHED_ENOUGH;
}

/* Does the TLS library look into a hashed directory as it needs to? Others
 * read all of it, or cannot. */
static int reads_hashed(void)
{
    static const char *const those[] = {"OpenSSL/", "LibreSSL/", "BoringSSL",
                                        "quictls/", "AWS-LC/"};
    const char *tls = curl_version_info(CURLVERSION_NOW)->ssl_version;

    for (size_t i = 0; tls && i < LG_COUNT(those); i++)
        if (!strncmp(tls, those[i], strlen(those[i])))
            return 1;
    return 0;
}

/* libcurl's own defaults. */
static int ask_libcurl(void)
{
    CURL *easy = curl_easy_init();

    if (!easy)
        return LLMGW_E_NOMEM;
    (void)snprintf(ca_dir, sizeof(ca_dir), "/etc/ssl/certs");
#if LIBCURL_VERSION_NUM >= 0x075400
    {
        char *file = NULL, *dir = NULL;

        (void)curl_easy_getinfo(easy, CURLINFO_CAINFO, &file);
        (void)curl_easy_getinfo(easy, CURLINFO_CAPATH, &dir);
        (void)snprintf(ca_file, sizeof(ca_file), "%s", file ? file : "");
        if (dir)
            (void)snprintf(ca_dir, sizeof(ca_dir), "%s", dir);
    }
#endif
    curl_easy_cleanup(easy);
    return LLMGW_OK;
}

/* With both a bundle and a directory, which is how Debian builds libcurl,
 * every new connection parses the whole bundle again: some 30 ms, where the
 * directory alone takes 2, and so does the bundle alone, cached by the multi
 * from the second connection on. */
void lg_curl_ca_find(struct lg_curl_ca *out)
{
    lg_sys_hold(&lock);
    if (!probed && !ask_libcurl()) {
        probed = 1;
        if (reads_hashed() && is_populated(ca_dir))
            ca.dir = ca_dir;
        else if (*ca_file && !access(ca_file, R_OK))
            ca.file = ca_file;
    }
    *out = ca;
    lg_sys_release(&lock);
}
