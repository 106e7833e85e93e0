/*
 * sweep_tls.c - scenarios: TLS from its first word to its last
 *
 * What a reader gets is what was written, whole or cut short with an error:
 * an end that was not said is never taken for one.
 */
#include "fault/sweep.h"

#include "io/stream_ends.h"
#include "net/tls_kit.h"

#include <string.h>

/* Whatever went wrong on the way is the connection's end for the other. */
static int tls_told(int rc)
{
    bool broken = rc <= -FM_ETLS && rc >= -FM_ECERT_INVALID;
    return broken || rc == -EPIPE || rc == -FM_EEOF ? -ECONNRESET : rc;
}

struct tls_party {
    fm_stream *stream;
    fm_tls *tls;
    const char *says;
    const char *hears;
    bool upgrades; /* says "start" in plain before, or hears it */
};

/* Flushed, so that a fault which no peer would hear of is not waited out. */
static int tls_says(fm_stream *stream, const char *text)
{
    ssize_t rc = fm_flush(stream);
    if (rc == 0)
        rc = fm_write(stream, text, strlen(text));
    return rc < 0 ? (int)rc : fm_flush(stream);
}

static int tls_begins(const struct tls_party *self)
{
    char line[8];
    ssize_t rc = 0;
    bool client = self->hears[0] == 'a';
    if (self->upgrades && client)
        rc = fm_write(self->stream, "start\n", 6);
    else if (self->upgrades)
        rc = fm_read_line(self->stream, line, sizeof line);
    if (rc < 0)
        return (int)rc;
    return fm_start_tls(
        self->stream, self->tls,
        &(fm_tls_start_options){.server_name = client ? "example.org" : NULL});
}

static ssize_t tls_hears(const struct tls_party *self)
{
    char heard[256];
    size_t size = strlen(self->hears);
    ssize_t rc = fm_read_exactly(self->stream, heard, size);
    if (rc > 0)
        sweep_state.noted += memcmp(heard, self->hears, size) != 0;
    return rc;
}

static int tls_party(struct tls_party *self)
{
    void *block;
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = tls_begins(self);
    if (rc == 0)
        rc = tls_says(self->stream, self->says);
    if (rc >= 0)
        rc = (int)tls_hears(self);
    if (rc >= 0)
        rc = fm_write_eof(self->stream);
    if (rc >= 0) {
        rc = (int)fm_read(self->stream, &(char){0}, 1);
        sweep_state.noted += rc > 0;
    }
    int closed = fm_close(self->stream);
    return sweep_end(block, tls_told(rc < 0 ? rc : closed));
}

static int tls_meet(fm_tls *client, fm_tls *server, bool upgrades)
{
    fm_stream *ends[2];
    const char *question = "what is said in private?";
    const char *answer = "a word that nobody else can hear";
    int rc = stream_ends_pair(ends, NULL);
    if (rc < 0)
        return rc;
    fm_task *one =
        fm_go(tls_party, ends[0], client, question, answer, upgrades);
    fm_task *other =
        fm_go(tls_party, ends[1], server, answer, question, upgrades);
    if (one == NULL)
        fm_abort(ends[0]);
    if (other == NULL)
        fm_abort(ends[1]);
    int first = fm_await(one), second = fm_await(other);
    return first < 0 ? first : second;
}

static int tls_talks(bool upgrades)
{
    fm_tls *client = NULL, *server = NULL;
    int rc = fm_tls_new(&client, FM_TLS_CLIENT,
                        &(fm_tls_options){.ca_text = kit_root()->certificate});
    if (rc == 0)
        rc = fm_tls_new(
            &server, FM_TLS_SERVER,
            &(fm_tls_options){.certificate_text = kit_server()->certificate,
                              .key_text = kit_server()->key});
    if (rc == 0)
        rc = tls_meet(client, server, upgrades);
    fm_tls_free(client);
    fm_tls_free(server);
    return rc;
}

static int tls_from_the_start(void *arg)
{
    (void)arg;
    return tls_talks(false);
}

static int tls_in_its_place(void *arg)
{
    (void)arg;
    return tls_talks(true);
}

static const char *tls_heard_right(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "bytes were lost or changed" : NULL;
}

const struct scenario sweep_tls[] = {
    {"tls", tls_from_the_start, .also = {-ECONNRESET},
     .wrong = tls_heard_right},
    {"tls-upgrade", tls_in_its_place, .also = {-ECONNRESET},
     .wrong = tls_heard_right},
    {.name = NULL},
};
