/*
 * test_robots.c - what a robots.txt allows, and what it means that there is
 * none (RFC 9309)
 */
#include "http/http_stage.h"

#include "harness.h"

#include <errno.h>
#include <stdlib.h>

static bool allowed(const char *text, const char *agent, const char *target)
{
    fm_robots *robots;
    CHECK_INT(fm_robots_parse(text, strlen(text), agent, &robots), 0);
    bool is = fm_robots_allowed(robots, target);
    fm_robots_free(robots);
    return is;
}

static double delay(const char *text)
{
    fm_robots *robots;
    CHECK_INT(fm_robots_parse(text, strlen(text), "soup-bot", &robots), 0);
    double seconds = fm_robots_delay(robots);
    fm_robots_free(robots);
    return seconds;
}

/* The rules of one group, for whoever comes. */
static bool ruled(const char *rules, const char *target)
{
    char text[512];
    snprintf(text, sizeof text, "user-agent: *\n%s\n", rules);
    return allowed(text, "soup-bot", target);
}

TEST(what_no_rule_matches_is_allowed)
{
    CHECK(allowed("", "soup-bot", "/a"));
    CHECK(ruled("", "/a"));
    CHECK(ruled("disallow: /b", "/a"));
    CHECK(ruled("disallow:", "/a"));
    CHECK(ruled("disallow: a", "/a"));
    CHECK(ruled("allow: /\ndisallow:", "/a"));
}

TEST(a_rule_is_a_beginning)
{
    CHECK(!ruled("disallow: /", "/"));
    CHECK(!ruled("disallow: /fish", "/fish"));
    CHECK(!ruled("disallow: /fish", "/fish.html"));
    CHECK(!ruled("disallow: /fish", "/fishheads/yummy?a=b"));
    CHECK(ruled("disallow: /fish", "/Fish"));
    CHECK(ruled("disallow: /fish", "/cat/fish"));
    CHECK(ruled("disallow: /fish/", "/fish"));
    CHECK(!ruled("disallow: /fish?a", "/fish?ab"));
}

TEST(a_star_is_any_bytes)
{
    CHECK(!ruled("disallow: /*", "/x"));
    CHECK(!ruled("disallow: *", "/x"));
    CHECK(!ruled("disallow: /*.php", "/a/b.php?c"));
    CHECK(ruled("disallow: /*.php", "/a/b.PHP"));
    CHECK(!ruled("disallow: /f*h*.x", "/fish/head/tail.x.y"));
    CHECK(ruled("disallow: /f*h*.x", "/fis/ead/tail.x"));
    CHECK(!ruled("disallow: /a**b", "/ab"));
    CHECK(!ruled("disallow: /a*", "/a"));
    CHECK(!ruled("disallow: /*?print", "/a?print=1"));
}

TEST(a_dollar_at_the_end_is_the_end)
{
    CHECK(!ruled("disallow: /a$", "/a"));
    CHECK(ruled("disallow: /a$", "/ab"));
    CHECK(!ruled("disallow: /*.php$", "/x.php/y.php"));
    CHECK(ruled("disallow: /*.php$", "/x.php?a"));
    CHECK(!ruled("disallow: /*ab*ab$", "/abab"));
    CHECK(ruled("disallow: /*ab*ab$", "/ab"));
    CHECK(!ruled("disallow: /a*$", "/abc"));
    CHECK(!ruled("disallow: /a$b", "/a$bc"));
    CHECK(ruled("disallow: $", "/"));
}

TEST(the_longest_rule_counts_and_of_two_the_one_that_allows)
{
    CHECK(ruled("disallow: /a\nallow: /a/b", "/a/bc"));
    CHECK(ruled("allow: /a/b\ndisallow: /a", "/a/bc"));
    CHECK(!ruled("allow: /a\ndisallow: /a/b", "/a/bc"));
    CHECK(ruled("disallow: /a\nallow: /a", "/a"));
    CHECK(ruled("allow: /a\ndisallow: /a", "/a"));
    CHECK(!ruled("allow: /a\ndisallow: /*.html", "/a.html"));
    CHECK(ruled("allow: /$\ndisallow: /", "/"));
    CHECK(!ruled("allow: /$\ndisallow: /", "/a"));
}

TEST(the_same_octets_are_the_same_however_they_are_written)
{
    CHECK(!ruled("disallow: /cr%c3%a8me", "/cr%C3%A8me"));
    CHECK(!ruled("disallow: /cr\xc3\xa8me", "/cr%c3%A8me"));
    CHECK(!ruled("disallow: /%62%7E", "/b~"));
    CHECK(!ruled("disallow: /b~", "/%62%7e"));
    CHECK(ruled("disallow: /a%2fb", "/a/b"));
    CHECK(!ruled("disallow: /a%2Fb", "/a%2fb"));
    CHECK(!ruled("disallow: /a%2A", "/a*"));
    CHECK(ruled("disallow: /a%2Ab", "/acb"));
    CHECK(!ruled("disallow: /a%24", "/a$b"));
    CHECK(ruled("disallow: /a%zz", "/a%z"));
    CHECK(!ruled("disallow: /a%z", "/a%zz"));
}

#define GROUPS                                                                 \
    "user-agent: *\ndisallow: /all\n"                                          \
    "user-agent: tea-bot\nuser-agent: Soup-Bot/2.0\ndisallow: /soup\n"         \
    "user-agent: cake-bot\n\n"                                                 \
    "user-agent: bread-bot\nsitemap: /map\ndisallow: /bread\n"                 \
    "user-agent: soup-bot\ndisallow: /more\n"

TEST(a_group_is_for_those_whom_it_names)
{
    CHECK(!allowed(GROUPS, "soup-bot/1.0", "/soup"));
    CHECK(!allowed(GROUPS, "SOUP-BOT", "/soup"));
    CHECK(!allowed(GROUPS, "tea-bot", "/soup"));
    CHECK(allowed(GROUPS, "tea-bot", "/all"));
    CHECK(allowed(GROUPS, "soup-bot", "/all"));
    CHECK(allowed(GROUPS, "soup", "/soup"));
    CHECK(!allowed(GROUPS, "soup", "/all"));
}

TEST(groups_that_name_the_same_are_one)
{
    CHECK(!allowed(GROUPS, "soup-bot", "/more"));
    CHECK(allowed(GROUPS, "tea-bot", "/more"));
    CHECK(!allowed("user-agent: *\ndisallow: /a\nuser-agent: x\n"
                   "user-agent: *\ndisallow: /b",
                   "soup-bot", "/a"));
}

TEST(what_is_no_rule_parts_no_names)
{
    CHECK(!allowed(GROUPS, "cake-bot", "/bread"));
    CHECK(!allowed(GROUPS, "bread-bot", "/bread"));
    CHECK(allowed("disallow: /\nuser-agent: *\nallow: /", "soup-bot", "/a"));
    CHECK(allowed("disallow: /", "soup-bot", "/a"));
}

TEST(people_write_lines_in_many_ways)
{
    CHECK(!allowed("\xef\xbb\xbfUSER-AGENT:*\r\rDisallow :/a\t# why\r\n",
                   "soup-bot", "/a"));
    CHECK(allowed("user-agent: *\ndisallow: /a #", "soup-bot", "/b"));
    CHECK(allowed("user-agent: *\n#disallow: /a", "soup-bot", "/a"));
    CHECK(allowed("<html>user-agent: *\ndisallow: /</html>", "soup-bot", "/a"));
    CHECK(!allowed("user-agent: * all of you\ndisallow: /", "soup-bot", "/a"));
    CHECK(allowed("user-agent: *bot\ndisallow", "soup-bot", "/a"));
}

TEST(robots_txt_itself_may_always_be_asked_for)
{
    CHECK(ruled("disallow: /", "/robots.txt"));
    CHECK(!ruled("disallow: /", "/robots.txt?a"));
}

TEST(a_delay_is_a_number_of_seconds)
{
    CHECK(delay("") == 0);
    CHECK(delay("crawl-delay: 7") == 0);
    CHECK(delay("user-agent: *\nCrawl-Delay: 7") == 7);
    CHECK(delay("user-agent: *\ncrawl-delay: 0.25 # s") == 0.25);
    CHECK(delay("user-agent: *\ncrawl-delay: 1\ncrawl-delay: 3\n"
                "crawl-delay: 2") == 3);
    CHECK(delay("user-agent: *\ncrawl-delay: 9\nuser-agent: soup-bot\n"
                "allow: /") == 0);
    CHECK(delay("user-agent: *\ncrawl-delay: 9\nallow: /\n"
                "user-agent: soup-bot") == 0);
    CHECK(delay("user-agent: *\ncrawl-delay: -1") == 0);
    CHECK(delay("user-agent: *\ncrawl-delay: 1e9") == 0);
    CHECK(delay("user-agent: *\ncrawl-delay: 12345678901234") == 0);
    CHECK(delay("user-agent: *\ncrawl-delay: 1.2.3") == 0);
}

/* A rule that begins within the limit counts as far as it lies there. */
TEST(what_is_behind_the_limit_is_not_looked_at)
{
    char *text = malloc(FM_ROBOTS_LIMIT + 64);
    fm_robots *robots;
    memset(text, '\n', FM_ROBOTS_LIMIT + 64);
    memcpy(text, "user-agent: *", 13);
    memcpy(text + FM_ROBOTS_LIMIT - 14, "\ndisallow: /ab\ndisallow: /c", 27);
    CHECK_INT(fm_robots_parse(text, FM_ROBOTS_LIMIT + 64, "a", &robots), 0);
    CHECK(!fm_robots_allowed(robots, "/ab"));
    CHECK(fm_robots_allowed(robots, "/c"));
    fm_robots_free(robots);
    free(text);
}

/* Pieces that nearly match everywhere, in both: no more than a moment. */
TEST(hostile_rules_take_no_longer_than_they_are)
{
    size_t size = FM_ROBOTS_LIMIT;
    char *text = malloc(size), target[8192];
    fm_robots *robots;
    memset(target, 'a', sizeof target);
    target[0] = '/';
    target[sizeof target - 1] = '\0';
    size_t at = (size_t)snprintf(text, size, "user-agent: *\n");
    while (size - at > 2100) {
        at += (size_t)snprintf(text + at, size - at, "disallow: *");
        memset(text + at, 'a', 2000);
        memcpy(text + at + 2000, "b*b\n", 4);
        at += 2004;
    }
    CHECK_INT(fm_robots_parse(text, at, "a", &robots), 0);
    CHECK(fm_robots_allowed(robots, target));
    fm_robots_free(robots);
    free(text);
}

/* ---- over HTTP ----------------------------------------------------------- */

static int rules(fm_exchange *exchange, void *arg)
{
    const int *status = arg;
    int hops = 0;
    sscanf(fm_exchange_target(exchange), "/%d", &hops);
    if (*status == 302 && hops < 9) {
        char place[16];
        snprintf(place, sizeof place, "/%d", hops + 1);
        fm_reply_set(exchange, "Location", place);
    }
    return fm_reply_text(exchange, *status, "user-agent: *\ndisallow: /a\n");
}

static int fetch(int status, fm_robots **robots)
{
    fm_http_client *client;
    fm_http_client_options options = {.handler = rules, .handler_arg = &status};
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    int rc = fm_robots_fetch(client, "http://a.example/b/c?d", "x", robots);
    fm_http_client_close(client);
    return rc;
}

STORY(the_rules_of_a_site_are_fetched)
{
    fm_robots *robots;
    CHECK_INT(fetch(200, &robots), 0);
    CHECK(!fm_robots_allowed(robots, "/a"));
    CHECK(fm_robots_allowed(robots, "/b"));
    fm_robots_free(robots);
}

STORY(a_site_without_rules_allows_all)
{
    static const int statuses[] = {400, 401, 403, 404, 410, 429, 302};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        fm_robots *robots;
        CHECK_INT(fetch(statuses[i], &robots), 0);
        CHECK(fm_robots_allowed(robots, "/a"));
        fm_robots_free(robots);
    }
}

STORY(a_site_in_trouble_allows_nothing)
{
    fm_robots *robots = NULL;
    CHECK_INT(fetch(500, &robots), -EACCES);
    CHECK_INT(fetch(503, &robots), -EACCES);
    CHECK(robots == NULL);
    CHECK_INT(fm_robots_fetch(NULL, "no URL", "x", &robots), -EINVAL);
}

/* More than what counts is not waited for: there is no end to it. */
static int endless(fm_exchange *exchange, void *arg)
{
    static const char text[] = "user-agent: *\ndisallow: /a\n#";
    (void)arg;
    ssize_t rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0)
        rc = fm_reply_write(exchange, text, strlen(text));
    return (int)rc;
}

STORY(rules_without_end_end_at_the_limit)
{
    fm_http_client *client;
    fm_robots *robots;
    fm_http_client_options options = {.handler = endless};
    CHECK_INT(fm_http_client_open(&client, &options), 0);
    CHECK_INT(fm_robots_fetch(client, "http://a.example/", "x", &robots), 0);
    CHECK(!fm_robots_allowed(robots, "/a"));
    fm_robots_free(robots);
    fm_http_client_close(client);
}
