/*
 * addresses.c - the addresses of the names that come in, 20 at a time
 *
 *   printf 'localhost\nexample.org\n' | addresses
 *
 * One line a name, in the order of the answers.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

#define AT_ONCE 20
#define PATIENCE 5 /* seconds for one name */
#define MOST 8     /* addresses of one name */

/* [names] */
/* A struct, to be copied to the task: an array would be lent. */
struct host {
    char name[FM_NAME_SIZE];
};

struct look_up {
    fm_stream *out;
    struct host host;
};

/* A name's line is one write: lines of two tasks are never mixed. */
static int look_up(struct look_up *self)
{
    fm_address found[MOST];
    char line[MOST * FM_ADDRESS_TEXT] = "", text[FM_ADDRESS_TEXT];
    int count, size = 0;
    FM_TIMEOUT(PATIENCE, count) {
        count = fm_resolve(self->host.name, 80, found, MOST);
    }
    for (int i = 0; i < count; i++)
        size += snprintf(line + size, sizeof line - (size_t)size, " %s",
                         fm_address_format(&found[i], text));
    if (count < 0)
        snprintf(line, sizeof line, " %s", fm_strerror(count));
    ssize_t n = fm_printf(self->out, "%s:%s\n", self->host.name, line);
    return n < 0 ? (int)n : 0;
}

/* Lines are read no faster than names are looked up. */
static int look_up_all(fm_stream *in, fm_stream *out)
{
    struct host host;
    ssize_t n = 0;
    int rc;
    FM_GROUP(group, rc, .limit = AT_ONCE) {
        while (rc == 0 && n >= 0) {
            n = fm_read_line(in, host.name, sizeof host.name);
            if (n >= 0)
                rc = fm_group_go(group, look_up, out, host);
        }
    }
    return rc < 0 || n == -FM_EEOF ? rc : (int)n;
}
/* [/names] */

static int filter(void *arg)
{
    fm_stream *in = NULL, *out = NULL;
    (void)arg;
    int rc = fm_stdin(&in);
    if (rc == 0)
        rc = fm_stdout(&out);
    if (rc == 0)
        rc = look_up_all(in, out);
    int closed = fm_close(out);
    fm_close(in);
    return rc < 0 ? rc : closed;
}

int main(void)
{
    int rc = fm_run(filter, NULL);
    if (rc < 0 && rc != -EPIPE) /* the next program has had enough */
        fprintf(stderr, "addresses: %s\n", fm_strerror(rc));
    return rc < 0;
}
