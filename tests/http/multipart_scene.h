/*
 * multipart_scene.h - forms that a client sends, and what is said to them
 */
#ifndef TESTS_HTTP_MULTIPART_SCENE_H
#define TESTS_HTTP_MULTIPART_SCENE_H

#include "http/http_play.h"

#include "harness.h"

#include <stdio.h>

enum {
    WORDS = 65536
};

static struct play scene;
static fm_multipart_options how;
static int failed; /* what the handler returned */

/* No copy of it is made: it is larger than a stack. */
static inline void begin(const char *words, fm_http_handler handler)
{
    memset(&scene, 0, sizeof scene);
    scene.words = words;
    scene.handler = handler;
}

/* A request with this body; bytes that come at a time, 0: all. */
static inline void send_in(fm_http_handler handler, const char *type,
                           const char *body, size_t piece)
{
    static char words[WORDS + 512];
    snprintf(words, sizeof words,
             "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             type, strlen(body), body);
    begin(words, handler);
    scene.piece = piece;
    failed = 0;
    play(&scene);
}

#define FORM "multipart/form-data; boundary=b"
#define FIELD(name, more)                                                      \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"" more "\r\n"
#define END "--b--\r\n"

static inline void send_form(fm_http_handler handler, const char *body)
{
    send_in(handler, FORM, body, 0);
}

static inline void check_answer(int line, const char *status, const char *text)
{
    if (strncmp(scene.answer + strlen("HTTP/1.1 "), status, 3) != 0 ||
        strstr(scene.answer, text) == NULL)
        test_fail(__FILE__, line, "\"%s\", not %s \"%s\"", scene.answer, status,
                  text);
}

#define CHECK_ANSWER(status, text) check_answer(__LINE__, status, text)

static inline const char *or_none(const char *text)
{
    return text != NULL ? text : "-";
}

/* "name,filename,type,data;" for each part. */
static inline int list(fm_exchange *exchange, void *arg)
{
    static char text[WORDS];
    size_t size = 0;
    fm_multipart *multipart;
    fm_part *part;
    (void)arg;
    text[0] = '\0';
    int rc = fm_multipart_open(exchange, &multipart, &how);
    if (rc < 0)
        return failed = rc;
    while ((rc = fm_multipart_next(multipart, &part)) > 0) {
        const char *data;
        ssize_t loaded = fm_part_load(part, &data, WORDS);
        if (loaded < 0) {
            rc = (int)loaded;
            break;
        }
        CHECK_INT(strlen(data), loaded);
        size += (size_t)snprintf(text + size, sizeof text - size,
                                 "%s,%s,%s,%s;", or_none(fm_part_name(part)),
                                 or_none(fm_part_filename(part)),
                                 fm_part_type(part), data);
    }
    if (rc < 0)
        CHECK_INT(fm_multipart_next(multipart, &part), rc);
    fm_multipart_close(multipart);
    failed = rc;
    return rc < 0 ? rc : fm_reply_text(exchange, 200, text);
}

/* Two parts, the second a file; and three texts. */
static const char two[] = FIELD("title", "") "\r\nthe sea\r\n" FIELD(
    "photo", "; filename=\"sea.jpg\"") "Content-Type: image/jpeg\r\n\r\n\xff"
                                       "\xd8\r\n--\r\n--b--\r\n";

static const char three[] = FIELD("a", "") "\r\n12345\r\n" FIELD(
    "b", "") "\r\n123\r\n" FIELD("c", "") "\r\n12\r\n" END;

#endif
