/*
 * sweep_races.c - scenarios: names that race, proxies, many entrances
 */
#include "fault/sweep.h"

#include "harness.h"

#include "base/fault.h"
#include "net/race.h"

#include <netinet/in.h>
#include <string.h>

static double connect_patience(void)
{
    return fm__fault_plan != NULL && fm__fault_plan->from_then_on
               ? 0.15 + sweep_ticks(3)
               : 60;
}

/* One address of each family, after a while: nobody listens at that of IPv6. */
static int connect_names(const char *host, int family, struct fm__found *found)
{
    bool v6 = family == AF_INET6;
    (void)host;
    int rc = sweep_sleep(v6 ? 1 : 2);
    if (rc < 0)
        return rc;
    found->count = 1;
    return fm_address_parse(v6 ? "[::1]:0" : "127.0.0.1:0",
                            &found->addresses[0]);
}

struct guest {
    const char *address;
    const char *proxy; /* or NULL */
};

/* Says a word, and hears it again. */
static int guest(struct guest *self)
{
    void *block;
    char heard[4];
    fm_stream *stream = NULL;
    const fm_connect_options options = {.proxy = self->proxy};
    int rc = sweep_begin(&block);
    if (rc == 0)
        rc = fm_connect(self->address, &stream, &options);
    ssize_t n = rc;
    if (rc == 0)
        n = fm_write(stream, "ping", 4);
    if (n == 4)
        n = fm_flush(stream);
    if (n == 0 && rc == 0)
        n = fm_read_exactly(stream, heard, 4);
    int closed = fm_close(stream);
    rc = n < 0 ? (int)n : closed;
    return sweep_end(block, rc == -EPIPE || rc == -FM_EEOF ? -ECONNRESET : rc);
}

/* What a proxy hears before each of its answers; then it echoes. */
struct usher {
    fm_listener *listener;
    const char *const *says; /* NULL at the end */
    const size_t *hears;
    const size_t *sizes;
};

static ssize_t usher_greet(const struct usher *self, fm_stream *stream)
{
    char heard[256];
    ssize_t n = 0;
    for (int i = 0; n >= 0 && self->says[i] != NULL; i++) {
        n = fm_read_exactly(stream, heard, self->hears[i]);
        if (n >= 0)
            n = fm_write(stream, self->says[i], self->sizes[i]);
        if (n >= 0)
            n = fm_flush(stream);
    }
    return n;
}

static int usher(struct usher *self)
{
    void *block;
    char buf[64];
    fm_stream *stream = NULL;
    ssize_t n = sweep_begin(&block);
    if (n == 0)
        n = fm_accept(self->listener, &stream);
    if (n == 0)
        n = usher_greet(self, stream);
    while (n >= 0 && (n = fm_read(stream, buf, sizeof buf)) > 0) {
        n = fm_write(stream, buf, (size_t)n);
        if (n >= 0)
            n = fm_flush(stream);
    }
    int rc = n < 0 ? (int)n : 0;
    int closed = fm_close(stream);
    rc = rc < 0 ? rc : closed;
    return sweep_end(block, rc == -EPIPE || rc == -FM_EEOF ? -ECONNRESET : rc);
}

static int connect_meet(fm_listener *listener, const struct usher *host,
                        const struct guest *caller)
{
    int rc;
    FM_TIMEOUT(connect_patience(), rc) {
        rc = fm_gather(
            fm_go(usher, listener, host->says, host->hears, host->sizes),
            fm_go(guest, caller->address, caller->proxy));
    }
    fm_listener_close(listener);
    return rc;
}

static const char *const nothing[] = {NULL};

static int connect_by_name(void *arg)
{
    static const struct usher host = {.says = nothing};
    char address[64];
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    snprintf(address, sizeof address, "a.name:%d",
             fm_address_port(fm_listener_address(listener)));
    const struct guest caller = {address, NULL};
    fm__race_names = connect_names;
    rc = connect_meet(listener, &host, &caller);
    fm__race_names = NULL;
    return rc;
}

static int connect_in_vain(void *arg)
{
    char address[64];
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    snprintf(address, sizeof address, "a.name:%d",
             fm_address_port(fm_listener_address(listener)));
    fm_listener_close(listener);
    fm__race_names = connect_names;
    rc = fm_await(fm_go(guest, address, NULL));
    fm__race_names = NULL;
    return rc;
}

static int connect_over(const char *scheme, const struct usher *host)
{
    char proxy[FM_ADDRESS_TEXT + 32], address[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen("127.0.0.1:0", &listener);
    if (rc < 0)
        return rc;
    snprintf(proxy, sizeof proxy, "%s%s", scheme,
             fm_address_format(fm_listener_address(listener), address));
    const struct guest caller = {"far.example:1", proxy};
    return connect_meet(listener, host, &caller);
}

static int connect_over_socks(void *arg)
{
    static const char *const says[] = {"\x05\x02", "\x01\x00",
                                       "\x05\0\0\x01\0\0\0\0\0\0", NULL};
    static const size_t hears[] = {4, 5, 18}, sizes[] = {2, 2, 10};
    static const struct usher host = {NULL, says, hears, sizes};
    (void)arg;
    return connect_over("socks5://a:b@", &host);
}

static int connect_over_http(void *arg)
{
    static const char *const says[] = {"HTTP/1.1 200 OK\r\n\r\n", NULL};
    static const size_t hears[] = {55}, sizes[] = {19};
    static const struct usher host = {NULL, says, hears, sizes};
    (void)arg;
    return connect_over("http://", &host);
}

/* Two guests, one by each entrance where there are two; one host waits in
 * vain, is cut, and its place taken. */
static int connect_by_many(void *arg)
{
    static const char *const hosts[] = {"[::1]", "127.0.0.1"};
    char addresses[2][64];
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("*:0", &listener);
    if (rc < 0)
        return rc;
    bool two = fm_listener_address_at(listener, 1) != NULL;
    for (int i = 0; i < 2; i++)
        snprintf(addresses[i], sizeof addresses[i], "%s:%d", hosts[two ? i : 1],
                 fm_address_port(fm_listener_address(listener)));
    FM_TIMEOUT(connect_patience(), rc) {
        rc = fm_gather(fm_go(usher, listener, nothing, NULL, NULL),
                       fm_go(usher, listener, nothing, NULL, NULL),
                       fm_go(guest, addresses[0], NULL),
                       fm_go(guest, addresses[1], NULL));
    }
    fm_listener_close(listener);
    return rc;
}

const struct scenario sweep_races[] = {
    {"connect-name", connect_by_name,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}},
    {"connect-vain", connect_in_vain, .result = -ECONNREFUSED,
     .also = {-ECONNRESET}},
    {"socks", connect_over_socks,
     .also = {-ECONNRESET, -FM_EPROXY, -ETIMEDOUT}},
    {"tunnel", connect_over_http,
     .also = {-ECONNRESET, -FM_EPROXY, -ETIMEDOUT}},
    {"entrances", connect_by_many,
     .also = {-ECONNRESET, -ECONNREFUSED, -ETIMEDOUT}},
    {.name = NULL},
};
