/*
 * engine.c - c-ares 1.16 or later, with sockets that are buffers
 */
#include "net/engine.h"

#include "base/memory.h"
#include "base/sys.h"
#include "net/host_name.h"

#include <ares.h>
#include <errno.h>

enum {
    ENGINE_SOCKET = 1000000,     /* a number that no descriptor has */
    ENGINE_FOREVER = 1000000000, /* ms; time is the loop's business */
    ENGINE_DATAGRAM = 1232       /* bytes that pass every way whole */
};

/* Before there are threads. An allocator that is malloc's to the rest of the
 * program, should that use c-ares too. */
__attribute__((constructor)) static void engine_hook(void)
{
    ares_library_init_mem(ARES_LIB_INIT_ALL, fm__memory_new, fm__memory_free,
                          fm__memory_resize);
}

static ares_socket_t engine_socket(int family, int type, int protocol,
                                   void *arg)
{
    (void)family;
    (void)type;
    (void)protocol;
    (void)arg;
    return ENGINE_SOCKET;
}

static int engine_shut(ares_socket_t fd, void *arg)
{
    (void)fd;
    (void)arg;
    return 0;
}

static int engine_dial(ares_socket_t fd, const struct sockaddr *address,
                       ares_socklen_t size, void *arg)
{
    (void)fd;
    (void)address;
    (void)size;
    (void)arg;
    return 0;
}

/* Who it came from has been checked: it is the server that was asked. */
static void engine_sender(struct sockaddr *from, ares_socklen_t *size)
{
    struct sockaddr_in server = {.sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (from == NULL || size == NULL || *size < sizeof server)
        return;
    memcpy(from, &server, sizeof server);
    *size = sizeof server;
}

/* wide: as c-ares calls it */
static ares_ssize_t engine_read(ares_socket_t fd, void *buf, size_t size,
                                int flags, struct sockaddr *from,
                                ares_socklen_t *from_size, void *arg)
{
    struct fm__engine *engine = arg;
    (void)fd;
    (void)flags;
    if (engine->in_size == 0)
        return fm__sys_would_block();
    if (size > engine->in_size)
        size = engine->in_size;
    memcpy(buf, engine->in, size);
    engine->in += size;
    engine->in_size -= engine->stream ? size : engine->in_size;
    engine_sender(from, from_size);
    return (ares_ssize_t)size;
}

static ares_ssize_t engine_write(ares_socket_t fd, const struct iovec *parts,
                                 int count, void *arg)
{
    struct fm__engine *engine = arg;
    size_t size = 0;
    (void)fd;
    for (int i = 0; i < count; i++) {
        if (parts[i].iov_len > sizeof engine->out - engine->out_size)
            return fm__sys_would_block();
        memcpy(engine->out + engine->out_size, parts[i].iov_base,
               parts[i].iov_len);
        engine->out_size += parts[i].iov_len;
        size += parts[i].iov_len;
    }
    return (ares_ssize_t)size;
}

/* wide: as c-ares calls it */
static void engine_answered(void *arg, int status, int timeouts,
                            unsigned char *bytes, int size)
{
    struct fm__engine *engine = arg;
    (void)timeouts;
    engine->done = true;
    if (bytes != NULL)
        engine->rc = fm__answer_read(&engine->answer, &engine->question, bytes,
                                     (size_t)size);
    else
        engine->rc = status == ARES_EBADNAME ? -EINVAL : -ENOMEM;
}

/* All is said, so that it reads no file. */
static int engine_open(struct fm__engine *engine)
{
    static const struct ares_socket_functions functions = {
        engine_socket, engine_shut, engine_dial, engine_read, engine_write};
    struct in_addr server = {htonl(INADDR_LOOPBACK)};
    char lookups[] = "b";
    struct ares_options options = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES |
                 ARES_FLAG_NOCHECKRESP | ARES_FLAG_IGNTC | ARES_FLAG_EDNS |
                 (engine->stream ? ARES_FLAG_USEVC : 0),
        .timeout = ENGINE_FOREVER,
        .tries = 1,
        .ndots = 1,
        .servers = &server,
        .nservers = 1,
        .lookups = lookups,
        .ednspsz = ENGINE_DATAGRAM,
    };
    int rc = ares_init_options(
        &engine->channel, &options,
        ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
            ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_LOOKUPS |
            ARES_OPT_SORTLIST | ARES_OPT_EDNSPSZ | ARES_OPT_NOROTATE);
    if (rc != ARES_SUCCESS)
        return -ENOMEM;
    ares_set_socket_functions(engine->channel, &functions, engine);
    return 0;
}

int fm__engine_new(struct fm__engine **out, bool stream)
{
    struct fm__engine *engine = fm__memory_new(sizeof *engine);
    if (engine == NULL)
        return -ENOMEM;
    engine->stream = stream;
    fm__list_init(&engine->spare);
    int rc = engine_open(engine);
    if (rc < 0)
        fm__memory_free(engine);
    else
        *out = engine;
    return rc;
}

static void engine_forget(struct fm__engine *engine)
{
    ares_cancel(engine->channel);
    fm__memory_free(engine->answer);
    engine->answer = NULL;
    engine->out_size = 0;
    engine->in_size = 0;
    engine->done = false;
    engine->rc = 0;
}

void fm__engine_free(struct fm__engine *engine)
{
    if (engine == NULL)
        return;
    engine_forget(engine);
    ares_destroy(engine->channel);
    fm__memory_free(engine);
}

int fm__engine_ask(struct fm__engine *engine,
                   const struct fm__question *question)
{
    engine_forget(engine);
    fm__name_put(engine->name, question->name);
    engine->question = (struct fm__question){engine->name, question->type};
    ares_query(engine->channel, engine->name, 1, (int)question->type,
               engine_answered, engine);
    if (engine->stream && !engine->done)
        ares_process_fd(engine->channel, ARES_SOCKET_BAD, ENGINE_SOCKET);
    if (engine->done && engine->rc == 0)
        return -EINVAL;
    return engine->done ? engine->rc : 0;
}

size_t fm__engine_take(struct fm__engine *engine, const void **bytes)
{
    size_t size = engine->out_size;
    *bytes = engine->out;
    engine->out_size = 0;
    return size;
}

/* An answer to one question; so that c-ares, which compares each question with
 * each, has one to look at. */
static bool engine_welcomes(const unsigned char *message, size_t size)
{
    return size >= 12 && (message[2] & 0x80) != 0 && message[4] == 0 &&
           message[5] == 1;
}

int fm__engine_feed(struct fm__engine *engine, const unsigned char *bytes,
                    size_t size, struct fm__answer **answer)
{
    size_t head = engine->stream ? 2 : 0;
    if (size < head || !engine_welcomes(bytes + head, size - head))
        return -EAGAIN;
    engine->in = bytes;
    engine->in_size = size;
    size_t before;
    do {
        before = engine->in_size;
        ares_process_fd(engine->channel, ENGINE_SOCKET, ARES_SOCKET_BAD);
    } while (!engine->done && engine->in_size < before && engine->in_size > 0);
    engine->in_size = 0;
    if (!engine->done)
        return -EAGAIN;
    *answer = engine->answer;
    engine->answer = NULL;
    return engine->rc;
}
