/*
 * test_crawling.c - how a crawler behaves to a site, and a site to a crawler
 *
 * In the simulator, whose time passes when all wait: so a delay is exact, and a
 * server that is slow for an hour costs nothing.
 */
#include "../../examples/crawler.h"
#include "task/story.h"

#include "harness.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ASKED_MOST 4096
#define WAY 100 /* ms */

static struct scene {
    struct crawler crawler;
    struct crawler_figures figures;
    fm_http_handler handler;
    const char *rules; /* robots.txt; NULL: there is none */
    const char *start; /* or NULL */
    unsigned named;    /* asked with a user */
    int64_t when[ASKED_MOST];
    unsigned asked; /* without robots.txt */
    unsigned inside;
    unsigned at_once;
    unsigned hops;
    fm_event full;
} scene;

static int page(fm_exchange *exchange, const char *text)
{
    fm_reply_set(exchange, "Content-Type", "text/html");
    return fm_reply_text(exchange, 200, text);
}

static int attend(fm_exchange *exchange, void *arg)
{
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/robots.txt") == 0)
        return fm_reply_text(exchange, scene.rules != NULL ? 200 : 404,
                             scene.rules != NULL ? scene.rules : "none");
    scene.when[scene.asked++ % ASKED_MOST] = fm_now();
    scene.named += fm_exchange_field(exchange, "Authorization") != NULL;
    scene.inside++;
    if (scene.inside > scene.at_once)
        scene.at_once = scene.inside;
    int rc = scene.handler(exchange, NULL);
    scene.inside--;
    return rc;
}

struct serve {
    fm_listener *listener;
    fm_http_handler handler;
};

static int serve(struct serve *self)
{
    return fm_http_serve(self->listener, self->handler, NULL);
}

/* What the crawler returns, of a site with this handler. */
static int crawl_by(fm_http_handler handler)
{
    fm_listener *listener;
    CHECK_INT(fm_listen("127.0.0.1:8080", &listener), 0);
    fm_task *server = fm_go(serve, listener, handler);
    scene.crawler.start =
        scene.start != NULL ? scene.start : "http://127.0.0.1:8080/";
    scene.crawler.figures = &scene.figures;
    int rc = crawler(&scene.crawler);
    fm_stop(server);
    return rc;
}

static int crawl(fm_http_handler handler)
{
    scene.handler = handler;
    return crawl_by(attend);
}

static void begin(void)
{
    scene = (struct scene){.crawler = {.most = 50}};
}

/* ---- how it behaves ------------------------------------------------------ */

/* "/" leads to ten pages, which take a second each. */
static int ten(fm_exchange *exchange, void *arg)
{
    char text[512] = "";
    (void)arg;
    for (int i = 0; i < 10; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text),
                 "<a href=/%d>", i);
    int rc = fm_sleep(1);
    return rc < 0 ? rc : page(exchange, text);
}

/* In milliseconds, as a request arrives: its way there may be a little longer
 * than that of the next. */
static int64_t least_pause(void)
{
    int64_t least = INT64_MAX;
    for (unsigned i = 1; i < scene.asked; i++)
        if (scene.when[i] - scene.when[i - 1] < least)
            least = scene.when[i] - scene.when[i - 1];
    return least / 1000000 + WAY;
}

STORY(the_delay_lies_between_two_requests)
{
    begin();
    scene.crawler.delay = 0.25;
    CHECK_INT(crawl(ten), 0);
    CHECK_INT(scene.asked, 11);
    CHECK(least_pause() >= 250);
}

STORY(a_site_may_ask_for_a_longer_delay)
{
    begin();
    scene.crawler.delay = 0.25;
    scene.rules = "user-agent: *\ncrawl-delay: 7\n";
    CHECK_INT(crawl(ten), 0);
    CHECK(least_pause() >= 7000);
    begin();
    scene.rules = "user-agent: *\ncrawl-delay: 7\nuser-agent: fermata-crawler\n"
                  "crawl-delay: 99999\n";
    CHECK_INT(crawl(ten), 0);
    CHECK(least_pause() >= 60000);
    CHECK(least_pause() < 70000);
}

STORY(no_more_than_so_many_are_asked_at_once)
{
    begin();
    CHECK_INT(crawl(ten), 0);
    CHECK_INT(scene.at_once, 2);
    begin();
    scene.crawler.per_host = 5;
    CHECK_INT(crawl(ten), 0);
    CHECK_INT(scene.at_once, 5);
}

STORY(what_is_forbidden_is_not_asked_for)
{
    begin();
    scene.rules = "user-agent: *\ndisallow: /\nallow: /$\nallow: /3\n";
    CHECK_INT(crawl(ten), 0);
    CHECK_INT(scene.asked, 2);
    CHECK_INT(scene.figures.found, 11);
    CHECK_INT(scene.figures.forbidden, 9);
    CHECK_INT(scene.figures.fetched, 2);
}

STORY(where_all_is_forbidden_nothing_is_asked_for)
{
    begin();
    scene.rules = "user-agent: *\ndisallow: /\n";
    CHECK_INT(crawl(ten), 0);
    CHECK_INT(scene.asked, 0);
    CHECK_INT(scene.figures.found, 1);
}

static int named(fm_exchange *exchange, void *arg)
{
    (void)arg;
    return page(exchange, "<a href='http://a:b@127.0.0.1:8080/1'>"
                          "<a href='http://c@127.0.0.1:8080/2'><a href=/2>");
}

STORY(a_user_in_a_link_opens_nothing)
{
    begin();
    scene.rules = "user-agent: *\ndisallow: /1\n";
    CHECK_INT(crawl(named), 0);
    CHECK_INT(scene.figures.found, 3);
    CHECK_INT(scene.figures.forbidden, 1);
    CHECK_INT(scene.asked, 2);
    CHECK_INT(scene.named, 0);
}

STORY(the_user_of_the_start_asks_for_all)
{
    begin();
    scene.start = "http://x:%20y@127.0.0.1:8080/?";
    scene.rules = "user-agent: *\ndisallow: /1\n";
    CHECK_INT(crawl(named), 0);
    CHECK_INT(scene.figures.found, 3);
    CHECK_INT(scene.figures.forbidden, 1);
    CHECK_INT(scene.asked, 2);
    CHECK_INT(scene.named, 2);
}

/* ---- rules that cannot be had -------------------------------------------- */

static int unready(fm_exchange *exchange, void *arg)
{
    (void)arg;
    scene.asked++;
    return fm_reply_text(exchange, 503, "later");
}

static int mute(fm_exchange *exchange, void *arg)
{
    (void)exchange, (void)arg;
    scene.asked++;
    return fm_sleep(100000);
}

STORY(without_an_answer_about_the_rules_nothing_is_asked_for)
{
    begin();
    CHECK_INT(crawl_by(unready), -EACCES);
    CHECK_INT(scene.asked, 1);
    begin();
    CHECK_INT(crawl_by(mute), -ETIMEDOUT);
    CHECK_INT(scene.asked, 1);
    CHECK_INT(scene.figures.forbidden, 0);
}

/* ---- sites without an end ------------------------------------------------ */

static int endless_body(fm_exchange *exchange, void *arg)
{
    static char text[65536];
    (void)arg;
    memset(text, 'x', sizeof text);
    memcpy(text, "<a href=/b>", 11);
    fm_reply_set(exchange, "Content-Type", "text/html");
    ssize_t rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0)
        rc = fm_reply_write(exchange, text, sizeof text);
    return (int)rc;
}

STORY(a_body_without_end_is_left_at_its_limit)
{
    begin();
    CHECK_INT(crawl(endless_body), 0);
    CHECK_INT(scene.asked, 2);
    CHECK_INT(scene.figures.fetched, 2);
    CHECK(scene.figures.bytes >= 2 * 4194304);
    CHECK(scene.figures.bytes <= 2 * (4194304 + 16384));
}

static int drip(fm_exchange *exchange, void *arg)
{
    (void)arg;
    ssize_t rc = fm_reply_begin(exchange, 200, -1);
    while (rc >= 0 && (rc = fm_sleep(5)) == 0)
        rc = fm_reply_write(exchange, "x", 1);
    return (int)rc;
}

STORY(a_body_that_drips_is_given_up)
{
    begin();
    int64_t began = fm_now();
    CHECK_INT(crawl(drip), 0);
    CHECK_INT(scene.figures.broken, 1);
    CHECK((fm_now() - began) / 1000000000 < 120);
}

/* "/N" leads to "/N+1". */
static int onwards(fm_exchange *exchange, void *arg)
{
    char place[32];
    (void)arg;
    snprintf(place, sizeof place, "/%u", ++scene.hops);
    fm_reply_set(exchange, "Location", place);
    return fm_reply_text(exchange, 302, "onwards");
}

STORY(redirects_without_end_are_urls_up_to_their_limit)
{
    begin();
    CHECK_INT(crawl(onwards), 0);
    CHECK_INT(scene.figures.found, 50);
    CHECK_INT(scene.figures.redirects, 50);
}

/* A hundred new ones on each, a long one, and one of another site. */
static int calendar(fm_exchange *exchange, void *arg)
{
    static char text[16384];
    size_t size = 0;
    (void)arg;
    for (int i = 0; i < 100; i++)
        size += (size_t)snprintf(text + size, sizeof text - size,
                                 "<a href='/%u'>", ++scene.hops);
    size += (size_t)snprintf(text + size, sizeof text - size,
                             "<a href='http://b.example/'><a href='/");
    memset(text + size, 'a', 3000);
    snprintf(text + size + 3000, sizeof text - size - 3000, "'>");
    return page(exchange, text);
}

STORY(urls_without_end_have_a_limit)
{
    begin();
    CHECK_INT(crawl(calendar), 0);
    CHECK_INT(scene.figures.found, 50);
    CHECK_INT(scene.figures.fetched, 50);
    CHECK_INT(scene.asked, 50);
}

/* ---- pages that are none ------------------------------------------------- */

static char *odd; /* the page at "/" */
static size_t odd_size;

static int odd_page(fm_exchange *exchange, void *arg)
{
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/") != 0)
        return fm_reply_text(exchange, 200, "plain");
    fm_reply_set(exchange, "Content-Type", "text/html; charset=\"x-none");
    return fm_reply(exchange, 200, odd, odd_size);
}

/* How many URLs it leads to, itself included. */
static unsigned odd_found(void)
{
    begin();
    CHECK_INT(crawl(odd_page), 0);
    CHECK_INT(scene.figures.fetched, scene.figures.found);
    free(odd);
    return scene.figures.found;
}

/* Text, and so many times some more, and text. */
static void odd_make(const char *before, const char *often, size_t count,
                     const char *after)
{
    size_t first = strlen(before), size = strlen(often), last = strlen(after);
    odd_size = first + count * size + last;
    odd = malloc(odd_size);
    memcpy(odd, before, first);
    for (size_t i = 0; i < count; i++)
        memcpy(odd + first + i * size, often, size);
    memcpy(odd + odd_size - last, after, last);
}

STORY(a_huge_attribute_is_no_link)
{
    odd_make("<a href=/1><a href='/", "aaaaaaaaaaaaaaaa", 50000,
             "'><a href=/2>");
    CHECK_INT(odd_found(), 3);
    odd_make("<a href=/1><a href='/", "aaaaaaaaaaaaaaaa", 100000,
             "'><a href=/2>");
    CHECK_INT(odd_found(), 2);
}

STORY(what_lies_too_deep_is_not_looked_at)
{
    odd_make("<a href=/1>", "<div>", 20000, "<a href=/2>");
    CHECK_INT(odd_found(), 2);
    odd_make("<a href=/1>", "<div><i>", 100, "<a href=/2>");
    CHECK_INT(odd_found(), 3);
}

STORY(many_links_have_a_limit)
{
    odd_make("", "<a href=/1>", 10000, "<a href=/2>");
    CHECK_INT(odd_found(), 2);
    odd_make("<a href=/1>", "<a href=//b.example/>", 10000, "<a href=/2>");
    CHECK_INT(odd_found(), 2);
}

STORY(any_bytes_are_a_page)
{
    uint64_t random = 88172645463325252;
    for (int i = 0; i < 8; i++) {
        odd_make("<a href=/1>", "................", 1024, "");
        for (size_t at = 11; at < odd_size; at++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            odd[at] = (char)(random >> 24);
        }
        CHECK(odd_found() >= 2);
    }
    odd_make("<a href=/1>", "<!", 20000, "");
    CHECK_INT(odd_found(), 2);
    odd_make("<a href=/1>", "<a b='", 20000, "");
    CHECK_INT(odd_found(), 2);
    odd_make("<a href=/1><base href='http://[/'><base href=http://b.example/>",
             "&#x", 10000, "<a href=2>");
    CHECK_INT(odd_found(), 3);
}

static int breaks_off(fm_exchange *exchange, void *arg)
{
    (void)arg;
    if (strcmp(fm_exchange_target(exchange), "/") != 0)
        return fm_reply_text(exchange, 404, "none");
    fm_reply_set(exchange, "Content-Type", "text/html");
    fm_reply_begin(exchange, 200, 100);
    fm_reply_write(exchange, "<a href=/1>", 11);
    return -EIO;
}

STORY(what_breaks_off_is_broken_and_its_links_are_known)
{
    char *text;
    size_t size;
    begin();
    scene.crawler.report = open_memstream(&text, &size);
    CHECK_INT(crawl(breaks_off), 0);
    fclose(scene.crawler.report);
    CHECK(story_heard(FM_REPORT_HANDLER_FAILED) != NULL);
    CHECK_INT(scene.figures.broken, 2);
    CHECK(strstr(text, "\n/1: 404\n    from /\n") != NULL);
    free(text);
}

/* ---- how it ends --------------------------------------------------------- */

static int stops(fm_exchange *exchange, void *arg)
{
    if (scene.asked > 5) {
        fm_event_set(&scene.full);
        return fm_sleep(100000);
    }
    return ten(exchange, arg);
}

struct crawl_on {
    fm_http_handler handler;
};

static int crawl_on(struct crawl_on *self)
{
    return crawl(self->handler);
}

STORY(a_crawler_that_is_cancelled_goes_on_from_there)
{
    char place[FM_PATH_SIZE], path[FM_PATH_SIZE + 8];
    CHECK_INT(fm_temporary_directory(NULL, place), 0);
    snprintf(path, sizeof path, "%s/store", place);
    begin();
    scene.crawler.store = path;
    fm_task *task = fm_go(crawl_on, stops);
    CHECK_INT(fm_event_wait(&scene.full), 0);
    CHECK_INT(fm_stop(task), -ECANCELED);
    CHECK_INT(scene.figures.found, 11);
    CHECK(scene.figures.fetched > 0);
    unsigned left = 11 - scene.figures.fetched, asked = scene.asked;
    CHECK_INT(crawl(ten), 0);
    CHECK_INT(scene.asked, asked + left);
    CHECK_INT(scene.figures.fetched, 11);
    CHECK_INT(fm_path_remove_tree(place), 0);
}

STORY(what_cannot_be_kept_is_not_asked_for)
{
    begin();
    scene.crawler.store = "/nowhere/store";
    CHECK_INT(crawl(ten), -EIO);
    CHECK_INT(scene.asked, 0);
    scene.crawler.store = NULL;
    scene.crawler.start = "no URL";
    CHECK_INT(crawler(&scene.crawler), -EINVAL);
    scene.crawler.start = "mailto:a@b.example";
    CHECK_INT(crawler(&scene.crawler), -EINVAL);
    char start[3000] = "http://127.0.0.1:8080/";
    memset(start + 22, 'a', sizeof start - 23);
    scene.crawler.start = start;
    CHECK_INT(crawler(&scene.crawler), -ENAMETOOLONG);
}
