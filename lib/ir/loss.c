/* SPDX-License-Identifier: MIT */
#include "lib/ir/loss.h"

#include "lib/json/write.h"

#define LOSS_MAX 65536

#define SLOTS_FIRST 16
#define POINTER_MAX 1024

void lg_losses_init(struct lg_losses *l, struct lg_arena *arena,
                    struct lg_err *err, int strict)
{
    *l = (struct lg_losses){.arena = arena, .err = err, .strict = strict};
    l->last = &l->first;
}

static size_t hash(size_t h, const char *s)
{
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 16777619u; /* FNV-1a */
    return h;
}

static struct lg_loss **slot_of(const struct lg_losses *l, const char *pointer,
                                const char *reason)
{
    return &l->slots[hash(hash(2166136261u, pointer), reason) &
                     (l->nslots - 1)];
}

static int is_known(const struct lg_losses *l, const char *pointer,
                    enum lg_loss_action action, const char *reason)
{
    const struct lg_loss *loss =
        l->nslots ? *slot_of(l, pointer, reason) : NULL;

    while (loss && (loss->action != action || strcmp(loss->pointer, pointer) ||
                    strcmp(loss->reason, reason)))
        loss = loss->chained;
    return loss != NULL;
}

static int grow_slots(struct lg_losses *l)
{
    const size_t n = l->nslots ? l->nslots * 4 : SLOTS_FIRST;
    struct lg_loss **slots = lg_arena_alloc(l->arena, n * sizeof(*slots));

    if (!slots)
        return lg_fail_mem(l->err, l->arena->err);
    l->slots = slots;
    l->nslots = n;
    for (struct lg_loss *loss = l->first; loss; loss = loss->next) {
        slots = slot_of(l, loss->pointer, loss->reason);
        loss->chained = *slots;
        *slots = loss;
    }
    return 0;
}

static int add(struct lg_losses *l, const char *pointer,
               enum lg_loss_action action, const char *reason)
{
    struct lg_loss *loss;
    struct lg_loss **slot;
    int err = l->n == l->nslots ? grow_slots(l) : 0;

    if (err)
        return err;
    loss = lg_arena_new(l->arena, struct lg_loss);
    pointer = lg_arena_dup(l->arena, lg_str_of(pointer));
    if (!loss || !pointer)
        return lg_fail_mem(l->err, l->arena->err);
    slot = slot_of(l, pointer, reason);
    *loss = (struct lg_loss){NULL, *slot, pointer, reason, (uint8_t)action};
    *slot = loss;
    *l->last = loss;
    l->last = &loss->next;
    l->n++;
    return 0;
}

int lg_lose_at(struct lg_losses *l, const char *pointer,
               enum lg_loss_action action, const char *reason)
{
    int err = 0;

    if (!is_known(l, pointer, action, reason))
        err = add(l, pointer, action, reason);
    if (!err && (l->strict || action == LG_REJECTED))
        err = lg_fail(l->err, LLMGW_E_UNSUPPORTED, pointer, "%s", reason);
    return err;
}

int lg_lose(struct lg_losses *l, uint32_t tok, enum lg_loss_action action,
            const char *reason)
{
    char pointer[POINTER_MAX] = "";

    if (l->doc && tok < l->doc->n)
        lg_json_pointer(l->doc, tok, pointer, sizeof(pointer));
    return lg_lose_at(l, pointer, action, reason);
}

const char *lg_loss_action_name(enum lg_loss_action action)
{
    static const char *const names[] = {[LG_DROPPED] = "dropped",
                                        [LG_APPROXIMATED] = "approximated",
                                        [LG_REJECTED] = "rejected"};

    return names[action];
}

int lg_loss_json(const struct lg_loss *loss, struct lg_buf *out)
{
    struct lg_jw w = {.out = out};

    lg_jw_obj(&w);
    lg_jw_key(&w, "pointer");
    lg_jw_text(&w, lg_str_of(loss->pointer));
    lg_jw_key(&w, "action");
    lg_jw_text(
        &w, lg_str_of(lg_loss_action_name((enum lg_loss_action)loss->action)));
    lg_jw_key(&w, "reason");
    lg_jw_text(&w, lg_str_of(loss->reason));
    lg_jw_obj_end(&w);
    return out->err;
}

const char *lg_loss_copy(const struct lg_loss *loss, struct lg_arena *a)
{
    const char *copy = NULL;
    struct lg_buf text;

    lg_buf_init(&text, LOSS_MAX);
    if (!lg_loss_json(loss, &text))
        copy = lg_arena_dup(a, lg_buf_span(&text));
    else
        a->err = text.err;
    lg_buf_done(&text);
    return copy;
}
