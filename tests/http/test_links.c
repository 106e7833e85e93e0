/*
 * test_links.c - the links of a page, whatever the page is
 */
#include "http/links_scene.h"

#include "base/fault.h"

#include <unistd.h>

static bool page_leads(struct page page, const char *wanted)
{
    int rc;
    page.size = page.size > 0 ? page.size : strlen(page.bytes);
    char *found = read_page(&page, &rc);
    bool same = rc == 0 && strcmp(found, wanted) == 0;
    if (!same)
        fprintf(stderr, "%d: %s", rc, found);
    free(found);
    return same;
}

static bool leads(const char *bytes, const char *wanted)
{
    return page_leads((struct page){.bytes = bytes}, wanted);
}

TEST(each_element_that_leads_somewhere_does)
{
    CHECK(leads("<a href=x>", "A /b/x\n"));
    CHECK(leads("<map><area href=/x></map>", "A /x\n"));
    CHECK(leads("<iframe src=x></iframe><embed src=y><object data=z>",
                "F /b/x\nF /b/y\nF /b/z\n"));
    CHECK(leads("<frameset><frame src=x></frameset>", "F /b/x\n"));
    CHECK(leads("<img src=x><input type=image src=y>", "I /b/x\nI /b/y\n"));
    CHECK(leads("<video src=x poster=y><source src=z><track src=w></video>",
                "I /b/y\nM /b/x\nM /b/z\nM /b/w\n"));
    CHECK(leads("<audio src=x></audio>", "M /b/x\n"));
    CHECK(leads("<script src=x></script>", "S /b/x\n"));
    CHECK(leads("<p id=x><form action=y><q cite=z>", ""));
}

TEST(a_link_has_the_kind_that_its_rel_says)
{
    CHECK(leads("<link rel=stylesheet href=x><link rel='alternate StyleSheet' "
                "href=y>",
                "T /b/x\nT /b/y\n"));
    CHECK(leads("<link rel=canonical href=/x>", "C /x\n"));
    CHECK(leads("<link rel='shortcut icon' href=/x>", "I /x\n"));
    CHECK(leads("<link rel=next href=x><link href=y>", "O /b/x\nO /b/y\n"));
}

TEST(a_refresh_and_each_image_of_a_set_are_links)
{
    CHECK(leads("<meta http-equiv=Refresh content='5; URL=x'>", "R /b/x\n"));
    CHECK(leads("<meta http-equiv=refresh content=5>", ""));
    CHECK(leads("<meta http-equiv=refresh>", ""));
    CHECK(leads("<img srcset='x 1x, y 2x' src=z><a href=w>",
                "I /b/z\nI /b/x\nI /b/y\nA /b/w\n"));
    CHECK(leads("<picture><source srcset='x,y 2x,'><img srcset=' , '>",
                "I /b/x,y\n"));
}

TEST(names_have_any_case_and_values_any_quotes)
{
    CHECK(leads("<A HREF=\"x\"><a\nhRef = 'y' ><a href=z/>",
                "A /b/x\nA /b/y\nA /b/z/\n"));
    CHECK(leads("<a href=' x\n y '>", "A /b/x%20y\n"));
    CHECK(leads("<a href=x href=y>", "A /b/x\n"));
}

TEST(an_anchor_of_nothing_leads_to_its_page_and_an_image_of_nothing_nowhere)
{
    CHECK(leads("<a href><a href=''><a href=#e><a name=x>",
                "A /b/c?d\nA /b/c?d\nA /b/c?d#e\n"));
    CHECK(leads("<img src=''><script src></script><link href=''>", ""));
}

TEST(entities_are_what_they_stand_for)
{
    CHECK(leads("<a href='x?a=1&amp;b=2&#x26;c=3'>", "A /b/x?a=1&b=2&c=3\n"));
    CHECK(leads("<a href='x?a=1&b=2&copy=3'>", "A /b/x?a=1&b=2&copy=3\n"));
    CHECK(leads("<a href='&eacute;'>", "A /b/%C3%A9\n"));
    CHECK(leads("<a href='x&nothing;'>", "A /b/x&nothing;\n"));
}

TEST(what_stands_in_a_comment_a_script_or_a_style_is_no_link)
{
    CHECK(leads("<!-- <a href=x> --><a href=y>", "A /b/y\n"));
    CHECK(leads("<script>'<a href=x>'</script><a href=y>", "A /b/y\n"));
    CHECK(leads("<style>/* <a href=x> */</style><a href=y>", "A /b/y\n"));
    CHECK(leads("<p title='<a href=x>'><noscript><img src=y></noscript>",
                "I /b/y\n"));
}

TEST(the_first_base_with_a_href_holds_for_what_stands_behind_it)
{
    CHECK(leads("<base href=/e/><a href=x>", "A /e/x\n"));
    CHECK(leads("<base target=_top><base href=/e/><base href=/f/><a href=x>",
                "A /e/x\n"));
    CHECK(leads("<link href=x><base href=e/><a href=x>", "O /b/x\nA /b/e/x\n"));
    CHECK(
        leads("<base href=//o.example/><a href=x>", "A http://o.example/x\n"));
}

TEST(a_base_that_is_none_leaves_the_page_as_it)
{
    CHECK(leads("<base href='http://['><base href=/e/><a href=x>", "A /b/x\n"));
    CHECK(leads("<base href=data:,e><a href=x>", "A /b/x\n"));
    CHECK(leads("<base href=JavaScript:e><a href=x>", "A /b/x\n"));
}

TEST(a_page_says_what_is_not_to_be_followed)
{
    CHECK(leads("<a rel='me NoFollow' href=x><a rel=me href=y>",
                "a /b/x\nA /b/y\n"));
    CHECK(leads("<link href=x><meta name=robots content='noindex, nofollow'>"
                "<a href=y><img srcset='z'>",
                "O /b/x\na /b/y\ni /b/z\n"));
    CHECK(leads("<meta name=ROBOTS content=NONE><a href=y>", "a /b/y\n"));
    CHECK(leads("<meta name=robots content=noindex><a href=y>", "A /b/y\n"));
}

TEST(what_is_no_url_is_told_to_who_wants_to_know)
{
    static const char page[] = "<a href='http://['><img srcset='http://[ 1x, y'"
                               "><a href=mailto:us@a.example>";
    CHECK(leads(page, "I /b/y\nA mailto:us@a.example\n"));
    CHECK(page_leads((struct page){.bytes = page, .wrong = true},
                     "A ?\nI ?\nI /b/y\nA mailto:us@a.example\n"));
}

TEST(a_link_may_be_changed_and_has_its_text_until_the_next)
{
    static const char page[] = "<a href='%7ex#e'><a href=y>";
    fm_links *links;
    fm_link link;
    CHECK_INT(fm_links_new(PAGE, NULL, &links), 0);
    CHECK_INT(fm_links_next(links, &link), 0);
    CHECK_INT(fm_links_feed(links, page, sizeof page - 1), 0);
    CHECK_INT(fm_links_feed(links, NULL, 0), 0);
    CHECK_INT(fm_links_feed(links, page, sizeof page - 1), 0);
    CHECK_INT(fm_links_next(links, &link), 1);
    CHECK(strcmp(link.text, "%7ex#e") == 0);
    CHECK_INT(fm_url_set(link.url, FM_URL_HASH, ""), 0);
    CHECK_INT(fm_url_normalize(link.url), 0);
    CHECK(strcmp(fm_url_text(link.url), "http://a.example/b/~x") == 0);
    CHECK_INT(fm_links_next(links, &link), 1);
    CHECK(strcmp(link.text, "y") == 0);
    CHECK_INT(fm_links_next(links, &link), 0);
    fm_links_free(links);
}

/* As many more come as need another row. */
TEST(a_set_of_images_goes_on_when_more_was_read)
{
    static const char set[] = "<img srcset='x 1x, y 2x, z'>";
    static const char more[] = "<a href=w>";
    static const char *const wanted[] = {"x", "y", "z", "w"};
    fm_links *links;
    fm_link link = {0};
    char page[LINKS_PIECE];
    memset(page, ' ', sizeof page);
    memcpy(page, set, sizeof set - 1);
    CHECK_INT(fm_links_new(PAGE, NULL, &links), 0);
    CHECK_INT(fm_links_feed(links, page, sizeof page), 0);
    for (int i = 0; i < 4; i++) {
        CHECK_INT(fm_links_next(links, &link), 1);
        CHECK(strcmp(link.text, wanted[i]) == 0);
        for (size_t at = 0; i < 2 && at < 20 * LINKS_PIECE; at++)
            CHECK_INT(fm_links_feed(links, &more[at % (sizeof more - 1)], 1),
                      0);
    }
    fm_links_free(links);
}

TEST(only_a_page_of_html_is_one)
{
    fm_links *links = NULL;
    fm_link link;
    CHECK_INT(fm_links_new(PAGE, "text/plain", &links), -FM_EHTTPTYPE);
    CHECK_INT(fm_links_new(PAGE, "text/html5", &links), -FM_EHTTPTYPE);
    CHECK_INT(fm_links_new(PAGE, "", &links), -FM_EHTTPTYPE);
    CHECK_INT(fm_links_new("/b/c", NULL, &links), -EINVAL);
    CHECK(links == NULL);
    CHECK_INT(fm_links_feed(links, "<a href=x>", 10), 0);
    CHECK_INT(fm_links_next(links, &link), 0);
    fm_links_free(links);
    CHECK_INT(fm_links_new(PAGE, "Text/HTML ; charset", &links), 0);
    fm_links_free(links);
    CHECK_INT(fm_links_new(PAGE, "application/xhtml+xml", &links), 0);
    fm_links_free(links);
}

/* ---- alphabets ----------------------------------------------------------- */

#define UTF_8 "A /b/%C3%A9\n" /* e with an acute accent */

TEST(the_content_type_says_the_alphabet_before_the_page)
{
    static const char page[] = "<meta charset=utf-8><a href=\xe9>";
    static const char other[] = "<meta charset=latin1><a href=\xc3\xa9>";
    struct page latin = {page, sizeof page - 1,
                         "text/html; charset=\"ISO-8859-1\"", 0, false};
    struct page utf8 = {other, sizeof other - 1, "text/html;Charset=UTF-8", 0,
                        false};
    CHECK(page_leads(latin, UTF_8));
    CHECK(page_leads(utf8, UTF_8));
}

TEST(a_page_says_its_alphabet_itself)
{
    CHECK(leads("<meta charset=iso-8859-1><a href=\xe9>", UTF_8));
    CHECK(leads("<meta charset=iso-8859-1><a href=\xc3\xa9>",
                "A /b/%C3%83%C2%A9\n"));
    CHECK(leads("<meta http-equiv=content-type content='text/html; "
                "charset=iso-8859-1'><a href=\xe9>",
                UTF_8));
    CHECK(leads("<meta charset=utf-8><a href=\xc3\xa9>", UTF_8));
}

TEST(without_a_word_it_is_utf_8_and_if_it_is_not_that_latin_1)
{
    CHECK(leads("<a href=\xc3\xa9>", UTF_8));
    CHECK(leads("<a href=\xe9>", UTF_8));
    CHECK(page_leads((struct page){.bytes = "<a href=\xc3\xa9>",
                                   .type = "text/html; charset=none-such"},
                     UTF_8));
}

TEST(a_byte_order_mark_goes_before_all)
{
    static const char big[] = "\xfe\xff\0<\0a\0 \0h\0r\0e\0f\0=\0\xe9\0>";
    static const char little[] = "\xff\xfe<\0a\0 \0h\0r\0e\0f\0=\0\xe9\0>";
    static const char type[] = "text/html; charset=iso-8859-1";
    CHECK(
        page_leads((struct page){big, sizeof big - 1, type, 0, false}, UTF_8));
    CHECK(page_leads((struct page){little, sizeof little, type, 1, false},
                     UTF_8));
    CHECK(page_leads((struct page){.bytes = "\xef\xbb\xbf<a href=\xc3\xa9>",
                                   .type = type,
                                   .piece = 1},
                     UTF_8));
}

TEST(bytes_that_are_not_of_their_alphabet_end_no_page)
{
    static const char *const types[] = {"text/html; charset=shift_jis",
                                        "text/html; charset=utf-8",
                                        "text/html; charset=us-ascii", NULL};
    struct page page = {.bytes = "<a href=x>\xff\xff\xff<a href=y>\xff"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        page.type = types[i];
        CHECK(page_leads(page, "A /b/x\nA /b/y\n"));
    }
}

/* ---- any bytes ----------------------------------------------------------- */

TEST(however_a_page_is_cut_its_links_are_the_same)
{
    static const char line[] = "<p>some words<a href=\"\xc3\xa9?a&amp;b\">x</a>"
                               "<!-- - -- <a> --><img srcset='x 1x, y'>\n";
    size_t size = (sizeof line - 1) * 200;
    char *bytes = malloc(size);
    int rc;
    for (size_t i = 0; i < 200; i++)
        memcpy(bytes + i * (sizeof line - 1), line, sizeof line - 1);
    struct page page = {bytes, size, NULL, 0, false};
    char *whole = read_page(&page, &rc);
    CHECK_INT(strlen(whole), 200 * strlen("A /b/%C3%A9?a&b\nI /b/x\nI /b/y\n"));
    for (page.piece = 1; page.piece < 9000; page.piece = page.piece * 3 + 1) {
        char *cut = read_page(&page, &rc);
        CHECK_INT(rc, 0);
        CHECK(strcmp(cut, whole) == 0);
        free(cut);
    }
    free(whole);
    free(bytes);
}

TEST(a_page_that_ends_anywhere_is_one)
{
    static const char page[] =
        "<a href=x><p title='a > b'><!-- c --><a href=\"y"
        "?&amp;\"></a><script>if (a < b)</script>&lt;";
    for (size_t size = 1; size < sizeof page; size++) {
        int rc;
        char *found =
            read_page(&(struct page){page, size, NULL, 0, false}, &rc);
        CHECK_INT(rc, 0);
        CHECK(size < 10 || strncmp(found, "A /b/x\n", 7) == 0);
        free(found);
    }
}

/* Nothing is written to who looks at the program. */
TEST(what_is_no_html_is_taken_in_silence)
{
    static const char *const none[] = {
        "</p></p><b></i><a <a href=x>&#xfffffff;<",
        "<a href=x>\xff\xff\xff<a href=y>",
    };
    char text[64];
    int pipe_ends[2], kept = dup(2);
    CHECK_INT(pipe(pipe_ends), 0);
    dup2(pipe_ends[1], 2);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        int rc;
        struct page page = {none[i], strlen(none[i]),
                            "text/html; charset=shift_jis", 0, false};
        free(read_page(&page, &rc));
        page.type = NULL;
        free(read_page(&page, &rc));
    }
    dup2(kept, 2);
    close(kept);
    close(pipe_ends[1]);
    CHECK_INT(read(pipe_ends[0], text, sizeof text), 0);
    close(pipe_ends[0]);
}

/* ---- without memory ------------------------------------------------------ */

/* The first failure of a page; its links are counted. */
static int read_short(int *count)
{
    static const char page[] = "<base href=/e/><a href=x><img srcset='y, z'>";
    fm_links *links;
    fm_link link;
    int rc = fm_links_new(PAGE, "text/html; charset=utf-8", &links);
    if (rc < 0)
        return rc;
    rc = fm_links_feed(links, page, sizeof page - 1);
    if (rc == 0)
        rc = fm_links_feed(links, NULL, 0);
    if (rc == -ENOMEM)
        CHECK_INT(fm_links_feed(links, page, sizeof page - 1), -ENOMEM);
    for (int next = rc; next >= 0 && (next = fm_links_next(links, &link));)
        if (next < 0)
            rc = next;
        else
            ++*count;
    fm_links_free(links);
    return rc;
}

TEST(whatever_memory_is_lacking_it_is_told)
{
    int rc = -ENOMEM, count = 0, tries = 0;
    while (rc == -ENOMEM) {
        struct fm__fault_plan plan = {0};
        plan.fail_at[FM__DOOR_MEMORY] = (uint64_t)++tries;
        count = 0;
        fm__fault_plan = &plan;
        rc = read_short(&count);
        fm__fault_plan = NULL;
    }
    CHECK_INT(rc, 0);
    CHECK_INT(count, 3);
    CHECK(tries > 5);
}

/* ---- in a task ----------------------------------------------------------- */

/* On the stack that a task has when nobody says more. */
STORY(a_task_has_the_stack_for_it)
{
    CHECK(leads("<meta charset=big5><base href=/e/><a href='&eacute;\xa4\xa4'>",
                "A /e/%C3%A9%E4%B8%AD\n"));
}
