/*
 * conditions.c - what a request wants only under a condition (RFC 9110, 13)
 *
 * A list of tags may be said in several fields. A date or a range that is said
 * twice is none.
 */
#include "proto/conditions.h"

#include "proto/http_date.h"

static enum fm__precondition conditions_is(bool holds)
{
    return holds ? FM__CONDITION_TRUE : FM__CONDITION_FALSE;
}

static void conditions_once(enum fm__precondition *condition,
                            enum fm__precondition said)
{
    *condition = *condition == FM__CONDITION_UNSAID ? said : FM__CONDITION_VOID;
}

/* If-Match holds where one of the tags is ours. */
static void conditions_match(struct fm__conditions *conditions,
                             const struct fm__version *version,
                             struct fm__slice list)
{
    if (conditions->match != FM__CONDITION_TRUE)
        conditions->match =
            conditions_is(fm__etag_listed(list, &version->tag, true));
}

/* If-None-Match holds where none is. */
static void conditions_none_match(struct fm__conditions *conditions,
                                  const struct fm__version *version,
                                  struct fm__slice list)
{
    if (conditions->none_match != FM__CONDITION_FALSE)
        conditions->none_match =
            conditions_is(!fm__etag_listed(list, &version->tag, false));
}

static void conditions_since(enum fm__precondition *condition,
                             const struct fm__version *version,
                             struct fm__slice date, bool later)
{
    int64_t seconds;
    enum fm__precondition said = FM__CONDITION_VOID;
    if (fm__date_read(date, version->now, &seconds))
        said = conditions_is((version->modified > seconds) == later);
    conditions_once(condition, said);
}

/* A date has to be exactly ours, and past: within a second there may be another
 * version (RFC 9110, 13.1.5). */
static enum fm__precondition conditions_same(const struct fm__version *version,
                                             struct fm__slice value)
{
    struct fm__etag tag;
    int64_t seconds;
    if (fm__etag_read(value, &tag))
        return conditions_is(fm__etag_listed(value, &version->tag, true));
    return conditions_is(fm__date_read(value, version->now, &seconds) &&
                         seconds == version->modified &&
                         seconds < version->now);
}

void fm__conditions_take(struct fm__conditions *conditions,
                         const struct fm__version *version,
                         enum fm__field_name name, struct fm__slice value)
{
    switch (name) {
    case FM__FIELD_IF_MATCH:
        conditions_match(conditions, version, value);
        break;
    case FM__FIELD_IF_NONE_MATCH:
        conditions_none_match(conditions, version, value);
        break;
    case FM__FIELD_IF_MODIFIED_SINCE:
        conditions_since(&conditions->modified, version, value, true);
        break;
    case FM__FIELD_IF_UNMODIFIED_SINCE:
        conditions_since(&conditions->unmodified, version, value, false);
        break;
    case FM__FIELD_IF_RANGE:
        conditions_once(&conditions->if_range, conditions_same(version, value));
        break;
    case FM__FIELD_RANGE:
        conditions_once(&conditions->ranged, FM__CONDITION_TRUE);
        conditions->range = value;
        break;
    default:
        break;
    }
}

enum fm__verdict fm__conditions_verdict(const struct fm__conditions *conditions)
{
    bool by_tag = conditions->match != FM__CONDITION_UNSAID;
    bool by_none = conditions->none_match != FM__CONDITION_UNSAID;
    if (conditions->match == FM__CONDITION_FALSE)
        return FM__VERDICT_FAILED;
    if (!by_tag && conditions->unmodified == FM__CONDITION_FALSE)
        return FM__VERDICT_FAILED;
    if (conditions->none_match == FM__CONDITION_FALSE)
        return FM__VERDICT_NOT_MODIFIED;
    if (!by_none && conditions->modified == FM__CONDITION_FALSE)
        return FM__VERDICT_NOT_MODIFIED;
    return FM__VERDICT_GO_ON;
}

struct fm__slice fm__conditions_range(const struct fm__conditions *conditions)
{
    bool counts = conditions->ranged == FM__CONDITION_TRUE &&
                  (conditions->if_range == FM__CONDITION_UNSAID ||
                   conditions->if_range == FM__CONDITION_TRUE);
    return counts ? conditions->range : FM__SLICE("");
}
