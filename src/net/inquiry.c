/*
 * inquiry.c - names of addresses, services, texts
 *
 * Each is one question, of a complete name, settled by one answer.
 */
#include "base/memory.h"
#include "net/resolver.h"

#include <assert.h>
#include <errno.h>
#include <fermata/error.h>
#include <string.h>

struct inquiry {
    fm_resolver *resolver;
    struct fm__files *files;
    struct fm__entry *entry;
    char name[FM_NAME_SIZE];
};

/* 0: the files are held and the resolver is in use, until inquiry_close. */
static int inquiry_open(struct inquiry *self, const fm_resolve_options *options)
{
    fm_resolver *given = options != NULL ? options->resolver : NULL;
    int rc = fm__resolver_of(given, "fm_resolve", &self->resolver);
    if (rc < 0)
        return rc;
    self->resolver->waits++;
    rc = fm__files_get(self->resolver, &self->files);
    if (rc < 0)
        self->resolver->waits--;
    return rc;
}

static void inquiry_close(struct inquiry *self)
{
    fm__entry_put(self->entry);
    fm__files_put(self->files);
    self->resolver->waits--;
}

static int inquiry_ask(struct inquiry *self, enum fm__record_type type)
{
    const struct fm__question question = {self->name, type};
    if (!fm__ask_possible)
        return -ENOSYS;
    int rc =
        fm__entry_want(self->resolver, self->files, &question, &self->entry);
    if (rc == 0)
        rc = fm__entry_wait(self->entry);
    return rc == 0 ? self->entry->answer->rc : rc;
}

static const unsigned char *inquiry_record(const struct inquiry *self,
                                           size_t *offset, size_t *size)
{
    return fm__answer_next(self->entry->answer, offset, size);
}

/* The name of an address into self->name. */
static int inquiry_pointer(struct inquiry *self, const fm_address *address)
{
    size_t offset = 0, size;
    const char *name = fm__hosts_name(&self->files->hosts, address);
    if (name != NULL) {
        fm__name_put(self->name, name);
        return 0;
    }
    if (!fm__ask_possible || self->files->settings.system)
        return fm__system_name(address, self->name);
    int rc = fm__name_reverse(address, self->name);
    if (rc == 0)
        rc = inquiry_ask(self, FM__RECORD_PTR);
    if (rc < 0)
        return rc;
    const unsigned char *record = inquiry_record(self, &offset, &size);
    if (record == NULL)
        return -FM_ENODATA;
    fm__name_put(self->name, (const char *)record);
    return 0;
}

int fm__resolve_name(const fm_address *address, char *name, size_t size,
                     const fm_resolve_options *options)
{
    struct inquiry self = {.entry = NULL};
    int rc = fm__checkpoint(fm__current, "fm_resolve_name");
    if (rc == 0 && fm__name_reverse(address, self.name) < 0)
        rc = -EINVAL;
    if (rc == 0)
        rc = inquiry_open(&self, options);
    if (rc != 0)
        return rc;
    rc = inquiry_pointer(&self, address);
    inquiry_close(&self);
    if (rc < 0)
        return rc;
    size_t length = strlen(self.name);
    if (length >= size)
        return -EMSGSIZE;
    memcpy(name, self.name, length + 1);
    return (int)length;
}

static int inquiry_number(const unsigned char *bytes)
{
    return bytes[0] << 8 | bytes[1];
}

/* The services of an answer, in its order; one "." means that there is none. */
static size_t inquiry_services(const struct inquiry *self, fm_service *services,
                               size_t count)
{
    size_t offset = 0, size, filled = 0;
    while (filled < count) {
        const unsigned char *record = inquiry_record(self, &offset, &size);
        if (record == NULL)
            break;
        fm_service *service = &services[filled];
        service->priority = inquiry_number(record);
        service->weight = inquiry_number(record + 2);
        service->port = inquiry_number(record + 4);
        fm__name_put(service->host, (const char *)record + 6);
        filled += service->host[0] != '\0';
    }
    return filled;
}

/* How many from the start have one priority, the lowest of all; those of a
 * higher one are behind them. */
static size_t inquiry_equals(fm_service *services, size_t count)
{
    size_t equals = 0;
    int least = services[0].priority;
    for (size_t i = 1; i < count; i++) {
        if (services[i].priority < least)
            least = services[i].priority;
    }
    for (size_t i = 0; i < count; i++) {
        fm_service service = services[i];
        if (service.priority != least)
            continue;
        services[i] = services[equals];
        services[equals++] = service;
    }
    return equals;
}

/* One of them by lot, each with the chance of its weight: RFC 2782. One in so
 * many has a chance also where its weight is 0. */
static size_t inquiry_draw(struct fm__loop *loop, const fm_service *services,
                           size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (uint64_t)services[i].weight * 100 + 1;
    uint64_t lot = fm__loop_random(loop) % sum;
    for (size_t i = 0; i < count; i++) {
        uint64_t chance = (uint64_t)services[i].weight * 100 + 1;
        if (lot < chance)
            return i;
        lot -= chance;
    }
    return 0;
}

static void inquiry_shuffle(struct fm__loop *loop, fm_service *services,
                            size_t count)
{
    while (count > 0) {
        size_t equals = inquiry_equals(services, count);
        assert(equals > 0);
        size_t drawn = inquiry_draw(loop, services, equals);
        fm_service first = services[drawn];
        services[drawn] = services[0];
        services[0] = first;
        services++;
        count--;
    }
}

/* Every service has to be seen before the first of them is known. */
static int inquiry_choose(const struct inquiry *self, fm_service *services,
                          size_t count)
{
    static const size_t size = sizeof(fm_service);
    size_t all = self->entry->answer->count;
    fm_service *drawn = fm__memory_new(all * size);
    if (drawn == NULL)
        return -ENOMEM;
    all = inquiry_services(self, drawn, all);
    inquiry_shuffle(self->resolver->loop, drawn, all);
    if (count > all)
        count = all;
    memcpy(services, drawn, count * size);
    fm__memory_free(drawn);
    return count > 0 ? (int)count : -FM_ENODATA;
}

static int inquiry_begin(struct inquiry *self, const char *name, size_t room,
                         const fm_resolve_options *options)
{
    int rc = fm__checkpoint(fm__current, "fm_resolve");
    if (rc == 0)
        rc = room > 0 ? fm__name_copy(name, self->name) : -EINVAL;
    return rc < 0 ? rc : inquiry_open(self, options);
}

int fm__resolve_service(const char *name, fm_service *services, size_t count,
                        const fm_resolve_options *options)
{
    struct inquiry self = {.entry = NULL};
    int rc = inquiry_begin(&self, name, count, options);
    if (rc < 0)
        return rc;
    rc = inquiry_ask(&self, FM__RECORD_SERVICE);
    if (rc == 0)
        rc = inquiry_choose(&self, services, count);
    inquiry_close(&self);
    return rc;
}

static int inquiry_texts(const struct inquiry *self, char *texts, size_t room)
{
    size_t offset = 0, size;
    const unsigned char *record;
    int count = 0;
    while ((record = inquiry_record(self, &offset, &size)) != NULL) {
        if (size > 0 && memchr(record, '\0', size) != NULL)
            continue;
        if (size >= room)
            return -EMSGSIZE;
        if (size > 0)
            memcpy(texts, record, size);
        texts[size] = '\0';
        texts += size + 1;
        room -= size + 1;
        count++;
    }
    return count > 0 ? count : -FM_ENODATA;
}

int fm__resolve_text(const char *name, char *texts, size_t size,
                     const fm_resolve_options *options)
{
    struct inquiry self = {.entry = NULL};
    int rc = inquiry_begin(&self, name, size, options);
    if (rc < 0)
        return rc;
    rc = inquiry_ask(&self, FM__RECORD_TEXT);
    if (rc == 0)
        rc = inquiry_texts(&self, texts, size);
    inquiry_close(&self);
    return rc;
}
