/*
 * test_suffix_none.c - cookies where no public suffix is known
 */
#include "harness.h"

#include <fermata/cookie.h>
#include <fermata/error.h>
#include <string.h>

TEST(without_a_list_a_cookie_is_its_hosts_alone)
{
    char text[64];
    fm_cookie_jar *jar;
    fm_kept_cookie cookie;
    CHECK_INT(fm_cookie_jar_new(&jar), 0);
    CHECK_INT(fm_cookie_jar_set(jar, "http://www.example.co.uk/",
                                "a=1; Domain=example.co.uk"),
              0);
    CHECK_INT(fm_cookie_jar_set(jar, "http://www.example.co.uk/",
                                "b=2; Domain=co.uk"),
              0);
    CHECK_INT(fm_cookie_jar_set(jar, "http://example.co.uk/", "c=3; Domain=uk"),
              -FM_ECOOKIE);
    CHECK_INT(
        fm_cookie_jar_get(jar, "http://www.example.co.uk/", text, sizeof text),
        8);
    CHECK(strcmp(text, "a=1; b=2") == 0);
    CHECK_INT(
        fm_cookie_jar_get(jar, "http://example.co.uk/", text, sizeof text), 0);
    CHECK(fm_cookie_jar_at(jar, 0, &cookie) && !cookie.subdomains);
    fm_cookie_jar_free(jar);
}
