/*
 * greeter.c - whoever connects says a name, and is called by it
 *
 *   greeter [ADDRESS]  127.0.0.1:7000; with port 0 the system chooses one
 */
#include <fermata.h>
#include <stdio.h>

/* [visit] */
static ssize_t answer(fm_stream *client, const char *name, const char *words)
{
    char line[600];
    int size = snprintf(line, sizeof line, "%s: %s\n", name, words);
    return fm_write(client, line, (size_t)size);
}

static int visit(fm_stream *client, void *arg)
{
    char name[32], words[512];
    (void)arg;
    ssize_t n = fm_read_line(client, name, sizeof name);
    if (n >= 0)
        n = answer(client, name, "is here");
    while (n >= 0 && (n = fm_read_line(client, words, sizeof words)) >= 0)
        n = answer(client, name, words);
    return n == -FM_EEOF ? 0 : (int)n;
}
/* [/visit] */

static int greeter(void *address)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    int rc = fm_listen(address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_serve(listener, visit, NULL);
}

int main(int argc, char **argv)
{
    int rc = fm_run(greeter, argc > 1 ? argv[1] : "127.0.0.1:7000");
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "greeter: %s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
