/*
 * http_json.c - JSON in requests and replies, by jansson
 *
 * Jansson calls itself for each level, so how deep a text is, is known before
 * it reads one, or writes one: no client runs over a task's stack.
 */
#include <fermata/http_json.h>

#include "base/atomic.h"
#include "base/memory.h"
#include "base/sys_path.h"
#include "http/exchange_record.h"
#include "http/json_value.h"
#include "proto/json_text.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/error.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    JSON_READING = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
    JSON_WRITING = JSON_COMPACT | JSON_ENCODE_ANY,
    JSON_FIRST_ROOM = 1024, /* of a reply, which grows */
    JSON_STACK = 5120,      /* bytes of stack for what is in the levels */
    JSON_STACK_IN = 128,    /* for each level that is read */
    JSON_STACK_OUT = 512    /* and that is written */
};

/* How many levels there may be: fewer where the task's stack has no room. */
static unsigned http_json_depth(size_t each)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    if (fm__current->home == NULL) /* no task runs */
        return FM_JSON_DEPTH;
    size_t room = here - (uintptr_t)fm__task_stack(fm__current)->bottom;
    size_t depth = room > JSON_STACK ? (room - JSON_STACK) / each : 0;
    return depth < FM_JSON_DEPTH ? (unsigned)depth : FM_JSON_DEPTH;
}

/* ---- reading ------------------------------------------------------------ */

/* How names are hashed is not to be guessed. By itself jansson would ask a
 * device, and where it cannot open one the clock. Whoever is first, wins. */
static void http_json_seed(void)
{
    static struct fm__atomic_word seeded;
    if (fm__atomic_settled(&seeded) != 0)
        return;
    json_object_seed((size_t)fm__sys_chance() | 1);
    fm__atomic_store(&seeded, 1);
}

/* 0; or -FM_EHTTPJSON, in the words that jansson would have. */
static int http_json_check_depth(struct fm__slice text, char why[FM__JSON_WHY])
{
    unsigned depth = http_json_depth(JSON_STACK_IN);
    size_t end = fm__json_too_deep(text, depth), line = 1, column = 1;
    if (end == text.size)
        return 0;
    for (size_t i = 0; i < end; i++) {
        column = text.at[i] == '\n' ? 1 : column + 1;
        line += text.at[i] == '\n';
    }
    snprintf(why, FM__JSON_WHY, "line %zu, column %zu: deeper than %u levels",
             line, column, depth);
    return -FM_EHTTPJSON;
}

int fm__json_read(struct fm__slice text, json_t **json, char why[FM__JSON_WHY])
{
    json_error_t error;
    int rc = http_json_check_depth(text, why);
    if (rc < 0)
        return rc;
    http_json_seed();
    json_t *found = json_loadb(text.at, text.size, JSON_READING, &error);
    if (found != NULL) {
        *json = found;
        return 0;
    }
    if (error.text[0] == '\0' ||
        json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    snprintf(why, FM__JSON_WHY, "line %d, column %d: %s", error.line,
             error.column, error.text);
    return -FM_EHTTPJSON;
}

void fm__json_free(json_t *json)
{
    json_decref(json);
}

static bool http_json_is_type(struct fm__slice type)
{
    struct fm__slice end = FM__SLICE("+json");
    if (fm__slice_like(type, FM__SLICE("application/json")))
        return true;
    return type.size > end.size &&
           fm__slice_like(fm__slice_after(type, type.size - end.size), end);
}

int fm_exchange_json(fm_exchange *exchange, json_t **json)
{
    const char *body;
    char why[FM__JSON_WHY];
    int rc = fm_cancelled();
    if (rc == 0 && exchange->json == NULL)
        rc = fm__exchange_check_type(exchange, "application/json",
                                     http_json_is_type);
    if (rc < 0)
        return rc;
    if (exchange->json == NULL) {
        ssize_t size = fm_exchange_load(exchange, &body);
        if (size < 0)
            return (int)size;
        rc = fm__json_read((struct fm__slice){body, (size_t)size},
                           &exchange->json, why);
    }
    if (rc == -FM_EHTTPJSON)
        return fm__exchange_blame(exchange, rc, "%s", why);
    if (rc == 0)
        *json = exchange->json;
    return rc;
}

/* What the client has sent is told apart from a wrong format. */
static int http_json_unpack_error(fm_exchange *exchange,
                                  const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_wrong_type:
    case json_error_item_not_found:
    case json_error_index_out_of_range:
    case json_error_end_of_input_expected:
        return fm__exchange_blame(exchange, -FM_EHTTPVALUE, "%s", error->text);
    case json_error_out_of_memory:
        return -ENOMEM;
    default:
        return -EINVAL;
    }
}

int fm_exchange_json_unpack(fm_exchange *exchange, const char *format, ...)
{
    json_t *json = NULL;
    json_error_t error;
    va_list args;
    int rc = fm_exchange_json(exchange, &json);
    if (rc < 0)
        return rc;
    va_start(args, format);
    rc = json_vunpack_ex(json, &error, 0, format, args);
    va_end(args);
    return rc == 0 ? 0 : http_json_unpack_error(exchange, &error);
}

/* ---- writing ------------------------------------------------------------ */

struct json_text {
    char *bytes;
    size_t size;
    size_t room;
};

static int http_json_put(const char *bytes, size_t size, void *arg)
{
    struct json_text *text = arg;
    if (size > text->room - text->size) {
        size_t room = text->room > 0 ? 2 * text->room : JSON_FIRST_ROOM;
        while (room - text->size < size)
            room *= 2;
        char *grown = fm__memory_resize(text->bytes, room);
        if (grown == NULL)
            return -1;
        text->bytes = grown;
        text->room = room;
    }
    memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    return 0;
}

/* An array or an object, and where in it we are. */
struct http_json_level {
    json_t *json;
    size_t index;
    void *iter; /* of an object; NULL: past its end */
};

static struct http_json_level http_json_enter(json_t *json)
{
    return (struct http_json_level){json, 0, json_object_iter(json)};
}

/* The next value of a level; NULL: there is no more. */
static json_t *http_json_next(struct http_json_level *level)
{
    if (json_is_array(level->json))
        return json_array_get(level->json, level->index++);
    if (level->iter == NULL)
        return NULL;
    json_t *value = json_object_iter_value(level->iter);
    level->iter = json_object_iter_next(level->json, level->iter);
    return value;
}

/* Whether it has more levels than there may be. */
static bool http_json_is_deep(const json_t *json)
{
    struct http_json_level levels[FM_JSON_DEPTH + 1];
    unsigned open = 1, depth = http_json_depth(JSON_STACK_OUT);
    levels[0] = http_json_enter((json_t *)(uintptr_t)json);
    while (open > 0 && open <= depth) {
        json_t *value = http_json_next(&levels[open - 1]);
        if (value == NULL)
            open--;
        else if (json_is_array(value) || json_is_object(value))
            levels[open++] = http_json_enter(value);
    }
    return open > 0;
}

static int http_json_reply(fm_exchange *exchange, int status,
                           const struct json_text *text)
{
    int rc = 0;
    if (!exchange->typed)
        rc = fm_reply_set(exchange, "Content-Type", "application/json");
    return rc < 0 ? rc : fm_reply(exchange, status, text->bytes, text->size);
}

int fm_reply_json(fm_exchange *exchange, int status, const json_t *json)
{
    struct json_text text = {NULL, 0, 0};
    int rc = fm_cancelled();
    if (rc < 0)
        return rc;
    if (json == NULL)
        return -ENOMEM;
    if (http_json_is_deep(json))
        return -ELOOP;
    if (json_dump_callback(json, http_json_put, &text, JSON_WRITING) < 0)
        rc = -ENOMEM;
    else
        rc = http_json_reply(exchange, status, &text);
    fm__memory_free(text.bytes);
    return rc;
}

static int http_json_pack_error(const json_error_t *error)
{
    if (error->text[0] == '\0')
        return -ENOMEM;
    switch (json_error_code(error)) {
    case json_error_out_of_memory:
        return -ENOMEM;
    case json_error_invalid_utf8:
        return -EILSEQ;
    default:
        return -EINVAL;
    }
}

int fm_reply_json_pack(fm_exchange *exchange, int status, const char *format,
                       ...)
{
    json_error_t error;
    va_list args;
    http_json_seed();
    va_start(args, format);
    json_t *json = json_vpack_ex(&error, 0, format, args);
    va_end(args);
    int rc = json != NULL ? fm_reply_json(exchange, status, json)
                          : http_json_pack_error(&error);
    json_decref(json);
    return rc;
}
