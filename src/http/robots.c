/*
 * robots.c - the rules of a robots.txt that are for one robot
 *
 * The text is read twice: whether a group names the robot decides which groups
 * count, and that may be the last one.
 */
#include <fermata/robots.h>

#include "base/memory.h"
#include "proto/field.h"
#include "proto/robots_text.h"

#include <errno.h>

struct robots_rule {
    struct fm__slice pattern; /* in the text behind the rules */
    bool allows;
};

struct fm_robots {
    double delay;
    size_t count;
    struct robots_rule rules[];
};

/* Where a robots.txt is read, and whether what stands there counts. */
struct robots_reader {
    struct fm__slice text;
    struct fm__slice agent; /* "*": the groups for all */
    struct fm__robots_line line;
    bool naming; /* the line before was a User-agent, or none that matters */
    bool counts;
};

/* The next line of a group that counts. */
static bool robots_read(struct robots_reader *reader)
{
    while (fm__robots_next(&reader->text, &reader->line)) {
        enum fm__robots_key key = reader->line.key;
        if (key == FM__ROBOTS_AGENT) {
            struct fm__slice token = fm__robots_token(reader->line.value);
            bool named = fm__slice_like(token, reader->agent);
            reader->counts = (reader->naming && reader->counts) || named;
            reader->naming = true;
        } else if (key == FM__ROBOTS_ALLOW || key == FM__ROBOTS_DISALLOW) {
            reader->naming = false;
        }
        if (reader->counts && key != FM__ROBOTS_OTHER)
            return true;
    }
    return false;
}

static void robots_take(fm_robots *robots, const struct fm__robots_line *line,
                        struct fm__pen *pen)
{
    if (line->key == FM__ROBOTS_DELAY) {
        double delay = fm__robots_seconds(line->value);
        robots->delay = delay > robots->delay ? delay : robots->delay;
    } else if (line->key != FM__ROBOTS_AGENT && line->value.size > 0) {
        robots->rules[robots->count++] = (struct robots_rule){
            fm__robots_pattern(pen, line->value),
            line->key == FM__ROBOTS_ALLOW,
        };
    }
}

/* How many lines count, and the bytes of what they say. */
static size_t robots_measure(struct robots_reader reader, size_t *size)
{
    size_t count = 0;
    for (*size = 0; robots_read(&reader); count++)
        *size += reader.line.value.size;
    return count;
}

int fm_robots_parse(const char *text, size_t size, const char *agent,
                    fm_robots **out)
{
    size = size < FM_ROBOTS_LIMIT ? size : FM_ROBOTS_LIMIT;
    struct robots_reader reader = {
        .text = {text, size},
        .agent = fm__robots_token(fm__slice_of(agent)),
    };
    size_t count = robots_measure(reader, &size);
    if (count == 0) {
        reader.agent = FM__SLICE("*");
        count = robots_measure(reader, &size);
    }
    size_t room = sizeof **out + count * sizeof(struct robots_rule);
    fm_robots *robots = fm__memory_new(room + 3 * size);
    if (robots == NULL)
        return -ENOMEM;
    char *texts = (char *)robots + room;
    struct fm__pen pen = {texts, texts + 3 * size, false};
    *robots = (fm_robots){0};
    while (robots_read(&reader))
        robots_take(robots, &reader.line, &pen);
    *out = robots;
    return 0;
}

void fm_robots_free(fm_robots *robots)
{
    fm__memory_free(robots);
}

static bool robots_allow(const fm_robots *robots, struct fm__slice target)
{
    const struct robots_rule *best = NULL;
    for (size_t i = 0; i < robots->count; i++) {
        const struct robots_rule *rule = &robots->rules[i];
        size_t size = rule->pattern.size;
        bool better = best == NULL || size > best->pattern.size ||
                      (size == best->pattern.size && rule->allows);
        if (better && fm__robots_matches(rule->pattern, target))
            best = rule;
    }
    return best == NULL || best->allows;
}

bool fm_robots_allowed(const fm_robots *robots, const char *target)
{
    struct fm__slice text = fm__slice_of(target);
    if (robots->count == 0 || fm__slice_is(text, FM__SLICE("/robots.txt")))
        return true;
    char *memory = fm__memory_new(3 * text.size + 1);
    if (memory == NULL)
        return false;
    struct fm__pen pen = {memory, memory + 3 * text.size, false};
    bool allowed = robots_allow(robots, fm__robots_target(&pen, text));
    fm__memory_free(memory);
    return allowed;
}

double fm_robots_delay(const fm_robots *robots)
{
    return robots->delay;
}
