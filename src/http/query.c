/*
 * query.c - what a request asks for in its query, or in a form
 *
 * The pairs are decoded once, when the first is asked for, into room that was
 * taken together with the head's: name, NUL, value, NUL, and so on. So nothing
 * here can fail for want of memory.
 */
#include <fermata/query.h>

#include "http/exchange_record.h"
#include "proto/form_text.h"

#include <fermata/error.h>
#include <inttypes.h>

static struct fm__slice query_of(struct fm__slice target)
{
    return fm__slice_after(target, fm__slice_find(target, '?') + 1);
}

/* "a&b" becomes "a", "", "b", "", each with its NUL. */
size_t fm__query_room(struct fm__slice target)
{
    size_t size = query_of(target).size;
    return size > 0 ? 2 * size + 2 : 0;
}

static bool query_is_small(struct fm__slice text)
{
    struct fm__slice name, value;
    unsigned count = 0;
    if (text.size <= FM_QUERY_PARAMETERS)
        return true;
    while (fm__form_next(&text, &name, &value))
        if (++count > FM_QUERY_PARAMETERS)
            return false;
    return true;
}

static int query_blame_count(fm_exchange *exchange)
{
    return fm__exchange_blame(exchange, -FM_EHTTPQUERY,
                              "more than %d parameters", FM_QUERY_PARAMETERS);
}

static FM__NOINLINE int query_check_long(struct fm_exchange *exchange)
{
    struct fm__slice target =
        fm__passage_in(exchange->incoming.text, exchange->incoming.head.target);
    return query_is_small(query_of(target)) ? 0 : query_blame_count(exchange);
}

int fm__query_check(struct fm_exchange *exchange)
{
    bool small = exchange->incoming.head.target.size <= FM_QUERY_PARAMETERS;
    return FM__LIKELY(small) ? 0 : query_check_long(exchange);
}

/* ---- pairs -------------------------------------------------------------- */

/* False: it has a NUL of its own. */
static bool query_decode_word(struct fm__pen *pen, struct fm__slice word)
{
    const char *start = pen->at;
    fm__form_decode(pen, word);
    struct fm__slice text = fm__pen_since(pen, start);
    fm__pen_put(pen, '\0');
    return fm__slice_find(text, '\0') == text.size;
}

static void query_decode(fm_exchange *exchange)
{
    struct fm__slice target = fm__slice_of(fm_exchange_target(exchange));
    struct fm__slice rest = query_of(target), name, value;
    struct fm__pen pen = {exchange->incoming.query,
                          exchange->incoming.query + fm__query_room(target),
                          false};
    while (fm__form_next(&rest, &name, &value)) {
        char *start = pen.at;
        bool named = query_decode_word(&pen, name);
        if (!query_decode_word(&pen, value) || !named)
            pen.at = start;
    }
    exchange->query_end = pen.at;
}

/* The pair that begins at `at`, and where the next one does. */
static const char *query_pair(const char *at, fm_http_field *pair)
{
    pair->name = at;
    pair->value = at + strlen(at) + 1;
    return pair->value + strlen(pair->value) + 1;
}

const char *fm_exchange_query(fm_exchange *exchange, const char *name)
{
    fm_http_field pair;
    if (exchange->incoming.query == NULL)
        return NULL;
    if (exchange->query_end == NULL)
        query_decode(exchange);
    for (const char *at = exchange->incoming.query; at < exchange->query_end;) {
        at = query_pair(at, &pair);
        if (strcmp(pair.name, name) == 0)
            return pair.value;
    }
    return NULL;
}

bool fm_exchange_query_at(fm_exchange *exchange, size_t index,
                          fm_http_field *pair)
{
    if (exchange->incoming.query == NULL)
        return false;
    if (exchange->query_end == NULL)
        query_decode(exchange);
    const char *at = exchange->incoming.query;
    while (index > 0 && at < exchange->query_end) {
        at = query_pair(at, pair);
        index--;
    }
    if (at >= exchange->query_end)
        return false;
    query_pair(at, pair);
    return true;
}

/* ---- values of a kind --------------------------------------------------- */

/* All of the text: strtoll(3) would take spaces, a plus, and what is behind. */
static bool query_number(const char *text, int64_t *number)
{
    bool below = *text == '-';
    int64_t sum = 0;
    text += below;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        int64_t digit = *text - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, below ? -digit : digit, &sum))
            return false;
    }
    *number = sum;
    return true;
}

static int query_blame_number(fm_exchange *exchange, const char *name,
                              const fm_query_options *options)
{
    if (options->least == 0 && options->most == 0)
        return fm__exchange_blame(exchange, -FM_EHTTPQUERY,
                                  "%s is to be a whole number", name);
    if (options->most == 0)
        return fm__exchange_blame(exchange, -FM_EHTTPQUERY,
                                  "%s is to be a whole number from %" PRId64
                                  " on",
                                  name, options->least);
    return fm__exchange_blame(exchange, -FM_EHTTPQUERY,
                              "%s is to be a whole number from %" PRId64
                              " to %" PRId64,
                              name, options->least, options->most);
}

static bool query_bounds(const fm_query_options *options, int64_t number)
{
    if (options->least == 0 && options->most == 0)
        return true;
    return number >= options->least &&
           (options->most == 0 || number <= options->most);
}

int fm__exchange_query_number(fm_exchange *exchange, const char *name,
                              int64_t *number, const fm_query_options *options)
{
    static const fm_query_options none;
    const char *text = fm_exchange_query(exchange, name);
    int64_t found;
    if (options == NULL)
        options = &none;
    if (text == NULL && options->required)
        return fm__exchange_blame(exchange, -FM_EHTTPQUERY, "%s is missing",
                                  name);
    if (text == NULL)
        return 0;
    if (!query_number(text, &found) || !query_bounds(options, found))
        return query_blame_number(exchange, name, options);
    *number = found;
    return 1;
}

int fm_exchange_query_flag(fm_exchange *exchange, const char *name, bool *flag)
{
    static const char *const words[] = {"0", "false", "no",  "off", "",
                                        "1", "true",  "yes", "on"};
    const char *text = fm_exchange_query(exchange, name);
    if (text == NULL)
        return 0;
    for (size_t i = 0; i < FM__COUNT(words); i++)
        if (strcmp(text, words[i]) == 0) {
            *flag = i >= 4;
            return 1;
        }
    return fm__exchange_blame(exchange, -FM_EHTTPQUERY,
                              "%s is to be true or false", name);
}

/* ---- forms -------------------------------------------------------------- */

static bool query_is_form(struct fm__slice type)
{
    return fm__slice_like(type, FM__SLICE("application/x-www-form-urlencoded"));
}

ssize_t fm_exchange_form(fm_exchange *exchange, const char **form)
{
    const char *body;
    int rc = fm_cancelled();
    if (rc == 0)
        rc = fm__exchange_check_type(
            exchange, "application/x-www-form-urlencoded", query_is_form);
    if (rc < 0)
        return rc;
    ssize_t size = fm_exchange_load(exchange, &body);
    if (size < 0)
        return size;
    struct fm__slice text = {body, (size_t)size};
    if (fm__slice_find(text, '\0') < text.size)
        return fm__exchange_blame(exchange, -FM_EHTTPQUERY,
                                  "the form has a NUL in it");
    if (!query_is_small(text))
        return query_blame_count(exchange);
    *form = body;
    return size;
}
