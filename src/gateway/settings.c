/* SPDX-License-Identifier: MIT
 *
 * From entries to the fields they stand for. */
#include "src/gateway/options.h"

#include "src/provider/provider.h"

static const char fold_all[] = "all", fold_usage[] = "usage";

static void put_pointer(void *field, const void *p)
{
    memcpy(field, &p, sizeof(p));
}

void lg_settings_put(void *at, const struct lg_option_entry *entry,
                     const char *text)
{
    void *field = (char *)at + entry->row->offset;

    switch ((enum lg_option_kind)entry->row->kind) {
    case LG_OPTION_INT:
    case LG_OPTION_BOOL:
    case LG_OPTION_CHOICE:
        memcpy(field, &entry->number, sizeof(entry->number));
        return;
    case LG_OPTION_TYPE:
        put_pointer(field, lg_provider_by_name(lg_str_of(text)));
        return;
    case LG_OPTION_AUTH:
        put_pointer(field, lg_auth_by_name(text));
        return;
    case LG_OPTION_SECRET: /* has an owner of its own, see config.c */
        return;
    case LG_OPTION_STRING:
    case LG_OPTION_WORD:
    case LG_OPTION_URL:
    case LG_OPTION_PROXY:
    case LG_OPTION_HEADER:
    case LG_OPTION_JSON:
    case LG_OPTION_FACTS:
    case LG_OPTION_FORMAT:
        put_pointer(field, text);
        return;
    }
}

void lg_settings_defaults(struct lg_settings *s)
{
    *s = (struct lg_settings){.fold = fold_all};
    for (size_t i = 0; i < lg_option_count; i++) {
        const struct lg_option_row *row = &lg_option_rows[i];
        const struct lg_option_entry e = {.row = row, .number = row->dflt};

        if (!row->provider && row->offset != LG_OPTION_NOWHERE &&
            (row->kind == LG_OPTION_INT || row->kind == LG_OPTION_BOOL))
            lg_settings_put(s, &e, NULL);
    }
}

static void apply_callbacks(struct lg_settings *s, const llmgw_options *o)
{
    const struct lg_settings *from = &o->calls;

    if (o->has_trace) {
        s->trace = from->trace;
        s->trace_user = from->trace_user;
    }
    if (o->has_source) {
        s->read = from->read;
        s->rewind = from->rewind;
        s->read_size = from->read_size;
        s->read_user = from->read_user;
    }
    if (o->has_sink) {
        s->write = from->write;
        s->write_user = from->write_user;
    }
    if (from->cancel)
        s->cancel = from->cancel;
}

void lg_settings_apply(struct lg_settings *s, const llmgw_options *o)
{
    if (!o)
        return;
    for (const struct lg_option_entry *e = o->entries; e; e = e->next)
        if (!e->row->provider && e->row->offset != LG_OPTION_NOWHERE)
            lg_settings_put(s, e, e->secret ? e->secret->text : e->text);
    /* looked at for as long as a stream lives: not the options' text */
    s->fold = strcmp(s->fold, fold_usage) == 0 ? fold_usage : fold_all;
    apply_callbacks(s, o);
}

void lg_settings_policy(const struct lg_settings *s, struct lg_policy *p)
{
    *p = lg_policy_default;
    if (s->max_tokens) {
        p->max_tokens = s->max_tokens;
        p->max_tokens_fixed = 1;
    }
    if (s->anthropic_version)
        p->anthropic_version = s->anthropic_version;
    p->system_role = (uint8_t)s->system_role;
    p->orphan_result = (uint8_t)s->orphan_result;
    p->image_url = (uint8_t)s->image_url;
    p->reject_params = s->unsupported_param != 0;
}
