/*
 * test_multipart_save.c - parts that become files
 */
#include "http/multipart_scene.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

/* ---- files -------------------------------------------------------------- */

static char place[64];

static const char *at(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", place, name);
    return path;
}

static void open_place(void)
{
    snprintf(place, sizeof place, "/tmp/multipart-XXXXXX");
    CHECK(mkdtemp(place) != NULL);
}

static void close_place(void)
{
    CHECK_INT(fm_path_remove_tree(place), 0);
}

struct saving {
    fm_replace_options how;
    int64_t result;
    bool copies;
};

static int save(fm_exchange *exchange, void *arg)
{
    struct saving *saving = arg;
    fm_multipart *multipart;
    fm_part *part = NULL;
    char byte;
    int rc = fm_multipart_open(exchange, &multipart);
    saving->result = rc == 0 ? fm_multipart_next(multipart, &part) : rc;
    if (saving->result > 0 && saving->copies) {
        fm_file *file = NULL;
        CHECK_INT(fm_file_open(at("sea"), &file,
                               &(fm_file_options){.flags = O_RDWR | O_CREAT}),
                  0);
        saving->result = fm_part_copy(part, file);
        CHECK_INT(fm_file_tell(file), saving->result);
        CHECK_INT(fm_file_close(file), 0);
    } else if (saving->result > 0) {
        saving->result = fm_part_save(part, at("sea"), &saving->how);
    }
    if (saving->result > 0 && fm_cancelled() == 0)
        CHECK_INT(fm_part_read(part, &byte, 1), 0);
    fm_multipart_close(multipart);
    return saving->result < 0 ? (int)saving->result
                              : fm_reply_text(exchange, 201, "saved");
}

/* `size` bytes of a file come, or only `come` of them. */
static void send_file(struct saving *saving, size_t size, size_t come)
{
    static char words[4 * WORDS];
    static const char end[] = "\r\n" END;
    const char *head = FIELD("f", "; filename=x") "\r\n";
    int at_body = snprintf(words, sizeof words,
                           "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: " FORM
                           "\r\nContent-Length: %zu\r\n\r\n%s",
                           strlen(head) + size + strlen(end), head);
    for (size_t i = 0; i < size; i++)
        words[(size_t)at_body + i] = (char)(i * 7 + i / 256);
    memcpy(words + at_body + size, end, sizeof end);
    memset(&scene, 0, sizeof scene);
    scene.words = words;
    scene.size = (size_t)at_body + (come < size ? come : size + strlen(end));
    scene.handler = save;
    scene.arg = saving;
    play(&scene);
}

static void check_file(size_t size)
{
    void *bytes;
    CHECK_INT(fm_file_load(at("sea"), &bytes, 4 * WORDS), size);
    for (size_t i = 0; i < size; i++)
        if (((char *)bytes)[i] != (char)(i * 7 + i / 256)) {
            test_fail(__FILE__, __LINE__, "byte %zu is another", i);
            break;
        }
    fm_file_free(bytes);
}

static size_t count_files(void)
{
    fm_walk *walk;
    fm_walk_entry entry;
    size_t count = 0;
    CHECK_INT(fm_walk_open(place, &walk), 0);
    while (fm_walk_next(walk, &entry) > 0)
        count++;
    fm_walk_close(walk);
    return count;
}

STORY(a_part_becomes_a_file)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 200000};
    struct saving saving = {.how = {.no_sync = true}};
    open_place();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        send_file(&saving, sizes[i], sizes[i]);
        CHECK_ANSWER("201", "saved");
        CHECK_INT(saving.result, sizes[i]);
        check_file(sizes[i]);
        CHECK_INT(count_files(), 1);
    }
    close_place();
}

STORY(a_part_is_copied_into_a_file_that_is_open)
{
    struct saving saving = {.copies = true};
    open_place();
    send_file(&saving, 200000, 200000);
    CHECK_ANSWER("201", "saved");
    CHECK_INT(saving.result, 200000);
    check_file(200000);
    close_place();
}

STORY(a_part_that_breaks_off_leaves_no_file)
{
    struct saving saving = {.how = {.no_sync = true}};
    open_place();
    for (size_t come = 0; come < 100000; come += 33000) {
        send_file(&saving, 100000, come);
        CHECK_INT(saving.result, -FM_EEOF);
        CHECK_INT(count_files(), 0);
    }
    close_place();
}

STORY(a_file_that_is_there_may_stay)
{
    struct saving saving = {.how = {.keep = true}};
    open_place();
    send_file(&saving, 10, 10);
    send_file(&saving, 20, 20);
    CHECK_INT(saving.result, -EEXIST);
    check_file(10);
    CHECK_INT(count_files(), 1);
    saving.how.keep = false;
    send_file(&saving, 30, 30);
    check_file(30);
    close_place();
}

/* ---- cuts --------------------------------------------------------------- */

struct serving {
    fm_stream *stream;
    struct saving *saving;
};

static int serving(struct serving *self)
{
    return fm_http_serve_stream(self->stream, save, self->saving);
}

/* A server that is stopped after so many turns. */
static void stop_after(unsigned turns, struct saving *saving)
{
    fm_stream *ends[2];
    CHECK_INT(fm_stream_pair(ends), 0);
    CHECK_INT(fm_write(ends[0], scene.words, scene.size), scene.size);
    struct serving args = {ends[1], saving};
    fm_task *server = fm_start((int (*)(void *))serving, &args);
    for (unsigned i = 0; i < turns; i++)
        fm_yield();
    fm_stop(server);
    fm_close(ends[1]);
    fm_close(ends[0]);
}

/* A thread may have been faster: then all of it is there. */
STORY(a_cut_leaves_all_of_a_file_or_none)
{
    struct saving saving = {.how = {.no_sync = true}};
    open_place();
    send_file(&saving, 1000, 1000);
    for (unsigned turns = 0; turns < 40; turns++) {
        CHECK_INT(fm_path_remove_tree(place), 0);
        CHECK_INT(fm_path_mkdir(place), 0);
        stop_after(turns, &saving);
        size_t count = count_files();
        CHECK(count <= 1);
        if (count == 1)
            check_file(1000);
    }
    close_place();
}
