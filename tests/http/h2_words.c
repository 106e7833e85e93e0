/*
 * h2_words.c - frames of HTTP/2 in words
 */
#include "http/h2_words.h"

#include "harness.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORDS_LINE = 4096
};

static const char *const words_types[] = {
    "DATA",          "HEADERS",      "PRIORITY", "RST_STREAM",
    "SETTINGS",      "PUSH_PROMISE", "PING",     "GOAWAY",
    "WINDOW_UPDATE", "CONTINUATION", NULL};

static const char *const words_errors[] = {"NO_ERROR",
                                           "PROTOCOL_ERROR",
                                           "INTERNAL_ERROR",
                                           "FLOW_CONTROL_ERROR",
                                           "SETTINGS_TIMEOUT",
                                           "STREAM_CLOSED",
                                           "FRAME_SIZE_ERROR",
                                           "REFUSED_STREAM",
                                           "CANCEL",
                                           "COMPRESSION_ERROR",
                                           "CONNECT_ERROR",
                                           "ENHANCE_YOUR_CALM",
                                           "INADEQUATE_SECURITY",
                                           "HTTP_1_1_REQUIRED",
                                           NULL};

static const char *const words_settings[] = {"?",
                                             "HEADER_TABLE_SIZE",
                                             "ENABLE_PUSH",
                                             "MAX_CONCURRENT_STREAMS",
                                             "INITIAL_WINDOW_SIZE",
                                             "MAX_FRAME_SIZE",
                                             "MAX_HEADER_LIST_SIZE",
                                             NULL};

/* ---- words and numbers --------------------------------------------------- */

static long words_find(const char *const *words, const char *word)
{
    char *end;
    for (long i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
    }
    unsigned long number = strtoul(word, &end, 0);
    bool whole = isdigit((unsigned char)word[0]) && *end == '\0';
    return whole ? (long)number : H2_NO_NUMBER;
}

long h2_words_type(const char *word)
{
    return words_find(words_types, word);
}

long h2_words_number(const char *word)
{
    return words_find(words_errors, word);
}

const char *h2_words_of_type(unsigned type)
{
    return type < H2_TYPES ? words_types[type] : "?";
}

const char *h2_words_of_error(uint32_t code)
{
    return code <= 13 ? words_errors[code] : "?";
}

/* ---- a frame ------------------------------------------------------------- */

struct words_frame {
    struct h2_frame_bytes *to;
    unsigned type;
    unsigned flags;
    long length; /* said; below 0: the true one */
    size_t padding;
};

static void words_put(struct words_frame *self, const void *bytes, size_t size)
{
    struct h2_frame_bytes *to = self->to;
    CHECK(size <= sizeof to->bytes - to->size);
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static void words_fill(struct words_frame *self, int byte, size_t count)
{
    struct h2_frame_bytes *to = self->to;
    CHECK(count <= sizeof to->bytes - to->size);
    memset(to->bytes + to->size, byte, count);
    to->size += count;
}

static void words_put_number(struct words_frame *self, uint32_t number,
                             unsigned bytes)
{
    while (bytes-- > 0)
        words_fill(self, (int)(number >> (8 * bytes) & 0xff), 1);
}

static unsigned words_digit(char letter)
{
    const char text[] = {letter, '\0'};
    char *end;
    unsigned long digit = strtoul(text, &end, 16);
    CHECK(*end == '\0' && end != text);
    return (unsigned)digit;
}

/* "%0d" is that byte. */
static size_t words_decode(const char *text, size_t size, char *to)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '%' && i + 2 < size) {
            to[count++] = (char)(words_digit(text[i + 1]) * 16 +
                                 words_digit(text[i + 2]));
            i += 2;
        } else {
            to[count++] = text[i];
        }
    }
    return count;
}

/* RFC 7541, 5.2, of seven bits and no Huffman code. */
static void words_put_size(struct words_frame *self, size_t size)
{
    words_fill(self, size < 127 ? (int)size : 127, 1);
    if (size < 127)
        return;
    for (size -= 127; size >= 128; size >>= 7)
        words_fill(self, (int)(size & 127) | 128, 1);
    words_fill(self, (int)size, 1);
}

static void words_put_text(struct words_frame *self, const char *text,
                           size_t size)
{
    char plain[WORDS_LINE];
    size_t count = words_decode(text, size, plain);
    words_put_size(self, count);
    words_put(self, plain, count);
}

/* A literal without indexing, whose name is new (RFC 7541, 6.2.2). */
static void words_put_field(struct words_frame *self, const char *word)
{
    const char *equals = strchr(word + 1, '=');
    words_fill(self, 0, 1);
    words_put_text(self, word, (size_t)(equals - word));
    words_put_text(self, equals + 1, strlen(equals + 1));
}

static void words_put_setting(struct words_frame *self, char *word)
{
    char *value = strchr(word, '=');
    *value++ = '\0';
    words_put_number(self, (uint32_t)words_find(words_settings, word), 2);
    words_put_number(self, (uint32_t)strtoul(value, NULL, 0), 4);
}

static void words_put_raw(struct words_frame *self, const char *digits)
{
    for (; digits[0] != '\0' && digits[1] != '\0'; digits += 2)
        words_fill(self,
                   (int)(words_digit(digits[0]) * 16 + words_digit(digits[1])),
                   1);
}

static void words_put_priority(struct words_frame *self, uint32_t on)
{
    if (self->type == H2_HEADERS)
        self->flags |= H2_PRIORITISED;
    words_put_number(self, on, 4);
    words_fill(self, 15, 1);
}

static void words_put_option(struct words_frame *self, char *name)
{
    char *value = strchr(name, '=');
    CHECK(value != NULL);
    *value++ = '\0';
    unsigned long number = strtoul(value, NULL, 0);
    if (strcmp(name, ".pad") == 0) {
        self->flags |= H2_PADDED;
        self->padding = number;
        words_fill(self, (int)number, 1);
    } else if (strcmp(name, ".prio") == 0) {
        words_put_priority(self, (uint32_t)number);
    } else if (strcmp(name, ".bytes") == 0) {
        words_fill(self, 'x', number);
    } else if (strcmp(name, ".field") == 0) {
        words_put(self, "\0\1x", 3);
        words_put_size(self, number);
        words_fill(self, 'y', number);
    } else if (strcmp(name, ".again") == 0) {
        words_fill(self, 0xbe, number);
    } else if (strcmp(name, ".raw") == 0) {
        words_put_raw(self, value);
    } else if (strcmp(name, ".text") == 0) {
        words_put(self, value, strlen(value));
    } else if (strcmp(name, ".flags") == 0) {
        self->flags |= (unsigned)strtoul(value, NULL, 16);
    } else if (strcmp(name, ".length") == 0) {
        self->length = (long)number;
    } else if (strcmp(name, ".times") == 0) {
        self->to->times = number;
    } else {
        test_fail(__FILE__, __LINE__, "%s is no option", name);
    }
}

static void words_put_request(struct words_frame *self, const char *method)
{
    words_put_field(self, method);
    words_put_field(self, ":scheme=http");
    words_put_field(self, ":path=/");
    words_put_field(self, ":authority=a");
}

static void words_put_word(struct words_frame *self, char *word)
{
    if (strcmp(word, "end") == 0 || strcmp(word, "ack") == 0)
        self->flags |= H2_END;
    else if (strcmp(word, "open") == 0)
        self->flags &= ~(unsigned)H2_END_HEADERS;
    else if (strcmp(word, "get") == 0)
        words_put_request(self, ":method=GET");
    else if (strcmp(word, "post") == 0)
        words_put_request(self, ":method=POST");
    else if (word[0] == '.')
        words_put_option(self, word);
    else if (strchr(word + 1, '=') != NULL && self->type == H2_SETTINGS)
        words_put_setting(self, word);
    else if (strchr(word + 1, '=') != NULL)
        words_put_field(self, word);
    else if (h2_words_number(word) != H2_NO_NUMBER)
        words_put_number(self, (uint32_t)h2_words_number(word), 4);
    else
        test_fail(__FILE__, __LINE__, "%s is no word", word);
}

/* The head, of what is there now. */
static void words_put_head(struct words_frame *self, uint32_t stream)
{
    struct h2_frame_bytes *to = self->to;
    size_t size = to->size;
    size_t length = self->length < 0 ? size - H2_HEAD : (size_t)self->length;
    to->size = 0;
    words_put_number(self, (uint32_t)length, 3);
    words_put_number(self, self->type, 1);
    words_put_number(self, self->flags, 1);
    words_put_number(self, stream, 4);
    to->size = size;
}

void h2_words_write(const char *line, size_t size, struct h2_frame_bytes *to)
{
    char words[WORDS_LINE], *rest = NULL;
    struct words_frame self = {.to = to, .length = -1};
    CHECK(size < sizeof words);
    memcpy(words, line, size);
    words[size] = '\0';
    char *type = strtok_r(words, " ", &rest);
    char *stream = strtok_r(NULL, " ", &rest);
    CHECK(type != NULL && stream != NULL);
    CHECK(h2_words_type(type) != H2_NO_NUMBER);
    self.type = (unsigned)h2_words_type(type);
    if (self.type == H2_HEADERS || self.type == H2_PUSH_PROMISE ||
        self.type == H2_CONTINUATION)
        self.flags = H2_END_HEADERS;
    to->size = H2_HEAD;
    to->times = 1;
    for (char *word; (word = strtok_r(NULL, " ", &rest)) != NULL;)
        words_put_word(&self, word);
    if (strcmp(type, "PING") == 0 && to->size == H2_HEAD)
        words_put(&self, "fermata.", 8);
    words_fill(&self, 0, self.padding);
    words_put_head(&self, (uint32_t)strtoul(stream, NULL, 0));
}
