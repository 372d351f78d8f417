/* SPDX-License-Identifier: MIT
 *
 * A request's messages read. */
#include "lib/format/openai_chat.h"

static const struct {
    const char *word;
    enum lg_role role;
} roles[] = {
    {"system", LG_ROLE_SYSTEM}, {"developer", LG_ROLE_DEVELOPER},
    {"user", LG_ROLE_USER},     {"assistant", LG_ROLE_ASSISTANT},
    {"tool", LG_ROLE_TOOL},     {"function", LG_ROLE_TOOL},
};

/* The deprecated calls have no ids. What answers one is the next message, so
 * a count will do. */
struct calls {
    unsigned n;
};

static int count_call(struct lg_ctx *c, const struct calls *calls,
                      struct lg_ir_val *id)
{
    const char *name = lg_reason(c, "call_%u", calls->n);

    *id = lg_ir_word(name);
    return *name ? 0 : lg_no_room(c);
}

static int read_plain(struct lg_ctx *c, struct lg_val v,
                      struct lg_ir_message *m)
{
    struct lg_ir_part **end = &m->parts;
    struct lg_val role, content;
    int rc = lg_get(c, v, &m->extra, LG_CHAT_SELF, "role= content= name", &role,
                    &content, &m->name);

    if (!rc && m->form & LG_CHAT_OTHER_ROLE)
        rc = lg_extra_keep(c, &m->extra, role, LG_CHAT_SELF);
    return rc ? rc : lg_chat_content_read(c, content, &end, &m->form);
}

static int read_assistant(struct lg_ctx *c, struct lg_val v,
                          struct calls *calls, struct lg_ir_message *m)
{
    int rc = lg_chat_assistant_read(c, v, m);

    for (struct lg_ir_part *p = m->parts; p && !rc; p = p->next) {
        if (p->kind != LG_PART_TOOL_CALL || !(p->form & LG_FORM_OLD))
            continue;
        calls->n++;
        rc = count_call(c, calls, &p->id);
    }
    return rc;
}

static int read_result(struct lg_ctx *c, struct lg_val v,
                       const struct calls *calls, struct lg_ir_message *m)
{
    struct lg_ir_part **end = &m->parts;
    struct lg_ir_part *p = lg_chat_part_add(c, &end, LG_PART_TOOL_RESULT, v.i);
    struct lg_val content, id;
    int rc =
        p ? lg_get(c, v, &m->extra, LG_CHAT_SELF,
                   "role- content= name tool_call_id=", &content, &m->name, &id)
          : c->arena->err;

    if (rc)
        return rc;
    p->id = lg_ir_of(id);
    if (m->form & LG_FORM_OLD) {
        rc = lg_extra_keep(c, &m->extra, id, LG_CHAT_SELF);
        if (!rc)
            rc = count_call(c, calls, &p->id);
    }
    end = &p->parts;
    if (!rc)
        rc = lg_chat_content_read(c, content, &end, &p->form);
    m->form |= p->form;
    return rc;
}

static int read_message(struct lg_ctx *c, struct lg_val v, struct calls *calls,
                        struct lg_ir_message *m)
{
    const struct lg_val word = lg_val_get(v, "role");
    size_t i = 0;

    if (lg_val_kind(word) != LG_JSON_STRING)
        return lg_val_fail(v, c->err, "expected a message with a role");
    while (i < LG_COUNT(roles) && !lg_val_is(word, roles[i].word))
        i++;
    m->tok = v.i;
    m->role = LG_ROLE_USER;
    if (i < LG_COUNT(roles))
        m->role = (uint8_t)roles[i].role;
    else
        m->form = LG_CHAT_OTHER_ROLE;
    if (m->role == LG_ROLE_ASSISTANT)
        return read_assistant(c, v, calls, m);
    if (m->role != LG_ROLE_TOOL)
        return read_plain(c, v, m);
    if (lg_val_is(word, "function"))
        m->form = LG_FORM_OLD;
    return read_result(c, v, calls, m);
}

int lg_chat_messages_read(struct lg_ctx *c, struct lg_val list,
                          struct lg_ir_request *r)
{
    struct lg_ir_message **end = &r->messages;
    struct lg_iter it = lg_iter_of(list);
    struct calls calls = {0};
    int rc = 0;

    if (lg_val_kind(list) != LG_JSON_ARRAY)
        return lg_val_fail(list, c->err, "expected a list of messages");
    while (!rc && lg_iter_next(&it)) {
        struct lg_ir_message *m = lg_arena_new(c->arena, struct lg_ir_message);

        if (!m)
            return lg_no_room(c);
        *end = m;
        end = &m->next;
        rc = read_message(c, it.val, &calls, m);
    }
    return rc;
}
