/*
 * test_session_none.c - sessions where OpenSSL is not there
 */
#include "harness.h"

#include <errno.h>
#include <fermata/session.h>

TEST(without_openssl_there_are_no_sessions)
{
    fm_sessions *sessions;
    char key[32] = "", text[8];
    CHECK_INT(
        fm_sessions_new(&sessions,
                        &(fm_session_options){.keys = {{key, sizeof key}}}),
        -EOPNOTSUPP);
    CHECK_INT(fm_session_set(NULL, NULL, "", 0), -EOPNOTSUPP);
    CHECK_INT(fm_session_set_text(NULL, NULL, ""), -EOPNOTSUPP);
    CHECK_INT(fm_session_get(NULL, NULL, text, sizeof text), -EOPNOTSUPP);
    CHECK_INT(fm_session_end(NULL, NULL), -EOPNOTSUPP);
    fm_sessions_free(NULL);
}
