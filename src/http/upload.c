/*
 * upload.c - the body of a request that is too large to leave with its head
 *
 * It is sent by a task of the client's, so that an answer is read while it goes
 * on: who does not read while it writes waits for a server that does the same.
 */
#include "http/client_record.h"
#include "http/piece.h"

#include <errno.h>
#include <fermata/shield.h>
#include <fermata/timeout.h>
#include <math.h>

enum {
    UPLOAD_STACK = 65536 /* the user's function has it */
};

static int upload_failed(struct fm_upload *upload, int rc)
{
    if (rc < 0 && upload->error == 0)
        upload->error = rc;
    return rc;
}

/* A server that takes no more may have said why. */
static int upload_wrote(struct fm_upload *upload, int rc)
{
    if (upload->error == 0)
        upload->theirs = rc == -EPIPE || rc == -ECONNRESET;
    return upload_failed(upload, rc);
}

static int upload_put(struct fm_upload *upload, struct iovec body)
{
    int rc = fm__checkpoint(fm__current, "fm_upload_write");
    return rc < 0 ? rc : fm__h2_put(upload->h2, &body, 1, upload->timeout);
}

ssize_t fm_upload_write(fm_upload *upload, const void *buf, size_t size)
{
    if (upload->error < 0)
        return upload->error;
    if (!upload->in_chunks && size > upload->left)
        return -EMSGSIZE;
    const struct iovec body = {(void *)(uintptr_t)buf, size};
    int rc = upload->h2 != NULL
                 ? upload_put(upload, body)
                 : fm__piece_write_all(upload->stream, body, upload->in_chunks,
                                       upload->timeout);
    if (rc < 0)
        return upload_wrote(upload, rc);
    if (!upload->in_chunks)
        upload->left -= size;
    return (ssize_t)size;
}

/* The server may ask, answer, or say nothing at all (RFC 9110, 10.1.1). */
static int upload_wait(struct fm_upload *upload)
{
    int rc = 0;
    if (!upload->waits)
        return 0;
    FM_TIMEOUT(FM_HTTP_EXPECT_TIMEOUT, rc) {
        rc = fm_event_wait(&upload->go);
    }
    return rc == -ETIMEDOUT ? 0 : rc;
}

static int upload_send(struct fm_upload *upload)
{
    const fm_http_request *request = upload->request;
    int rc = upload_wait(upload);
    if (rc < 0)
        return rc;
    if (request->upload == NULL) {
        ssize_t sent =
            fm_upload_write(upload, request->body, request->body_size);
        return sent < 0 ? (int)sent : 0;
    }
    rc = request->upload(upload, request->upload_arg);
    if (rc < 0 || upload->error < 0)
        return rc < 0 ? rc : upload->error;
    if (!upload->in_chunks && upload->left > 0)
        return -ENODATA; /* less than was said */
    if (upload->in_chunks && upload->h2 == NULL)
        rc = fm__piece_write_last(upload->stream, upload->timeout);
    return upload_wrote(upload, rc);
}

static int upload_send_all(struct fm_upload *upload)
{
    int rc = upload->stopped ? -ECANCELED : upload_send(upload);
    if (rc < 0)
        return upload_failed(upload, rc);
    if (upload->h2 != NULL)
        fm__h2_put_end(upload->h2);
    else
        rc = fm__piece_flush(upload->stream, upload->timeout);
    return upload_wrote(upload, rc);
}

/* [a member of the client's] */
static int upload_run(void *arg)
{
    struct fm_upload *upload = arg;
    upload->task = fm_self();
    int rc = upload_send_all(upload);
    upload->done = rc == 0;
    if (rc < 0 && !upload->theirs && upload->cut != NULL)
        fm_group_cancel(upload->cut);
    upload->task = NULL;
    upload->runs = false;
    fm_event_set(&upload->over);
    return 0;
}

int fm__upload_start(struct fm_upload *upload, fm_http_client *client)
{
    const fm_task_options how = {.stack_size = UPLOAD_STACK};
    if (!upload->wanted)
        return 0;
    upload->runs = true;
    int rc = fm_group_start(&client->tasks, upload_run, upload, &how);
    if (rc < 0)
        upload->runs = false;
    return rc;
}

void fm__upload_stop(struct fm_upload *upload)
{
    int rc = 0;
    upload->stopped = true;
    if (!upload->runs)
        return;
    if (upload->task != NULL)
        fm_cancel(upload->task);
    FM_SHIELD(INFINITY) {
        while (rc == 0 && upload->runs)
            rc = fm_event_wait(&upload->over);
    }
}

bool fm__upload_is_done(const struct fm_upload *upload)
{
    return !upload->wanted || upload->done;
}
