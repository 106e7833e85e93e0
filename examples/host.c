/*
 * host.c - what name servers know: host [NAME | ADDRESS | SERVICE] [SERVER]
 *
 * NAME gives its addresses and texts, ADDRESS its name, and "_xmpp._tcp.NAME"
 * where that service is. SERVER, an address with a port, is asked in place of
 * those that the system has.
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

struct inquiry {
    const char *what;
    const char *server; /* or NULL */
};

/* [addresses] */
static int print_addresses(const char *name, const fm_resolve_options *options)
{
    fm_address found[16];
    char text[FM_ADDRESS_TEXT];
    int count = fm_resolve(name, 80, found, 16, options);
    for (int i = 0; i < count; i++)
        printf("%s is %s\n", name, fm_address_format(&found[i], text));
    return count;
}
/* [/addresses] */

/* [name] */
static int print_name(const fm_address *address,
                      const fm_resolve_options *options)
{
    char name[FM_NAME_SIZE];
    int rc = fm_resolve_name(address, name, sizeof name, options);
    if (rc > 0)
        printf("its name is %s\n", name);
    return rc;
}
/* [/name] */

/* [services] */
/* In the order in which a client should try them. */
static int print_services(const char *name, const fm_resolve_options *options)
{
    fm_service services[8];
    int count = fm_resolve_service(name, services, 8, options);
    for (int i = 0; i < count; i++)
        printf("%s port %d\n", services[i].host, services[i].port);
    return count;
}
/* [/services] */

/* [texts] */
static int print_texts(const char *name, const fm_resolve_options *options)
{
    char texts[2048];
    const char *text = texts;
    int count = fm_resolve_text(name, texts, sizeof texts, options);
    for (int i = 0; i < count; i++) {
        printf("\"%s\"\n", text);
        text += strlen(text) + 1;
    }
    return count;
}
/* [/texts] */

static int print_all(const char *what, const fm_resolve_options *options)
{
    char whole[FM_ADDRESS_TEXT];
    fm_address address;
    snprintf(whole, sizeof whole, strchr(what, ':') ? "[%s]:80" : "%s:80",
             what);
    if (fm_address_parse(whole, &address) == 0)
        return print_name(&address, options);
    if (what[0] == '_')
        return print_services(what, options);
    int rc = print_addresses(what, options);
    if (options->resolver == NULL)
        return rc;
    int texts = print_texts(what, options);
    return rc < 0 && rc != -FM_ENODATA ? rc : texts == -FM_ENODATA ? 0 : texts;
}

/* [server] */
/* Asks the loop's own resolver, or one that knows this server alone. */
static int inquire(void *arg)
{
    const struct inquiry *inquiry = arg;
    fm_resolve_options options = {.resolver = NULL};
    int rc = 0;
    if (inquiry->server != NULL) {
        const fm_resolver_options asked = {.servers = inquiry->server,
                                           .timeout = 2};
        rc = fm_resolver_new(&options.resolver, &asked);
    }
    if (rc == 0) {
        FM_TIMEOUT(10, rc) {
            rc = print_all(inquiry->what, &options);
        }
    }
    fm_resolver_free(options.resolver);
    return rc;
}
/* [/server] */

int main(int argc, char **argv)
{
    struct inquiry inquiry = {
        .what = argc > 1 ? argv[1] : "localhost",
        .server = argc > 2 ? argv[2] : NULL,
    };
    int rc = fm_run(inquire, &inquiry);
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", inquiry.what, fm_strerror(rc));
    return rc < 0;
}
