/*
 * test_json_flood.c - names that are made to collide cost no more than others
 *
 * Jansson hashes names by lookup3 of Bob Jenkins (in the public domain), which
 * begins with a seed. Who knows the seed makes as many names of one hash as he
 * likes: the state after a first block of 12 bytes is whatever the block makes
 * it, and a second block takes it to where he wants it. A few such pairs, one
 * behind the other, make many names. In a table of these, each name would be
 * compared with all before it: 100,000 of them take minutes. So the two runs
 * are told apart by far, however loaded the machine is, and what is compared is
 * the processor's time and not the clock's.
 */
#include "harness.h"
#include "http/json_value.h"

#include <jansson.h>
#include <string.h>
#include <time.h>

enum {
    CHOICES = 18, /* pairs of blocks at each of the PLACES, at most */
    PLACES = 4,   /* 18^4 = 104,976 names */
    BLOCK = 12,
    NAME = PLACES * 2 * BLOCK,
    NAMES = 100000
};

#define FLOOD_SEED 1 /* that somebody has guessed */

struct state {
    uint32_t a, b, c;
};

static uint32_t rotated(uint32_t word, int bits)
{
    return (word << bits) | (word >> (32 - bits));
}

static void mix(struct state *s)
{
    s->a -= s->c, s->a ^= rotated(s->c, 4), s->c += s->b;
    s->b -= s->a, s->b ^= rotated(s->a, 6), s->a += s->c;
    s->c -= s->b, s->c ^= rotated(s->b, 8), s->b += s->a;
    s->a -= s->c, s->a ^= rotated(s->c, 16), s->c += s->b;
    s->b -= s->a, s->b ^= rotated(s->a, 19), s->a += s->c;
    s->c -= s->b, s->c ^= rotated(s->b, 4), s->b += s->a;
}

static uint32_t word_at(const char *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

static void add(struct state *s, const char *block)
{
    s->a += word_at(block);
    s->b += word_at(block + 4);
    s->c += word_at(block + 8);
}

static void draw(uint64_t *random, char block[BLOCK])
{
    for (int i = 0; i < BLOCK; i++)
        block[i] = (char)('a' + test_random(random) % 26);
}

/* The one block that takes a state to another one; false: it has bytes that a
 * name cannot have as they are. */
static bool block_between(struct state from, struct state to, char block[BLOCK])
{
    const uint32_t words[] = {to.a - from.a, to.b - from.b, to.c - from.c};
    memcpy(block, words, sizeof words);
    for (int i = 0; i < BLOCK; i++)
        if (block[i] < ' ' || block[i] > '~' || block[i] == '"' ||
            block[i] == '\\')
            return false;
    return true;
}

/* From a state to one and the same other, in so many ways. */
static struct state collide(struct state from, uint64_t *random,
                            char pairs[CHOICES][2 * BLOCK], size_t choices)
{
    struct state to = {0, 0, 0};
    for (size_t found = 0; found < choices;) {
        struct state s = from;
        draw(random, pairs[found]);
        add(&s, pairs[found]);
        mix(&s);
        if (found == 0) {
            draw(random, pairs[found] + BLOCK);
            to = s;
            add(&to, pairs[found] + BLOCK);
        }
        found += block_between(s, to, pairs[found] + BLOCK);
    }
    mix(&to);
    return to;
}

/* The last block of a name is not mixed, but both ends are the same for all. */
static void flood_pairs(char pairs[PLACES][CHOICES][2 * BLOCK], size_t choices)
{
    uint64_t random = 1;
    uint32_t start = 0xdeadbeef + (uint32_t)NAME + FLOOD_SEED;
    struct state state = {start, start, start};
    for (int i = 0; i < PLACES; i++)
        state = collide(state, &random, pairs[i], choices);
}

static char *put_name(char *at, const char *name)
{
    *at++ = '"';
    memcpy(at, name, NAME);
    at += NAME;
    memcpy(at, "\":1,", 4);
    return at + 4;
}

static struct fm__slice object_end(char *start, char *at)
{
    at[-1] = '}'; /* where a comma was */
    return (struct fm__slice){start, (size_t)(at - start)};
}

static size_t flood_choices(size_t count)
{
    size_t choices = 2;
    while (choices * choices * choices * choices < count)
        choices++;
    return choices;
}

static struct fm__slice flood(char *text, size_t count)
{
    static char pairs[PLACES][CHOICES][2 * BLOCK];
    char name[NAME], *at = text;
    size_t choices = flood_choices(count);
    flood_pairs(pairs, choices);
    *at++ = '{';
    for (size_t i = 0; i < count; i++) {
        size_t rest = i;
        for (int place = 0; place < PLACES; place++, rest /= choices)
            memcpy(name + place * 2 * BLOCK, pairs[place][rest % choices],
                   2 * BLOCK);
        at = put_name(at, name);
    }
    return object_end(text, at);
}

/* As many of the same size, made of dice. */
static struct fm__slice crowd(char *text, size_t count)
{
    uint64_t random = 7;
    char name[NAME], *at = text;
    *at++ = '{';
    for (size_t i = 0; i < count; i++) {
        for (int block = 0; block < 2 * PLACES; block++)
            draw(&random, name + block * BLOCK);
        at = put_name(at, name);
    }
    return object_end(text, at);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The best of three: what others do to the caches can only add. Where each step
 * is dear, one has to do. */
static double cost(struct fm__slice text, size_t count)
{
    double best = 1e9;
    for (int i = 0; i < (test_under_valgrind() ? 1 : 3); i++) {
        char why[FM__JSON_WHY];
        json_t *json = NULL;
        double began = seconds();
        CHECK_INT(fm__json_read(text, &json, why), 0);
        double took = seconds() - began;
        CHECK_INT(json_object_size(json), count);
        best = took < best ? took : best;
        fm__json_free(json);
    }
    return best;
}

static char text[2 + (size_t)NAMES * (NAME + 5)];

TEST(a_hundred_thousand_colliding_names_cost_what_others_do)
{
    size_t count = test_many(NAMES);
    double honest = cost(crowd(text, count), count);
    double hostile = cost(flood(text, count), count);
    if (hostile > 10 * honest)
        test_fail(__FILE__, __LINE__, "%.3f s, where others take %.3f s",
                  hostile, honest);
}

/* What the names above do where the seed is known: with so few it is seen by
 * what they cost too, and they are no proof of anything if it is not. */
static void known_seed(void *arg)
{
    size_t count = *(size_t *)arg;
    json_object_seed(FLOOD_SEED);
    double honest = cost(crowd(text, count), count);
    double hostile = cost(flood(text, count), count);
    if (hostile < 10 * honest)
        test_fail(__FILE__, __LINE__, "%.3f s, where others take %.3f s",
                  hostile, honest);
}

TEST(the_same_names_cost_far_more_where_the_seed_is_known)
{
    char output[256];
    size_t count = 4000;
    int status = test_child(known_seed, &count, output, sizeof output);
    if (status != 0)
        test_fail(__FILE__, __LINE__, "%s", output);
}
