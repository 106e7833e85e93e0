/*
 * jar_scene.h - a jar, and what it keeps and sends
 */
#ifndef TESTS_JAR_SCENE_H
#define TESTS_JAR_SCENE_H

#include "http/http_stage.h"

#include "harness.h"
#include "http/jar_record.h"
#include "http/suffix.h"

#include <errno.h>
#include <fermata/error.h>

static fm_cookie_jar *jar;
static char sent[FM_COOKIE_FIELD + 1];

static inline bool knows_suffixes(void)
{
    return fm__suffix_of("example.org") != FM__SUFFIX_UNKNOWN;
}

static inline void begin(void)
{
    CHECK_INT(fm_cookie_jar_new(&jar), 0);
}

static inline void end(void)
{
    fm_cookie_jar_free(jar);
    jar = NULL;
}

static inline void check_set(int line, const char *url, const char *text,
                             int wanted)
{
    int rc = fm_cookie_jar_set(jar, url, text);
    if (rc != wanted)
        test_fail(__FILE__, line, "%s from %s: %d, not %d", text, url, rc,
                  wanted);
}

static inline void check_sent(int line, const char *url, const char *wanted)
{
    ssize_t size = fm_cookie_jar_get(jar, url, sent, sizeof sent);
    if (size < 0 || (size_t)size != strlen(wanted) || strcmp(sent, wanted) != 0)
        test_fail(__FILE__, line, "to %s: %zd %s, not %s", url, size, sent,
                  wanted);
}

#define KEEPS(url, text) check_set(__LINE__, url, text, 0)
#define REFUSES(url, text) check_set(__LINE__, url, text, -FM_ECOOKIE)
#define SENDS(url, wanted) check_sent(__LINE__, url, wanted)

#endif
