/*
 * access_log.c - a line for each request that a server has answered
 *
 * Lines are written into one of two rooms, while a task of the log's own has
 * the stream take what is in the other. Invariant: `filling` holds whole lines
 * alone, `size` bytes of them.
 */
#include <fermata/access_log.h>

#include "base/die.h"
#include "base/memory.h"
#include "base/sys.h"
#include "proto/access_line.h"
#include "proto/http_date.h"
#include "task/record.h"

#include <errno.h>
#include <fermata/event.h>
#include <fermata/group.h>
#include <fermata/sleep.h>

_Static_assert(FM_ACCESS_LOG_LEAST == FM__ACCESS_LINE, "the longest line");

struct fm_access_log {
    struct fm__loop *loop;
    fm_stream *stream;
    fm_access_log_format format;
    fm_group group;  /* of the one task that writes */
    fm_event wanted; /* by that task: lines, or the end */
    char *filling;
    char *writing;
    size_t size;
    size_t room; /* bytes of either */
    uint64_t dropped;
    bool failed; /* nothing more can be written */
    bool closing;
    int64_t second; /* of `date` */
    char date[FM__DATE_SIZE];
};

static void access_log_check(const fm_access_log *log, const char *caller)
{
    if (log->loop != &fm__task_self(caller)->home->loop)
        fm__die("%s: the log belongs to another loop", caller);
}

/* ---- writing ------------------------------------------------------------ */

/* 0, or why nothing more is written. */
static int access_log_pass(fm_access_log *log)
{
    char *bytes = log->filling;
    size_t size = log->size;
    log->filling = log->writing;
    log->writing = bytes;
    log->size = 0;
    ssize_t rc = fm_write(log->stream, bytes, size);
    return rc < 0 ? (int)rc : (size_t)rc < size ? -ECANCELED : 0;
}

static int access_log_writer(void *arg)
{
    fm_access_log *log = arg;
    int rc = 0;
    while (rc == 0 && (log->size > 0 || !log->closing)) {
        if (log->size > 0) {
            rc = access_log_pass(log);
            continue;
        }
        fm_event_clear(&log->wanted);
        rc = fm_event_wait(&log->wanted);
    }
    if (rc == 0)
        rc = fm_flush(log->stream);
    log->failed = true;
    return rc;
}

static void access_log_free(fm_access_log *log)
{
    fm__memory_free(log->filling);
    fm__memory_free(log->writing);
    fm__memory_free(log);
}

static fm_access_log *access_log_new(size_t room)
{
    fm_access_log *log = fm__memory_new(sizeof *log);
    if (log == NULL)
        return NULL;
    log->room = room;
    log->second = -1;
    log->filling = fm__memory_resize(NULL, room);
    log->writing = fm__memory_resize(NULL, room);
    if (log->filling != NULL && log->writing != NULL)
        return log;
    access_log_free(log);
    return NULL;
}

int fm__access_log_open(fm_access_log **out, fm_stream *stream,
                        const fm_access_log_options *options)
{
    static const fm_access_log_options defaults;
    const fm_group_options group = {.policy = FM_COLLECT, .under_root = true};
    if (options == NULL)
        options = &defaults;
    size_t room = options->room > 0 ? options->room : FM_ACCESS_LOG_ROOM;
    if (room < FM_ACCESS_LOG_LEAST ||
        (unsigned)options->format > FM_ACCESS_LOG_JSON)
        return -EINVAL;
    fm_access_log *log = access_log_new(room);
    if (log == NULL)
        return -ENOMEM;
    log->loop = &fm__current->home->loop;
    log->stream = stream;
    log->format = options->format;
    fm_group_open(&log->group, &group);
    int rc = fm_group_start(&log->group, access_log_writer, log);
    if (rc == 0) {
        *out = log;
        return 0;
    }
    fm_group_close(&log->group);
    access_log_free(log);
    return rc;
}

int fm_access_log_close(fm_access_log *log)
{
    if (log == NULL)
        return 0;
    access_log_check(log, "fm_access_log_close");
    log->closing = true;
    fm_event_set(&log->wanted);
    int rc = fm_group_close(&log->group);
    access_log_free(log);
    return rc;
}

uint64_t fm_access_log_dropped(const fm_access_log *log)
{
    return log->dropped;
}

/* ---- lines -------------------------------------------------------------- */

static struct fm__slice access_log_field(const fm_exchange *exchange,
                                         const char *name)
{
    const char *value = fm_exchange_field(exchange, name);
    return fm__slice_of(value != NULL ? value : "");
}

/* Without its port and its brackets: "::1" of "[::1]:80". What is of this
 * machine alone stays as it is. */
static struct fm__slice access_log_peer(const fm_exchange *exchange,
                                        char text[FM_ADDRESS_TEXT])
{
    fm_address address;
    if (fm_exchange_peer(exchange, &address) < 0)
        return FM__SLICE("");
    struct fm__slice peer = fm__slice_of(fm_address_format(&address, text));
    if (fm_address_port(&address) == 0)
        return peer;
    while (peer.size > 0 && peer.at[--peer.size] != ':')
        ;
    if (fm__slice_at(peer, 0) != '[')
        return peer;
    peer = fm__slice_after(peer, 1);
    return fm__slice_until(peer, fm__slice_find(peer, ']'));
}

static const char *access_log_date(fm_access_log *log)
{
    int64_t now = fm__sys_date();
    if (now != log->second) {
        log->second = now;
        fm__date_write(log->date, now);
    }
    return log->date;
}

void fm_access_log_note(const fm_exchange *exchange, void *arg)
{
    fm_access_log *log = arg;
    char peer[FM_ADDRESS_TEXT];
    if (log == NULL)
        return;
    access_log_check(log, "fm_access_log_note");
    const struct fm__access_line line = {
        .date = access_log_date(log),
        .peer = access_log_peer(exchange, peer),
        .method = fm__slice_of(fm_exchange_method(exchange)),
        .target = fm__slice_of(fm_exchange_target(exchange)),
        .protocol = fm__slice_of(fm_exchange_protocol(exchange)),
        .host = fm__slice_of(fm_exchange_host(exchange)),
        .referer = access_log_field(exchange, "Referer"),
        .agent = access_log_field(exchange, "User-Agent"),
        .status = fm_reply_status(exchange),
        .size = fm_reply_size(exchange),
        .time = fm_now() - fm_exchange_began(exchange),
    };
    struct fm__pen pen = {log->filling + log->size, log->filling + log->room,
                          log->failed};
    if (log->format == FM_ACCESS_LOG_JSON)
        fm__access_line_json(&pen, &line);
    else
        fm__access_line_combined(&pen, &line);
    if (pen.full) {
        log->dropped++;
        return;
    }
    log->size = (size_t)(pen.at - log->filling);
    fm_event_set(&log->wanted);
}
