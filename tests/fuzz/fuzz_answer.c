/*
 * fuzz_answer.c - any message is an answer of a name server or nonsense, and
 * what is read of it lies inside it, is bounded, and is what it seems
 */
#include "fuzz.h"

#include "base/memory.h"
#include "net/answer.h"
#include "net/host_name.h"

#include <errno.h>
#include <fermata/error.h>

static void answer_check_name(const unsigned char *record, size_t size,
                              bool root)
{
    char name[FM_NAME_SIZE];
    if (size == 0 || memchr(record, '\0', size) != record + size - 1)
        fuzz_fail("a name does not end with its NUL");
    if (size == 1 && root)
        return;
    if (fm__name_copy((const char *)record, name) != (int)size - 1 ||
        strcmp(name, (const char *)record) != 0)
        fuzz_fail("a name is none of a host");
}

static void answer_check_record(enum fm__record_type type,
                                const unsigned char *record, size_t size)
{
    switch (type) {
    case FM__RECORD_A:
    case FM__RECORD_AAAA:
        if (size != (type == FM__RECORD_A ? 4 : 16))
            fuzz_fail("an address has another size");
        break;
    case FM__RECORD_SERVICE:
        if (size < 7)
            fuzz_fail("a service is too short");
        answer_check_name(record + 6, size - 6, true);
        break;
    case FM__RECORD_PTR:
        answer_check_name(record, size, false);
        break;
    default:
        break;
    }
}

static void answer_check(const struct fm__answer *answer,
                         enum fm__record_type type)
{
    size_t offset = 0, size = 0, count = 0;
    const unsigned char *record;
    while ((record = fm__answer_next(answer, &offset, &size)) != NULL) {
        if (offset > answer->size)
            fuzz_fail("a record is longer than the answer");
        answer_check_record(type, record, size);
        count++;
    }
    if (count != answer->count || count > FM__ANSWER_LIMIT)
        fuzz_fail("the records are not as many as it says");
    if (answer->rc == 0 && count == 0)
        fuzz_fail("a success without a record");
    if (answer->ttl > INT32_MAX)
        fuzz_fail("kept for more than 68 years");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const enum fm__record_type types[] = {
        FM__RECORD_A, FM__RECORD_AAAA, FM__RECORD_PTR, FM__RECORD_TEXT,
        FM__RECORD_SERVICE};
    for (size_t i = 0; i < FM__COUNT(types); i++) {
        const struct fm__question question = {"host.example", types[i]};
        struct fm__answer *answer = NULL;
        /* Memory of its own, so that a byte behind it is found. */
        unsigned char *copy = malloc(size > 0 ? size : 1);
        if (copy == NULL)
            return 0;
        if (size > 0)
            memcpy(copy, bytes, size);
        if (fm__answer_read(&answer, &question, copy, size) == 0)
            answer_check(answer, types[i]);
        fm__memory_free(answer);
        free(copy);
    }
    return 0;
}
