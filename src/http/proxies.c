/*
 * proxies.c - who asks the servers for a client
 *
 * Plain HTTP is said to an HTTP proxy itself, on a connection that serves for
 * all servers; everything else, WebSockets too, goes through by fm_connect.
 */
#include "base/memory.h"
#include "http/client_record.h"
#include "proto/slice.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define PROXIES_KEY "proxy "

/* ---- what is said ------------------------------------------------------- */

static char *proxies_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = fm__memory_resize(NULL, size);
    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

/* As fm_connect reads it, with its port. */
static char *proxies_text(const fm_url *url)
{
    const char *user = fm_url_get(url, FM_URL_USERNAME);
    const char *word = fm_url_get(url, FM_URL_PASSWORD);
    bool named = user[0] != '\0' || word[0] != '\0';
    size_t size =
        strlen(fm_url_text(url)) + sizeof PROXIES_KEY "http://:@:65535";
    char *text = fm__memory_resize(NULL, size);
    if (text != NULL)
        snprintf(text, size, PROXIES_KEY "http://%s%s%s%s%s:%d", user,
                 named ? ":" : "", word, named ? "@" : "",
                 fm_url_get(url, FM_URL_HOSTNAME), fm_url_port(url));
    return text;
}

static int proxies_relay(struct fm__proxying *proxy, const char *text)
{
    int rc = fm_url_parse(text, NULL, &proxy->relay);
    if (rc < 0)
        return rc;
    proxy->key = proxies_text(proxy->relay);
    if (proxy->key == NULL)
        return -ENOMEM;
    proxy->text = proxy->key + strlen(PROXIES_KEY);
    return 0;
}

static int proxies_set(struct fm__proxying *proxy, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return 0;
    if (strncmp(text, "http://", 7) == 0)
        return proxies_relay(proxy, text);
    if (strncmp(text, "socks5://", 9) != 0 &&
        strncmp(text, "socks5h://", 10) != 0)
        return -EINVAL;
    proxy->key = proxies_copy(text);
    proxy->text = proxy->key;
    return proxy->key != NULL ? 0 : -ENOMEM;
}

/* ---- the environment ---------------------------------------------------- */

/* Small letters first. A CGI server puts the field "Proxy" of a request, which
 * is a stranger's, into HTTP_PROXY: that one is never looked at. */
static const char *proxies_variable(const char *small, const char *large)
{
    const char *value = getenv(small);
    return value == NULL && large != NULL ? getenv(large) : value;
}

/* What has no scheme is an HTTP proxy. */
static int proxies_set_variable(struct fm__proxying *proxy, const char *value)
{
    if (value == NULL)
        value = proxies_variable("all_proxy", "ALL_PROXY");
    if (value == NULL || value[0] == '\0' || strstr(value, "://") != NULL)
        return proxies_set(proxy, value);
    size_t size = strlen(value) + sizeof "http://";
    char *text = fm__memory_resize(NULL, size);
    if (text == NULL)
        return -ENOMEM;
    snprintf(text, size, "http://%s", value);
    int rc = proxies_set(proxy, text);
    fm__memory_free(text);
    return rc;
}

static int proxies_from_environment(fm_http_client *client)
{
    const char *except = proxies_variable("no_proxy", "NO_PROXY");
    int rc = proxies_set_variable(&client->proxies[false],
                                  proxies_variable("http_proxy", NULL));
    if (rc == 0)
        rc = proxies_set_variable(
            &client->proxies[true],
            proxies_variable("https_proxy", "HTTPS_PROXY"));
    if (rc < 0 || client->options.no_proxy != NULL || except == NULL)
        return rc;
    client->no_proxy = proxies_copy(except);
    client->options.no_proxy = client->no_proxy;
    return client->no_proxy != NULL ? 0 : -ENOMEM;
}

int fm__proxies_init(fm_http_client *client)
{
    const fm_http_client_options *options = &client->options;
    if (options->proxy == NULL)
        return options->environment ? proxies_from_environment(client) : 0;
    int rc = proxies_set(&client->proxies[false], options->proxy);
    return rc < 0 ? rc : proxies_set(&client->proxies[true], options->proxy);
}

void fm__proxies_fini(fm_http_client *client)
{
    for (size_t i = 0; i < FM__COUNT(client->proxies); i++) {
        fm_url_free(client->proxies[i].relay);
        fm__memory_free(client->proxies[i].key);
    }
    fm__memory_free(client->no_proxy);
}

/* ---- who is asked ------------------------------------------------------- */

/* Without the brackets of IPv6 and the dot at the end of a name. */
static struct fm__slice proxies_bare(struct fm__slice host)
{
    if (host.size > 2 && host.at[0] == '[' && host.at[host.size - 1] == ']')
        return (struct fm__slice){host.at + 1, host.size - 2};
    while (host.size > 0 && host.at[host.size - 1] == '.')
        host.size--;
    return host;
}

/* What is an address is not below another. */
static bool proxies_is_address(struct fm__slice host)
{
    size_t i = 0;
    while (i < host.size && strchr("0123456789.", host.at[i]) != NULL)
        i++;
    return i == host.size || fm__slice_find(host, ':') < host.size;
}

static bool proxies_covers(struct fm__slice name, struct fm__slice host)
{
    bool dotted = name.size > 1 && name.at[0] == '.';
    name = proxies_bare(fm__slice_after(name, dotted));
    if (name.size == 0 || host.size < name.size)
        return false;
    size_t above = host.size - name.size;
    return fm__slice_like(fm__slice_after(host, above), name) &&
           (above == 0 ||
            (host.at[above - 1] == '.' && !proxies_is_address(host)));
}

/* A list has the host, or one that it is below. */
static bool proxies_lists(const char *list, const char *host)
{
    struct fm__slice bare = proxies_bare(fm__slice_of(host));
    while (*list != '\0') {
        list += strspn(list, " ,");
        struct fm__slice name = {list, strcspn(list, " ,")};
        if (fm__slice_is(name, FM__SLICE("*")) || proxies_covers(name, bare))
            return true;
        list += name.size;
    }
    return false;
}

const struct fm__proxying *fm__proxies_find(const fm_http_client *client,
                                            const fm_url *url)
{
    const fm_http_client_options *options = &client->options;
    bool secure = strcmp(fm_url_get(url, FM_URL_PROTOCOL), "https:") == 0;
    const struct fm__proxying *proxy = &client->proxies[secure];
    const char *host = fm_url_get(url, FM_URL_HOSTNAME);
    if (proxy->text == NULL || options->address != NULL ||
        options->handler != NULL)
        return NULL;
    if (options->no_proxy != NULL && proxies_lists(options->no_proxy, host))
        return NULL;
    return proxy;
}
