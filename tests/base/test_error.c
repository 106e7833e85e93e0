/*
 * test_error.c - results in words
 */
#include "harness.h"

#include <errno.h>
#include <fermata.h>
#include <limits.h>
#include <string.h>

static void check_says(int rc, const char *words)
{
    if (strcmp(fm_strerror(rc), words) != 0)
        test_fail(__FILE__, __LINE__, "%d is \"%s\", not \"%s\"", rc,
                  fm_strerror(rc), words);
}

TEST(a_code_means_the_same_with_and_without_its_sign)
{
    for (int code = 0; code < 20000; code++)
        CHECK(strcmp(fm_strerror(code), fm_strerror(-code)) == 0);
}

TEST(the_systems_codes_have_the_systems_words)
{
    check_says(-ENOENT, "No such file or directory");
    check_says(-EPIPE, "Broken pipe");
    check_says(-ENOMEM, strerror(ENOMEM));
}

TEST(cuts_and_peers_have_words_of_their_own)
{
    check_says(0, "success");
    check_says(-ECANCELED, "cancelled");
    check_says(-ETIMEDOUT, "timed out");
    check_says(-FM_EBROKEN, "the barrier is broken");
    check_says(-FM_EPEERTIMEOUT, "the peer did not answer in time");
    check_says(-FM_ELAGGED, "messages were lost");
}

TEST(each_failure_of_tls_has_words_of_its_own)
{
    check_says(-FM_ETRUNCATED, "the TLS stream was cut off");
    check_says(-FM_ECERT_NAME, "the certificate is of another name");
    check_says(-FM_ECERT_INVALID, "the certificate is not valid");
    check_says(-(FM_EPEM + 1), "unknown error");
    check_says(-(FM_ECERT_INVALID + 1), "unknown error");
}

TEST(what_nobody_knows_is_an_unknown_error)
{
    static const int codes[] = {-4095,   -4096,    -10000,
                                INT_MAX, -INT_MAX, INT_MIN};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        check_says(codes[i], "unknown error");
}

TEST(the_library_is_of_the_version_of_its_headers)
{
    CHECK(strcmp(fm_version(), FM_VERSION) == 0);
}
