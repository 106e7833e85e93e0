/*
 * reaching.c - a client that says what it has tried
 *
 *   reaching [ADDRESS [PROXY]]     "example.org:80", "socks5://127.0.0.1:1080"
 *
 * Without an address it listens itself, at all addresses of localhost, and
 * then does not any more.
 */
#include <fermata.h>
#include <stdio.h>

/* [failures] */
/* A name may have many addresses, and each of them fails in its own way. */
static void print_failures(const fm_connect_failures *failures)
{
    char text[FM_ADDRESS_TEXT];
    for (size_t i = 0; i < failures->count && i < FM_CONNECT_FAILURES; i++)
        printf("  %s: %s\n",
               fm_address_format(&failures->first[i].address, text),
               fm_strerror(failures->first[i].error));
    if (failures->reply != 0)
        printf("  the proxy answered %d\n", failures->reply);
}

static int reach(const char *address, const char *proxy)
{
    fm_connect_failures failures = {0};
    const fm_connect_options options = {
        .proxy = proxy,
        .failures = &failures,
    };
    fm_stream *stream;
    int rc;
    FM_TIMEOUT(10, rc) {
        rc = fm_connect(address, &stream, &options);
    }
    printf("%s: %s\n", address, fm_strerror(rc));
    print_failures(&failures);
    return rc < 0 ? rc : fm_close(stream);
}
/* [/failures] */

/* [name] */
/* One listener, with a socket for each address of the name. */
static int listen_by_name(char *address, size_t size, fm_listener **listener)
{
    char text[FM_ADDRESS_TEXT];
    const fm_address *at;
    int rc = fm_listen("localhost:0", listener);
    if (rc < 0)
        return rc;
    for (size_t i = 0; (at = fm_listener_address_at(*listener, i)) != NULL; i++)
        printf("listening on %s\n", fm_address_format(at, text));
    snprintf(address, size, "localhost:%d",
             fm_address_port(fm_listener_address(*listener)));
    return 0;
}
/* [/name] */

static int show(void)
{
    char address[32];
    fm_listener *listener;
    int rc = listen_by_name(address, sizeof address, &listener);
    if (rc < 0)
        return rc;
    rc = reach(address, NULL);
    fm_listener_close(listener);
    if (rc == 0 && reach(address, NULL) == 0)
        printf("somebody else was faster\n");
    return rc;
}

static int story(void *args)
{
    char **arguments = args;
    if (arguments[0] == NULL)
        return show();
    return reach(arguments[0], arguments[1]);
}

int main(int argc, char **argv)
{
    int rc = fm_run(story, argv + (argc > 0));
    if (rc < 0)
        fprintf(stderr, "reaching: %s\n", fm_strerror(rc));
    return rc < 0;
}
