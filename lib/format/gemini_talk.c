/* SPDX-License-Identifier: MIT
 *
 * Of a request the instructions, the contents and the tools, written. */
#include "lib/format/function.h"
#include "lib/format/gemini.h"

/* ---- parts -------------------------------------------------------------- */

int lg_gm_is_ours(const struct lg_ir_blob *blob)
{
    return lg_ir_has(&blob->val) && blob->origin &&
           !strcmp(blob->origin, LG_GM_NAME);
}

/* What a part has beside its data. */
static void close_part(struct lg_writer *w, const struct lg_ir_part *p,
                       const struct lg_ir_val *sig)
{
    lg_put(w, "'thoughtSignature':%v,%x}", sig ? sig : &lg_ir_none, p->extra,
           LG_GM_SELF);
    if (w->own)
        return;
    lg_put_drop(w, &p->cache, LG_GM_UNKNOWN);
    lg_put_drop(w, &p->citations, "citations of another format");
}

static void drop(struct lg_gm_writer *g, const struct lg_ir_part *p,
                 const char *why)
{
    lg_put_lose(&g->w, p->tok, LG_DROPPED, why);
}

/* The type of media that do not say it: by the end of the URL, or the one
 * that most are of. */
static const char *type_of(const struct lg_ir_part *p)
{
    static const struct {
        const char *end, *type;
    } ends[] = {
        {".png", "image/png"},   {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"}, {".webp", "image/webp"},
        {".gif", "image/gif"},   {".heic", "image/heic"},
        {".heif", "image/heif"}, {".pdf", "application/pdf"},
        {".txt", "text/plain"},  {".mp3", "audio/mpeg"},
        {".wav", "audio/wav"},
    };
    const struct lg_str s = p->media.data.s;

    for (size_t i = 0; i < LG_COUNT(ends); i++) {
        const struct lg_str end = lg_str_of(ends[i].end);

        if (p->media.source == LG_MEDIA_URL && s.n > end.n &&
            !memcmp(s.p + s.n - end.n, end.p, end.n))
            return ends[i].type;
    }
    return p->kind == LG_PART_IMAGE   ? "image/jpeg"
           : p->kind == LG_PART_AUDIO ? "audio/wav"
                                      : "application/pdf";
}

void lg_gm_media_write(struct lg_gm_writer *g, const struct lg_ir_part *p,
                       const struct lg_ir_val *sig)
{
    const struct lg_ir_media *m = &p->media;
    const struct lg_ir_val typed = lg_ir_word(type_of(p));
    const int inside = m->source == LG_MEDIA_BASE64;

    if (!g->w.own && !inside && m->source != LG_MEDIA_URL) {
        drop(g, p, "a file of another provider");
        return;
    }
    lg_put(&g->w, "{%k:{'mimeType':%v,%k:%v",
           inside ? "inlineData" : "fileData",
           g->w.own || lg_ir_has(&m->media_type) ? &m->media_type : &typed,
           inside ? "data" : "fileUri", &m->data);
    if (g->w.own)
        lg_put(&g->w, "'displayName':%v,%x", &m->name, p->extra, LG_GM_INNER);
    else
        lg_put_drop(&g->w, &m->name, "names of files " LG_GM_UNKNOWN);
    lg_put(&g->w, "}");
    close_part(&g->w, p, sig);
    lg_put_drop(&g->w, &m->detail, "image detail " LG_GM_UNKNOWN);
}

static void write_text(struct lg_gm_writer *g, const struct lg_ir_part *p,
                       struct lg_ir_val text, const struct lg_ir_val *sig)
{
    if (!g->w.own && !text.s.n && !sig)
        return;
    lg_put(&g->w, "{'text':%o", &text);
    close_part(&g->w, p, sig);
}

static void write_document(struct lg_gm_writer *g, const struct lg_ir_part *p,
                           const struct lg_ir_val *sig)
{
    const int is_text = p->media.source == LG_MEDIA_TEXT;

    if (!is_text && p->media.source != LG_MEDIA_PARTS) {
        lg_gm_media_write(g, p, sig);
        return;
    }
    if (is_text) {
        write_text(g, p, p->media.data, sig);
    } else {
        for (const struct lg_ir_part *q = p->parts; q; q = q->next)
            if (q->kind == LG_PART_TEXT)
                write_text(g, q, q->text, NULL);
            else if (q->kind == LG_PART_IMAGE)
                lg_gm_media_write(g, q, NULL);
            else
                drop(g, q, LG_GM_UNKNOWN);
        lg_put_drop(&g->w, &p->cache, LG_GM_UNKNOWN);
        lg_put_lose_extras(&g->w, p->extra);
    }
    lg_put_lose(&g->w, p->tok, LG_APPROXIMATED,
                "a document becomes what stands in it");
    lg_put_drop(&g->w, &p->media.name, "names of files " LG_GM_UNKNOWN);
}

static void write_thinking(struct lg_gm_writer *g, const struct lg_ir_part *p)
{
    const int ours = g->w.own || lg_gm_is_ours(&p->blob);

    if (!ours && !p->text.s.n) {
        drop(g, p, "a signature of another format");
        return;
    }
    lg_put(&g->w, "{'text':%b,'thought':true", p->text.s);
    close_part(&g->w, p, ours ? &p->blob.val : NULL);
    if (!ours)
        lg_put_drop(&g->w, &p->blob.val, "a signature of another format");
}

void lg_gm_call_write(struct lg_writer *w, const struct lg_ir_part *p,
                      const struct lg_ir_val *sig)
{
    const int no_id = !w->own && w->c->policy->gemini_vertex;
    const int has_args =
        p->json.in_string ? p->json.s.n != 0 : p->json.kind != LG_JSON_NONE;

    lg_put(w, "{'functionCall':{'id':%o,'name':%o",
           no_id ? &lg_ir_none : &p->id, &p->name);
    if (p->custom) {
        lg_put(w, "'args':{'input':%v}", &p->text);
    } else if (!w->own) {
        lg_put(w, "'args':");
        lg_put_object(w, &p->json);
    } else if (has_args) {
        lg_put(w, "'args':%v", &p->json);
    }
    lg_put(w, "%x}", p->extra, LG_GM_INNER);
    close_part(w, p, sig);
}

/* A signature that stands alone in a part. */
static void write_signature(struct lg_gm_writer *g, const struct lg_ir_part *p)
{
    if (!g->w.own || !(p->form & LG_GM_SIGNS_NONE))
        lg_put(&g->w, "{'text':'','thoughtSignature':%v}", &p->blob.val);
    else
        lg_put(&g->w, "{'thoughtSignature':%v}", &p->blob.val);
}

static void write_part(struct lg_gm_writer *g, const struct lg_ir_part *p,
                       const struct lg_ir_val *sig)
{
    switch ((enum lg_part_kind)p->kind) {
    case LG_PART_TEXT:
        write_text(g, p, p->text, sig);
        break;
    case LG_PART_REFUSAL:
        write_text(g, p, p->text, sig);
        if (g->r)
            lg_put_lose(&g->w, p->tok, LG_APPROXIMATED,
                        "a refusal becomes a text");
        break;
    case LG_PART_IMAGE:
    case LG_PART_AUDIO:
        lg_gm_media_write(g, p, sig);
        break;
    case LG_PART_DOCUMENT:
        write_document(g, p, sig);
        break;
    case LG_PART_TOOL_CALL:
        lg_gm_call_write(&g->w, p, sig);
        if (p->custom && g->r)
            lg_put_lose(&g->w, p->tok, LG_APPROXIMATED,
                        "a text becomes an object that has it");
        break;
    case LG_PART_TOOL_RESULT:
        lg_gm_result_write(g, p, sig);
        break;
    case LG_PART_THINKING:
        write_thinking(g, p);
        break;
    case LG_PART_REDACTED:
        write_signature(g, p);
        break;
    case LG_PART_OPAQUE:
        if (g->w.own)
            lg_ir_write(&g->w.jw, &p->json);
        else
            drop(g, p, "a part " LG_GM_UNKNOWN);
        break;
    }
}

/* Which signature goes with which part of a list. */
struct signing {
    const struct lg_ir_part *text, *call; /* of another format: these are ... */
    const struct lg_ir_part *of_text, *of_call; /* ... signed by these */
};

/* Other formats keep signatures apart from what they sign: the last is that of
 * the first call, if there is one, and the last but that of the last text. */
static struct signing signing_of(const struct lg_ir_part *p)
{
    struct signing s = {0};
    const struct lg_ir_part *last[2] = {0};

    for (; p; p = p->next) {
        if (p->kind == LG_PART_TEXT && p->text.s.n)
            s.text = p;
        if (p->kind == LG_PART_TOOL_CALL && !s.call)
            s.call = p;
        if (p->kind != LG_PART_REDACTED || !lg_gm_is_ours(&p->blob))
            continue;
        last[1] = last[0];
        last[0] = p;
    }
    s.of_call = s.call ? last[0] : NULL;
    s.of_text = s.call ? last[1] : last[0];
    return s;
}

/* The signature of a part; `before` and `p->next` are its neighbours. */
static const struct lg_ir_val *signature_of(const struct lg_gm_writer *g,
                                            const struct signing *s,
                                            const struct lg_ir_part *before,
                                            const struct lg_ir_part *p)
{
    static const struct lg_ir_val unsigned_call = {
        {LG_GM_UNSIGNED, sizeof(LG_GM_UNSIGNED) - 1},
        LG_NOWHERE,
        LG_JSON_STRING,
        0};
    const struct lg_ir_part *by = NULL;

    if (g->w.own && p->kind == LG_PART_TOOL_CALL)
        by = before && before->form & LG_GM_SIGNS_NEXT ? before : NULL;
    else if (g->w.own)
        by = p->next && !p->next->form ? p->next : NULL;
    else if (p == s->text)
        by = s->of_text;
    else if (p == s->call)
        by = s->of_call;
    if (by && by->kind == LG_PART_REDACTED)
        return &by->blob.val;
    return !g->w.own && g->r && p == s->call && !g->w.c->policy->gemini_budget
               ? &unsigned_call
               : NULL;
}

/* Was this signature written with its part? */
static int is_told(const struct lg_gm_writer *g, const struct signing *s,
                   const struct lg_ir_part *before, const struct lg_ir_part *p)
{
    if (!g->w.own)
        return p == s->of_call || (p == s->of_text && s->text);
    return p->form ? p->form & LG_GM_SIGNS_NEXT && p->next &&
                         p->next->kind == LG_PART_TOOL_CALL
                   : before && before->kind != LG_PART_REDACTED &&
                         before->kind != LG_PART_TOOL_CALL &&
                         before->kind != LG_PART_OPAQUE &&
                         before->kind != LG_PART_THINKING;
}

void lg_gm_parts_write(struct lg_gm_writer *g, const struct lg_ir_part *parts)
{
    const struct signing s = signing_of(parts);
    const struct lg_ir_part *before = NULL;

    for (const struct lg_ir_part *p = parts; p && !g->w.rc; p = p->next) {
        if (p->kind != LG_PART_REDACTED)
            write_part(g, p, signature_of(g, &s, before, p));
        else if (!g->w.own && !lg_gm_is_ours(&p->blob))
            drop(g, p, "thinking that only its origin reads");
        else if (!is_told(g, &s, before, p)) {
            if (g->w.own || p == s.of_text)
                write_signature(g, p);
            else
                drop(g, p, "a signature of no part that is here");
        }
        before = p;
    }
}

/* ---- messages ----------------------------------------------------------- */

static void lose_message(struct lg_gm_writer *g, const struct lg_ir_message *m)
{
    lg_put_drop(&g->w, &m->name, "names of speakers " LG_GM_UNKNOWN);
    lg_put_lose_extras(&g->w, m->extra);
}

/* A list of parts, written if it is not empty: 1, if it is. */
static int write_list(struct lg_gm_writer *g, const struct lg_ir_message *m,
                      const struct lg_ir_message *end)
{
    int empty;

    lg_put(&g->w, "'parts':[");
    for (; m != end; m = m->next) {
        lg_gm_parts_write(g, m->parts);
        lose_message(g, m);
    }
    empty = lg_writer_is_empty(&g->w);
    lg_put(&g->w, "]}");
    return empty;
}

/* Instructions that do not come first are heard first all the same; the last
 * is the question if there is no other. */
static const struct lg_ir_message *write_system(struct lg_gm_writer *g)
{
    const struct lg_ir_message *m = g->r->messages, *only = NULL;
    const size_t mark = g->w.jw.out->n;
    int talks = 0, late = 0;

    for (; m; m = m->next) {
        talks |= !lg_is_system(m);
        only = !m->next && !talks ? m : NULL;
    }
    lg_put(&g->w, "'systemInstruction':{'parts':[");
    for (m = g->r->messages; m; m = m->next) {
        if (!lg_is_system(m) || m == only) {
            late = 1;
            continue;
        }
        lg_gm_parts_write(g, m->parts);
        lose_message(g, m);
        if (late)
            lg_put_lose(&g->w, m->tok, LG_APPROXIMATED,
                        "instructions amid the talk move to its front");
    }
    if (lg_writer_is_empty(&g->w))
        lg_writer_undo(&g->w, mark);
    else
        lg_put(&g->w, "]}");
    if (only)
        lg_put_lose(
            &g->w, only->tok, LG_APPROXIMATED,
            "a talk of instructions alone: the last becomes the user's");
    return only;
}

static void write_foreign(struct lg_gm_writer *g)
{
    const struct lg_ir_message *only = write_system(g), *m = g->r->messages;

    lg_put(&g->w, "'contents':[");
    while (m && !g->w.rc) {
        const struct lg_ir_message *end = m->next;
        const size_t mark = g->w.jw.out->n;

        if (lg_is_system(m) && m != only) {
            m = end;
            continue;
        }
        while (m->role == LG_ROLE_TOOL && end && end->role == LG_ROLE_TOOL)
            end = end->next;
        lg_put(&g->w, "{'role':%s",
               m->role == LG_ROLE_ASSISTANT ? "model" : "user");
        if (write_list(g, m, end))
            lg_writer_undo(&g->w, mark);
        m = end;
    }
    lg_put(&g->w, "]");
}

static void write_own(struct lg_gm_writer *g, const struct lg_ir_message *m)
{
    lg_put(&g->w, "{");
    if (m->role != LG_ROLE_SYSTEM && !(m->form & LG_GM_NO_ROLE))
        lg_put(&g->w, "'role':%s",
               m->role == LG_ROLE_ASSISTANT ? "model" : "user");
    if (m->form & LG_FORM_NULL) {
        lg_put(&g->w, "'parts':null");
    } else if (!(m->form & LG_FORM_ABSENT)) {
        lg_put(&g->w, "'parts':[");
        lg_gm_parts_write(g, m->parts);
        lg_put(&g->w, "]");
    }
    lg_put(&g->w, "%x}", m->extra, LG_GM_SELF);
}

void lg_gm_talk_write(struct lg_gm_writer *g)
{
    const struct lg_ir_message *m = g->r->messages;

    if (!g->w.own) {
        write_foreign(g);
        return;
    }
    if (m && m->form & LG_FORM_TOP) {
        lg_put(&g->w, "'systemInstruction':");
        write_own(g, m);
        m = m->next;
    }
    lg_put(&g->w, "'contents':[");
    for (; m; m = m->next)
        write_own(g, m);
    lg_put(&g->w, "]");
}

/* ---- tools -------------------------------------------------------------- */

static void write_function(struct lg_gm_writer *g, const struct lg_ir_tool *t)
{
    static const char why[] = LG_GM_UNKNOWN;
    struct lg_writer *const w = &g->w;
    const int old = w->own && !(t->form & LG_GM_JSON_SCHEMA);

    lg_put(w, "{'name':%v,'description':%o", &t->name, &t->description);
    if (t->kind != LG_TOOL_CUSTOM && !w->own) {
        lg_gm_schema_write(w, g->r, "parameters", "parametersJsonSchema",
                           &t->schema);
    } else if (t->kind != LG_TOOL_CUSTOM) {
        lg_put(w, "%k:%o", old ? "parameters" : "parametersJsonSchema",
               &t->schema);
    } else {
        lg_put(w, "'parametersJsonSchema':{'type':'object','properties':"
                  "{'input':{'type':'string'}},'required':['input']}");
        lg_put_lose(w, t->tok, LG_APPROXIMATED,
                    "a tool that takes text becomes one with a text member");
        lg_put_drop(w, &t->schema,
                    "the format of a tool's text has no counterpart");
    }
    lg_put(w, "%x}", t->extra, LG_GM_SELF);
    lg_put_drop(w, &t->strict, why);
    lg_put_drop(w, &t->cache, why);
}

/* How many functions there are. */
static int write_foreign_tools(struct lg_gm_writer *g)
{
    const size_t mark = g->w.jw.out->n;
    int n = 0;

    lg_put(&g->w, "'tools':[{'functionDeclarations':[");
    for (const struct lg_ir_tool *t = g->r->tools; t; t = t->next) {
        if (t->kind == LG_TOOL_SERVER) {
            lg_put_lose(&g->w, t->tok, LG_DROPPED,
                        "a tool that its own provider runs");
            continue;
        }
        write_function(g, t);
        n++;
    }
    if (n)
        lg_put(&g->w, "]}]");
    else
        lg_writer_undo(&g->w, mark);
    return n;
}

static void write_own_tools(struct lg_gm_writer *g)
{
    const struct lg_ir_tool *t = g->r->tools, *first;

    if (!g->r->has_tools)
        return;
    lg_put(&g->w, "'tools':[");
    while (t) {
        if (t->kind == LG_TOOL_SERVER) {
            lg_ir_write(&g->w.jw, &t->json);
            t = t->next;
            continue;
        }
        first = t;
        lg_put(&g->w, "{'functionDeclarations':[");
        do {
            write_function(g, t);
            t = t->next;
        } while (t && t->kind != LG_TOOL_SERVER && !(t->form & LG_GM_FIRST));
        lg_put(&g->w, "],%x}", first->extra, LG_GM_GROUP);
    }
    lg_put(&g->w, "]");
}

static void write_choice(struct lg_gm_writer *g, int functions)
{
    static const char *const modes[] = {[LG_CHOICE_AUTO] = "AUTO",
                                        [LG_CHOICE_NONE] = "NONE",
                                        [LG_CHOICE_ANY] = "ANY",
                                        [LG_CHOICE_TOOL] = "ANY"};
    const struct lg_ir_tool_choice *t = &g->r->tool_choice;
    const int forced = t->mode == LG_CHOICE_ANY || t->mode == LG_CHOICE_TOOL;

    if (t->mode == LG_CHOICE_UNSET)
        return;
    if (t->mode >= LG_COUNT(modes) || (forced && !functions)) {
        lg_put_lose(&g->w, t->tok, LG_DROPPED,
                    forced ? "no function is left to choose"
                           : "a choice of tools " LG_GM_UNKNOWN);
        return;
    }
    lg_put(&g->w, "'toolConfig':{'functionCallingConfig':{'mode':%s",
           modes[t->mode]);
    if (t->mode == LG_CHOICE_TOOL)
        lg_put(&g->w, "'allowedFunctionNames':[%v]", &t->name);
    lg_put(&g->w, "}}");
    lg_put_lose_extras(&g->w, t->extra);
}

void lg_gm_tools_write(struct lg_gm_writer *g)
{
    if (g->w.own)
        write_own_tools(g);
    else
        write_choice(g, write_foreign_tools(g));
}
