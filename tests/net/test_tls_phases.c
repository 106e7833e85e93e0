/*
 * test_tls_phases.c - how a TLS stream begins, ends, and is cut in between
 */
#include "io/stream_ends.h"
#include "net/tls_kit.h"
#include "net/tls_record.h"
#include "task/story.h"

#include "base/sys_thread.h"

#include <unistd.h>

static fm_tls *phase_client(void)
{
    return kit_client_tls((fm_tls_options){0});
}

static fm_tls *phase_server(void)
{
    return kit_server_tls((fm_tls_options){0});
}

static const fm_tls_start_options phase_name = {.server_name = "example.org"};

/* ---- In its place ------------------------------------------------------- */

struct phase_upgrade {
    fm_stream *stream;
    const char *greeting; /* what the client says before */
    int result;
};

/* All in one turn: the greeting and the first bytes of TLS arrive together. */
static int phase_upgrade(struct phase_upgrade *self)
{
    fm_tls *tls = phase_client();
    fm_write(self->stream, self->greeting, strlen(self->greeting));
    int rc = fm_start_tls(self->stream, tls, &phase_name);
    fm_tls_free(tls);
    if (rc == 0)
        rc = (int)fm_write(self->stream, "secret\n", 7);
    int closed = fm_close(self->stream);
    return rc < 0 ? rc : closed;
}

static int phase_upgraded(const char *greeting, char line[16], int *client)
{
    fm_stream *ends[2];
    fm_tls *tls = phase_server();
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
    fm_task *task = fm_go(phase_upgrade, ends[0], greeting, 0);
    CHECK_INT(fm_read_line(ends[1], line, 16), 8);
    CHECK_TEXT(line, "STARTTLS");
    CHECK_INT(fm_write(ends[1], "", 0), 0);
    int rc = fm_start_tls(ends[1], tls);
    if (rc == 0)
        CHECK_INT(fm_read_line(ends[1], line, 16), 6);
    else
        CHECK(fm_read(ends[1], line, 1) < 0);
    fm_tls_free(tls);
    CHECK_INT(fm_close(ends[1]), 0);
    *client = fm_await(task);
    return rc;
}

STORY(what_came_before_a_start_is_not_lost)
{
    char line[16];
    int client;
    CHECK_INT(phase_upgraded("STARTTLS\n", line, &client), 0);
    CHECK_TEXT(line, "secret");
    CHECK_INT(client, 0);
}

/* Plaintext that somebody has slipped in is never taken for what was
 * secured. */
STORY(what_was_said_before_a_start_is_not_taken_for_secret)
{
    char line[16];
    int client;
    int rc = phase_upgraded("STARTTLS\nEVIL\n", line, &client);
    CHECK(rc == -FM_ENOTTLS || rc == -FM_ETLS);
    CHECK(client < 0);
}

STORY(what_was_written_before_a_start_leaves_as_it_is)
{
    fm_stream *ends[2];
    fm_tls *tls = phase_server();
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
    fm_task *task = fm_go(phase_upgrade, ends[0], "", 0);
    CHECK_INT(fm_write(ends[1], "plain\n", 6), 6);
    CHECK(fm_start_tls(ends[1], tls) < 0);
    fm_tls_free(tls);
    (void)fm_close(ends[1]);
    CHECK_INT(fm_await(task), -FM_ENOTTLS);
}

/* ---- Who does not speak it ---------------------------------------------- */

static int phase_against(const char *words, size_t size)
{
    fm_stream *ends[2];
    fm_tls *tls = phase_server();
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
    CHECK_INT(fm_write(ends[0], words, size), size);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    int rc = fm_start_tls(ends[1], tls);
    CHECK_INT(fm_close(ends[1]), 0);
    (void)fm_close(ends[0]);
    fm_tls_free(tls);
    return rc;
}

STORY(who_does_not_speak_tls_is_told_apart)
{
    CHECK_INT(phase_against("GET / HTTP/1.0\r\n\r\n", 18), -FM_ENOTTLS);
    CHECK_INT(phase_against("hello, who is there\n", 20), -FM_ENOTTLS);
    CHECK_INT(phase_against("", 0), -FM_ETRUNCATED);
    CHECK_INT(phase_against("\x16\x03\x01", 3), -FM_ETRUNCATED);
}

/* ---- Time --------------------------------------------------------------- */

STORY(a_handshake_has_a_deadline_of_its_own)
{
    fm_stream *ends[2];
    int rc;
    fm_tls_failure failure;
    fm_tls *tls = kit_server_tls(
        (fm_tls_options){.handshake_timeout = test_simulated() ? 10 : 0.01});
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
    FM_TIMEOUT(1000, rc) {
        rc = fm_start_tls(ends[1], tls,
                          &(fm_tls_start_options){.failure = &failure});
    }
    CHECK_INT(rc, -FM_EPEERTIMEOUT);
    CHECK_INT(failure.code, -FM_EPEERTIMEOUT);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), -FM_ETRUNCATED);
    CHECK_INT(fm_close(ends[1]), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    fm_tls_free(tls);
}

STORY(the_callers_deadline_is_the_callers)
{
    fm_stream *ends[2];
    int rc;
    fm_tls *tls = phase_server();
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
    FM_TIMEOUT(0, rc) {
        rc = fm_start_tls(ends[1], tls);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_write(ends[1], "as it was", 9), 9); /* it never began */
    FM_TIMEOUT(0.001, rc) {
        rc = fm_start_tls(ends[1], tls);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_write(ends[1], "x", 1), -EPIPE);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), -FM_ETRUNCATED);
    CHECK_INT(fm_close(ends[1]), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    fm_tls_free(tls);
}

/* ---- The end ------------------------------------------------------------ */

static void phase_pair(fm_stream *ends[2])
{
    struct kit_shake shake;
    fm_tls *client = phase_client(), *server = phase_server();
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
    kit_shake(ends, client, server, &shake);
    CHECK_INT(shake.client, 0);
    CHECK_INT(shake.server, 0);
    fm_tls_free(client);
    fm_tls_free(server);
}

/* The connection ends in order, and the stream does not. */
STORY(an_end_that_was_not_said_is_a_truncation)
{
    fm_stream *ends[2];
    char heard[8];
    phase_pair(ends);
    CHECK_INT(fm_write(ends[0], "half of", 7), 7);
    CHECK_INT(fm_flush(ends[0]), 0);
    struct fm__loop *loop = &fm__current->home->loop;
    CHECK_INT(loop->backend->shutdown(loop, ends[0]->fd), 0);
    CHECK_INT(fm_read(ends[1], heard, 8), 7);
    CHECK_INT(fm_read(ends[1], heard, 8), -FM_ETRUNCATED);
    CHECK_INT(fm_read(ends[1], heard, 8), -FM_ETRUNCATED);
    fm_abort(ends[0]);
    CHECK_INT(fm_close(ends[1]), 0);
}

STORY(a_cut_close_says_no_end)
{
    fm_stream *ends[2];
    int rc;
    phase_pair(ends);
    FM_TIMEOUT(0, rc) {
        rc = fm_close(ends[0]);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    rc = (int)fm_read(ends[1], &(char){0}, 1);
    CHECK(rc == -FM_ETRUNCATED || rc == -ECONNRESET);
    CHECK_INT(fm_close(ends[1]), 0);
}

STORY(descriptors_and_their_bytes_do_not_go_around_tls)
{
    fm_stream *ends[2];
    char heard[8];
    phase_pair(ends);
    CHECK_INT(fm_send_descriptor(ends[0], 0, "secret", 6), -EOPNOTSUPP);
    CHECK_INT(fm_write(ends[0], "covered", 7), 7);
    CHECK_INT(fm_read(ends[1], heard, 8), 7);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}

/* What has been said to be the end stays it, and reading goes on. */
STORY(after_an_end_that_was_cut_nothing_can_be_written)
{
    static char much[400000];
    fm_stream *ends[2];
    char heard[8];
    int rc;
    const fm_stream_options options = {.high_water = 1 << 20};
    struct kit_shake shake;
    fm_tls *client = phase_client(), *server = phase_server();
    CHECK_INT(stream_ends_pair(ends, &options), 0);
    kit_shake(ends, client, server, &shake);
    CHECK_INT(shake.client, 0);
    CHECK_INT(fm_write(ends[0], much, sizeof much), sizeof much);
    FM_TIMEOUT(0.001, rc) {
        rc = fm_write_eof(ends[0]);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_write(ends[0], "x", 1), -EPIPE);
    CHECK_INT(fm_printf(ends[0], "x"), -EPIPE);
    CHECK_INT(fm_read_exactly(ends[1], much, sizeof much), sizeof much);
    CHECK_INT(fm_read(ends[1], much, 1), 0);
    CHECK_INT(fm_write(ends[1], "answer", 6), 6);
    CHECK_INT(fm_read(ends[0], heard, 8), 6);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_write_eof(ends[0]), 0);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
    fm_tls_free(client);
    fm_tls_free(server);
}

/* A peer that changes what is on its way. */
STORY(a_record_that_was_changed_ends_it)
{
    fm_stream *ends[2];
    phase_pair(ends);
    CHECK_INT(fm__filter_put(ends[0]->filter,
                             "\x17\x03\x03\0\x13nonsense "
                             "nonsense !",
                             24),
              0);
    CHECK_INT(fm_read(ends[1], &(char){0}, 1), -FM_ETLS);
    CHECK_INT(fm_write(ends[1], "x", 1), 1);
    CHECK_INT(fm_flush(ends[1]), -FM_ETLS);
    CHECK_INT(fm_read(ends[0], &(char){0}, 1), -FM_EALERT);
    (void)fm_close(ends[0]);
    (void)fm_close(ends[1]);
}

/* Asks for a new key on the other side again and again, and does not read. */
static void phase_nag(fm_stream *stream)
{
    SSL *ssl = fm__tls_engine(stream)->ssl;
    for (int i = 0; i < 50; i++) {
        SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(ssl);
    }
}

STORY(answers_that_nobody_reads_are_bounded)
{
    fm_stream *ends[2];
    struct kit_shake shake;
    fm_tls *client = phase_client(), *server = phase_server();
    const fm_stream_options options = {.high_water = 1};
    CHECK_INT(fm_stream_pair(ends, &options), 0);
    kit_shake(ends, client, server, &shake);
    CHECK_INT(shake.client, 0);
    ssize_t rc = -ETIMEDOUT;
    for (int i = 0; i < 1000 && rc == -ETIMEDOUT; i++) {
        int cut;
        phase_nag(ends[0]);
        CHECK_INT(fm_yield(), 0);
        FM_TIMEOUT(0.00001, cut) {
            rc = fm_read(ends[1], &(char){0}, 1);
        }
        (void)cut;
        CHECK(ends[1]->queued <= FM__FILTER_REPLIES + 1000);
    }
    CHECK_INT(rc, -FM_ETLS);
    fm_abort(ends[1]);
    fm_abort(ends[0]);
    fm_tls_free(client);
    fm_tls_free(server);
}

/* ---- Records ------------------------------------------------------------ */

static unsigned phase_records;

/* wide: what OpenSSL calls */
static void phase_count(int write, int version, int type, const void *bytes,
                        size_t size, SSL *ssl, void *arg)
{
    const unsigned char *header = bytes;
    (void)version;
    (void)size;
    (void)ssl;
    (void)arg;
    if (write && type == SSL3_RT_HEADER &&
        header[0] == SSL3_RT_APPLICATION_DATA)
        phase_records++;
}

/* What writes of these make, once the handshake is over. */
static unsigned phase_records_of(size_t size, unsigned count)
{
    static char bytes[100000];
    fm_stream *ends[2];
    phase_pair(ends);
    CHECK_INT(fm_write(ends[0], "x", 1), 1);
    CHECK_INT(fm_read(ends[1], bytes, 1), 1);
    SSL_set_msg_callback(fm__tls_engine(ends[0])->ssl, phase_count);
    phase_records = 0;
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(fm_write(ends[0], bytes, size), size);
    CHECK_INT(fm_read_exactly(ends[1], bytes, size * count), size * count);
    unsigned records = phase_records;
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_close(ends[1]), 0);
    return records;
}

STORY(small_writes_of_a_turn_are_one_record)
{
    CHECK_INT(phase_records_of(10, 100), 1);
    CHECK_INT(phase_records_of(16384, 1), 1);
    CHECK_INT(phase_records_of(16384, 2), 2);
    CHECK_INT(phase_records_of(40000, 1), 3);
}

/* ---- Several loops ------------------------------------------------------ */

struct phase_loop {
    fm_tls *client;
    fm_tls *server;
    int result;
};

static int phase_on_loop(void *arg)
{
    struct phase_loop *self = arg;
    for (int i = 0; i < 20; i++) {
        fm_stream *ends[2];
        struct kit_shake shake;
        char heard[5];
        int rc = stream_ends_pair(ends, NULL);
        if (rc < 0)
            return rc;
        kit_shake(ends, self->client, self->server, &shake);
        rc = shake.client < 0 ? shake.client : shake.server;
        if (rc == 0 && fm_write(ends[1], "hello", 5) != 5)
            rc = -EIO;
        if (rc == 0 && fm_read_exactly(ends[0], heard, 5) != 5)
            rc = -EIO;
        (void)fm_close(ends[0]);
        (void)fm_close(ends[1]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void *phase_thread(void *arg)
{
    struct phase_loop *self = arg;
    self->result = fm_run(phase_on_loop, self);
    return NULL;
}

TEST(loops_of_several_threads_share_a_context)
{
    struct phase_loop loops[3];
    struct fm__thread threads[3];
    fm_tls *client = phase_client(), *server = phase_server();
    for (int i = 0; i < 3; i++) {
        loops[i] = (struct phase_loop){client, server, 1};
        CHECK_INT(fm__thread_start(&threads[i], phase_thread, &loops[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        fm__thread_join(&threads[i]);
        CHECK_INT(loops[i].result, 0);
    }
    fm_tls_free(client);
    fm_tls_free(server);
}
