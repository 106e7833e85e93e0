/*
 * fuzz_ws_extension.c - terms are read as they were written, and an answer to
 * an offer is one
 */
#include "fuzz.h"

#include "proto/ws_extension.h"

static void check_same(const struct fm__ws_terms *terms,
                       const struct fm__ws_terms *again)
{
    if (terms->server_forgets != again->server_forgets ||
        terms->client_forgets != again->client_forgets ||
        terms->server_bits != again->server_bits ||
        terms->client_bits != again->client_bits ||
        terms->client_may_say != again->client_may_say)
        fuzz_fail("terms that are others when they were written");
}

static void check_written(const struct fm__ws_terms *terms, bool answer)
{
    char out[FM__WS_TERMS];
    struct fm__pen pen = {out, out + sizeof out, false};
    struct fm__ws_terms again;
    fm__ws_extension_write(&pen, terms);
    struct fm__slice list = fm__pen_since(&pen, out);
    if (pen.full ||
        fm__ws_extension_next(&list, answer, &again) != FM__WS_DEFLATE)
        fuzz_fail("terms that were written and are none");
    check_same(terms, &again);
    if (fm__ws_extension_next(&list, answer, &again) != FM__WS_NO_MORE)
        fuzz_fail("more than was written");
}

static void check_agreed(const struct fm__ws_terms *offer)
{
    static const struct fm__ws_terms wishes[] = {
        {.server_forgets = true, .client_forgets = true},
        {.server_bits = 10, .client_bits = 10},
        {.client_may_say = true},
    };
    for (size_t i = 0; i < FM__COUNT(wishes); i++) {
        struct fm__ws_terms answer;
        fm__ws_extension_agree(offer, &wishes[i], &answer);
        check_written(&answer, true);
        if (!fm__ws_extension_suits(&answer, offer))
            fuzz_fail("an answer that is none to its offer");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = fuzz_copy(bytes, size);
    for (int answer = 0; answer < 2; answer++) {
        struct fm__slice list = {text, size};
        struct fm__ws_terms terms;
        int rc;
        while ((rc = fm__ws_extension_next(&list, answer, &terms)) > 0) {
            if (rc != FM__WS_DEFLATE)
                continue;
            check_written(&terms, answer);
            if (!answer)
                check_agreed(&terms);
        }
        if (list.size > 0)
            fuzz_fail("a list that is left in the middle");
    }
    free(text);
    return 0;
}
