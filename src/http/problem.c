/*
 * problem.c - what was wrong, in a reply that a program can read (RFC 9457)
 */
#include <fermata/problem.h>

#include "base/memory.h"
#include "http/coder.h"
#include "http/exchange_record.h"
#include "http/status.h"
#include "proto/json_text.h"

#include <errno.h>
#include <fermata/error.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    PROBLEM_ROOM = 512, /* for most; more is taken where it is needed */
    PROBLEM_NAMES = 96, /* bytes of the names, the signs and the status */
    PROBLEM_WHY = 256   /* of what fm__exchange_blame keeps */
};

static size_t problem_size(const char *text)
{
    return text != NULL ? FM__JSON_GROWTH * strlen(text) : 0;
}

static void problem_member(struct fm__pen *pen, const char *name,
                           const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    fm__pen_write(pen, fm__slice_of(name));
    fm__json_text(pen, fm__slice_of(value));
}

static void problem_write(struct fm__pen *pen, int status,
                          const fm_problem_options *options)
{
    char number[32];
    snprintf(number, sizeof number, ",\"status\":%d", status);
    problem_member(pen, "{\"type\":", options->type);
    problem_member(pen, ",\"title\":", options->title);
    fm__pen_write(pen, fm__slice_of(number));
    problem_member(pen, ",\"detail\":", options->detail);
    problem_member(pen, ",\"instance\":", options->instance);
    fm__pen_write(pen, FM__SLICE("}\n"));
}

static int problem_reply(fm_exchange *exchange, int status,
                         struct fm__slice body)
{
    int rc = 0;
    if (!exchange->typed)
        rc = fm_reply_set(exchange, "Content-Type", "application/problem+json");
    return rc < 0 ? rc : fm_reply(exchange, status, body.at, body.size);
}

/* One that is longer than most. */
static int problem_reply_long(fm_exchange *exchange, int status,
                              const fm_problem_options *options)
{
    size_t size = PROBLEM_NAMES + problem_size(options->type) +
                  problem_size(options->title) + problem_size(options->detail) +
                  problem_size(options->instance);
    char *text = fm__memory_resize(NULL, size);
    if (text == NULL)
        return -ENOMEM;
    struct fm__pen pen = {text, text + size, false};
    problem_write(&pen, status, options);
    int rc = problem_reply(exchange, status, fm__pen_since(&pen, text));
    fm__memory_free(text);
    return rc;
}

int fm__reply_problem(fm_exchange *exchange, int status,
                      const fm_problem_options *options)
{
    fm_problem_options all = {NULL, NULL, NULL, NULL};
    char text[PROBLEM_ROOM];
    struct fm__pen pen = {text, text + sizeof text, false};
    if (options != NULL)
        all = *options;
    if (all.type == NULL || *all.type == '\0')
        all.type = "about:blank";
    if (all.title == NULL)
        all.title = fm__http_reason(status);
    problem_write(&pen, status, &all);
    return pen.full
               ? problem_reply_long(exchange, status, &all)
               : problem_reply(exchange, status, fm__pen_since(&pen, text));
}

/* ---- what no handler has answered --------------------------------------- */

int fm__exchange_blame(struct fm_exchange *exchange, int rc, const char *format,
                       ...)
{
    va_list args;
    exchange->blamed = rc;
    if (exchange->why == NULL)
        exchange->why = fm__memory_new(PROBLEM_WHY);
    if (exchange->why == NULL)
        return rc; /* it is told, in other words */
    va_start(args, format);
    vsnprintf(exchange->why, PROBLEM_WHY, format, args);
    va_end(args);
    return rc;
}

/* What a failure is called, where that says nothing of the server. */
static const char *problem_detail(const struct fm_exchange *exchange, int rc)
{
    if (rc == 0)
        return NULL;
    if (rc == exchange->blamed && exchange->why != NULL)
        return exchange->why;
    bool said = (rc <= -FM_EHTTPLINE && rc >= -FM_EHTTPQUERY) ||
                (rc <= -FM_ECODED && rc >= -FM_ECODEDKIND);
    return said ? fm_strerror(rc) : NULL;
}

/* What a body may be coded in (RFC 9110, 15.5.16). */
static int problem_offer(fm_exchange *exchange)
{
    char text[FM__CODER_OFFER];
    struct fm__pen pen = {text, text + sizeof text, false};
    fm__coders_write(&pen);
    return fm__reply_add(exchange, FM__SLICE("Accept-Encoding"),
                         fm__pen_since(&pen, text));
}

int fm__reply_to_failure(struct fm_exchange *exchange, int status, int rc)
{
    const fm_problem_options options = {.detail = problem_detail(exchange, rc)};
    fm__reply_forget(exchange);
    int added = rc == -FM_ECODEDKIND ? problem_offer(exchange) : 0;
    return added < 0 ? added : fm__reply_problem(exchange, status, &options);
}

int fm__reply_for(struct fm_exchange *exchange, int status)
{
    return fm__reply_to_failure(exchange, status, 0);
}
