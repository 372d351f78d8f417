/* SPDX-License-Identifier: MIT
 *
 * A request's messages read. */
#include "lib/format/openai_chat.h"

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
    struct lg_ir_part *p = lg_part_add(c, &end, LG_PART_TOOL_RESULT, v.i);
    struct lg_val content, id;
    int rc =
        p ? lg_get(c, v, &m->extra, LG_CHAT_SELF,
                   "role- content= name tool_call_id=", &content, &m->name, &id)
          : c->arena->err;

    if (rc)
        return rc;
    lg_ir_set(&p->id, id);
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

static int read_message(struct lg_ctx *c, struct lg_val v, void *item,
                        void *user)
{
    enum {
        FUNCTION = LG_ROLE_TOOL + 2
    };
    const struct lg_val word = lg_val_get(v, "role");
    const unsigned role = lg_word_of(word, LG_CHAT_ROLES);
    struct lg_ir_message *m = item;
    struct calls *calls = user;

    if (lg_val_kind(word) != LG_JSON_STRING)
        return lg_val_fail(v, c->err, "expected a message with a role");
    m->tok = v.i;
    m->role = (uint8_t)(role == FUNCTION ? LG_ROLE_TOOL : role - 1);
    if (!role) {
        m->role = LG_ROLE_USER;
        m->form = LG_CHAT_OTHER_ROLE;
    }
    if (m->role == LG_ROLE_ASSISTANT)
        return read_assistant(c, v, calls, m);
    if (m->role != LG_ROLE_TOOL)
        return read_plain(c, v, m);
    if (role == FUNCTION)
        m->form = LG_FORM_OLD;
    return read_result(c, v, calls, m);
}

int lg_chat_messages_read(struct lg_ctx *c, struct lg_val list,
                          struct lg_ir_request *r)
{
    struct calls calls = {0};

    if (lg_val_kind(list) != LG_JSON_ARRAY)
        return lg_val_fail(list, c->err, "expected a list of messages");
    return lg_list_read(c, list, &r->messages, sizeof(*r->messages),
                        read_message, &calls);
}
