/*
 * test_tls_past.c - a file that waits for a stream does not go past its TLS
 */
#include "io/stream_ends.h"
#include "net/tls_kit.h"
#include "net/tls_record.h"
#include "task/story.h"

#include <sys/mman.h>
#include <unistd.h>

static const fm_tls_start_options past_name = {.server_name = "example.org"};

struct past_scene {
    fm_stream *ends[2];
    fm_tls *client;
    fm_tls *server;
};

static void past_open(struct past_scene *scene)
{
    CHECK_INT(stream_ends_pair(scene->ends, NULL), 0);
    scene->client = kit_client_tls((fm_tls_options){0});
    scene->server = kit_server_tls((fm_tls_options){0});
}

static void past_end(struct past_scene *scene)
{
    for (int i = 0; i < 2; i++)
        CHECK_INT(fm_close(scene->ends[i]), 0);
    fm_tls_free(scene->client);
    fm_tls_free(scene->server);
}

#define SECRETS 1000000

struct past_caller {
    struct past_scene *scene;
};

static int past_caller(struct past_caller *self)
{
    struct past_scene *scene = self->scene;
    return fm_start_tls(scene->ends[0], scene->client, &past_name);
}

struct past_greeter {
    fm_stream *stream;
    const char *bytes;
};

/* More than the system takes: it holds the stream. */
static int past_greeter(struct past_greeter *self)
{
    ssize_t rc = fm_write(self->stream, self->bytes, SECRETS);
    CHECK_INT(rc, SECRETS);
    return 0;
}

struct past_hearer {
    struct past_scene *scene;
    char *heard;
};

static int past_hearer(struct past_hearer *self)
{
    fm_stream *stream = self->scene->ends[1];
    CHECK_INT(fm_read_exactly(stream, self->heard, SECRETS), SECRETS);
    memset(self->heard, 0, SECRETS);
    CHECK_INT(fm_start_tls(stream, self->scene->server), 0);
    CHECK_INT(fm_read_exactly(stream, self->heard, SECRETS), SECRETS);
    return 0;
}

/* It was asked for before hands were shaken, and had to wait. */
STORY(a_file_that_waited_for_it_is_not_sent_past_it)
{
    struct past_scene scene;
    static char sent[SECRETS], heard[SECRETS];
    int fd = memfd_create("secrets", MFD_CLOEXEC);
    for (size_t i = 0; i < SECRETS; i++)
        sent[i] = (char)(i % 251);
    CHECK_INT(pwrite(fd, sent, SECRETS, 0), SECRETS);
    past_open(&scene);
    fm_task *greets = fm_go(past_greeter, scene.ends[0], sent);
    while (!scene.ends[0]->held)
        CHECK_INT(fm_yield(), 0);
    fm_task *shakes = fm_go(past_caller, &scene);
    while (!scene.ends[0]->reading)
        CHECK_INT(fm_yield(), 0);
    fm_task *hears = fm_go(past_hearer, &scene, heard);
    CHECK_INT(fm_sendfile(scene.ends[0], fd, NULL, FM_TO_THE_END), SECRETS);
    CHECK_INT(fm_flush(scene.ends[0]), 0);
    CHECK_INT(fm_await(greets), 0);
    CHECK_INT(fm_await(shakes), 0);
    CHECK_INT(fm_await(hears), 0);
    CHECK(memcmp(sent, heard, SECRETS) == 0);
    close(fd);
    past_end(&scene);
}
