/*
 * message.c - an answer of a name server taken apart: RFC 1035, 4.1
 *
 * Nothing in it is believed: a name is followed through so many pointers and
 * no more, each record has to lie inside the message, and only those count
 * that belong to the name that was asked for, or to what it is an alias of.
 */
#include "base/memory.h"
#include "net/answer.h"
#include "net/host_name.h"

#include <errno.h>
#include <fermata/error.h>

enum {
    MESSAGE_HEADER = 12,
    MESSAGE_POINTERS = 32, /* in one name */
    MESSAGE_RECORDS = 512, /* that are looked at */
    MESSAGE_NO_SUCH_NAME = 3
};

struct message {
    const unsigned char *bytes;
    size_t size;
    size_t at; /* what is read next */
    const struct fm__question *question;
    char alias[FM_NAME_SIZE]; /* the name that the records have to belong to */
    unsigned answers;
    unsigned authorities;
    uint32_t ttl; /* the least of what was used */
};

struct message_record {
    char owner[FM_NAME_SIZE];
    unsigned type;
    uint32_t ttl;
    size_t data; /* where it is, and how long */
    size_t size;
};

static unsigned message_short(const struct message *self, size_t at)
{
    return (unsigned)self->bytes[at] << 8 | self->bytes[at + 1];
}

static uint32_t message_long(const struct message *self, size_t at)
{
    return (uint32_t)message_short(self, at) << 16 |
           message_short(self, at + 2);
}

/* A byte of a name as text; what no name of a host has is '?'. */
static char message_letter(unsigned char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                 c == '_' || c == '*';
    return (char)(plain ? c : '?');
}

/* One part of a name: its bytes behind what the name has, or -EBADMSG. */
static int message_part(const struct message *self, size_t at, char *name,
                        size_t *length)
{
    size_t size = self->bytes[at];
    if (size > 63 || at + size >= self->size ||
        *length + size + 1 >= FM_NAME_SIZE - 1)
        return -EBADMSG;
    if (*length > 0)
        name[(*length)++] = '.';
    for (size_t i = 1; i <= size; i++)
        name[(*length)++] = message_letter(self->bytes[at + i]);
    return 0;
}

/* The name at `at`, in lower case: how many bytes it takes there, or
 * -EBADMSG. The root is "". */
static int message_name(const struct message *self, size_t start, char *name)
{
    size_t length = 0, at = start;
    int pointers = 0, taken = 0;
    for (;;) {
        if (at >= self->size)
            return -EBADMSG;
        unsigned char first = self->bytes[at];
        if (first == 0)
            break;
        if (first < 0xc0) {
            if (message_part(self, at, name, &length) < 0)
                return -EBADMSG;
            at += (size_t)first + 1;
            continue;
        }
        if (at + 1 >= self->size || ++pointers > MESSAGE_POINTERS)
            return -EBADMSG;
        if (pointers == 1)
            taken = (int)(at + 2 - start);
        at = message_short(self, at) & 0x3fff;
    }
    name[length] = '\0';
    return pointers > 0 ? taken : (int)(at + 1 - start);
}

/* The next record; -EBADMSG when it does not lie in the message. */
static int message_next(struct message *self, struct message_record *record)
{
    int taken = message_name(self, self->at, record->owner);
    if (taken < 0)
        return taken;
    size_t head = self->at + (size_t)taken;
    if (head + 10 > self->size)
        return -EBADMSG;
    record->type = message_short(self, head);
    record->ttl = message_long(self, head + 4);
    if (record->ttl > INT32_MAX) /* RFC 2181, 8 */
        record->ttl = 0;
    record->data = head + 10;
    record->size = message_short(self, head + 8);
    if (message_short(self, head + 2) != 1) /* the Internet's class */
        record->type = 0;
    if (record->data + record->size > self->size)
        return -EBADMSG;
    self->at = record->data + record->size;
    return 0;
}

static void message_used(struct message *self, const struct message_record *one)
{
    if (one->ttl < self->ttl)
        self->ttl = one->ttl;
}

/* A name in a record's data, which has to be one of a host; or the root. */
static int message_target(const struct message *self, size_t at, char *name)
{
    char raw[FM_NAME_SIZE];
    int rc = message_name(self, at, raw);
    name[0] = '\0';
    return rc < 0 || raw[0] == '\0' ? rc : fm__name_copy(raw, name);
}

/* What the alias is an alias of: 1, and it is that now; 0: of nothing. */
static int message_follow(struct message *self, size_t start)
{
    struct message_record record;
    self->at = start;
    for (unsigned i = 0; i < self->answers; i++) {
        if (message_next(self, &record) < 0)
            return -EBADMSG;
        if (record.type != FM__RECORD_CNAME ||
            strcmp(record.owner, self->alias) != 0)
            continue;
        message_used(self, &record);
        return message_target(self, record.data, self->alias) < 0 ? -EBADMSG
                                                                  : 1;
    }
    return 0;
}

static int message_aliases(struct message *self, size_t start)
{
    int rc, followed = 0;
    do
        rc = message_follow(self, start);
    while (rc == 1 && ++followed < FM__ALIAS_LIMIT);
    return rc == 1 ? -EBADMSG : rc;
}

/* The strings of a text, joined; -EBADMSG when they are none. */
static int message_text(const struct message *self,
                        const struct message_record *record,
                        struct fm__answer **answer)
{
    const unsigned char *data = self->bytes + record->data;
    size_t joined = 0;
    for (size_t at = 0; at < record->size; at += (size_t)data[at] + 1) {
        if (at + data[at] >= record->size)
            return -EBADMSG;
        joined += data[at];
    }
    int rc = fm__answer_add(answer, (struct fm__piece){data, joined},
                            (struct fm__piece){NULL, 0});
    if (rc < 0)
        return rc;
    unsigned char *to = (*answer)->bytes + (*answer)->size - joined;
    for (size_t at = 0; at < record->size; at += (size_t)data[at] + 1) {
        memcpy(to, data + at + 1, data[at]);
        to += data[at];
    }
    return 0;
}

/* A record of the kind that was asked for. */
static int message_take(const struct message *self,
                        const struct message_record *record,
                        struct fm__answer **answer)
{
    char name[FM_NAME_SIZE];
    struct fm__piece head = {self->bytes + record->data, record->size};
    struct fm__piece tail = {NULL, 0};
    switch (self->question->type) {
    case FM__RECORD_A:
    case FM__RECORD_AAAA:
        if (record->size != (self->question->type == FM__RECORD_A ? 4 : 16))
            return -EBADMSG;
        return fm__answer_add(answer, head, tail);
    case FM__RECORD_TEXT:
        return message_text(self, record, answer);
    case FM__RECORD_SERVICE:
        head.size = 6;
        break;
    default:
        head.size = 0;
        break;
    }
    if (record->size <= head.size ||
        message_target(self, record->data + head.size, name) < 0)
        return -EBADMSG;
    if (name[0] == '\0' && head.size == 0)
        return -EBADMSG;
    tail = (struct fm__piece){name, strlen(name) + 1};
    return fm__answer_add(answer, head, tail);
}

/* All that were asked for. One that is malformed is passed over. */
static int message_collect(struct message *self, size_t start,
                           struct fm__answer **answer)
{
    struct message_record record;
    self->at = start;
    for (unsigned i = 0; i < self->answers; i++) {
        if (message_next(self, &record) < 0)
            return -EBADMSG;
        if (record.type != self->question->type ||
            (*answer)->count == FM__ANSWER_LIMIT ||
            strcmp(record.owner, self->alias) != 0)
            continue;
        message_used(self, &record);
        if (message_take(self, &record, answer) == -ENOMEM)
            return -ENOMEM;
    }
    return 0;
}

/* How long it may be kept that there is nothing: RFC 2308, 5. */
static uint32_t message_negative(struct message *self)
{
    struct message_record record;
    for (unsigned i = 0; i < self->authorities; i++) {
        if (message_next(self, &record) < 0)
            return 0;
        if (record.type != FM__RECORD_SOA || record.size < 22)
            continue;
        uint32_t least = message_long(self, record.data + record.size - 4);
        if (least > INT32_MAX)
            least = 0;
        return least < record.ttl ? least : record.ttl;
    }
    return 0;
}

static int message_records(struct message *self, struct fm__answer **answer)
{
    char asked[FM_NAME_SIZE];
    int taken = message_name(self, MESSAGE_HEADER, asked);
    if (taken < 0 || (size_t)taken + MESSAGE_HEADER + 4 > self->size)
        return -EBADMSG;
    size_t start = MESSAGE_HEADER + (size_t)taken + 4;
    int rc = message_aliases(self, start);
    if (rc == 0)
        rc = message_collect(self, start, answer);
    return rc;
}

static void message_conclude(struct message *self, struct fm__answer *answer,
                             unsigned code)
{
    if (code == 0 && answer->count > 0) {
        answer->ttl = self->ttl;
        return;
    }
    answer->rc = code == 0 ? -FM_ENODATA : -FM_ENONAME;
    uint32_t ttl = message_negative(self);
    answer->ttl = ttl < self->ttl ? ttl : self->ttl;
}

int fm__answer_read(struct fm__answer **answer,
                    const struct fm__question *question,
                    const unsigned char *bytes, size_t size)
{
    struct message self = {.bytes = bytes, .size = size, .question = question};
    struct fm__answer *made = fm__answer_new(-FM_ESERVERFAILED, 0);
    *answer = made;
    if (made == NULL)
        return -ENOMEM;
    if (size < MESSAGE_HEADER || message_short(&self, 4) != 1)
        return 0;
    unsigned flags = message_short(&self, 2), code = flags & 15;
    unsigned answers = message_short(&self, 6);
    self.answers = answers < MESSAGE_RECORDS ? answers : MESSAGE_RECORDS;
    self.authorities = message_short(&self, 8);
    if (self.authorities > MESSAGE_RECORDS || answers > MESSAGE_RECORDS)
        self.authorities = 0;
    self.ttl = UINT32_MAX;
    made->truncated = (flags & 0x200) != 0;
    if (code != 0 && code != MESSAGE_NO_SUCH_NAME)
        return 0;
    fm__name_put(self.alias, question->name);
    int rc = message_records(&self, answer);
    if (rc == -ENOMEM || rc == -EBADMSG)
        return rc == -ENOMEM ? rc : 0;
    (*answer)->rc = 0;
    message_conclude(&self, *answer, code);
    return 0;
}
