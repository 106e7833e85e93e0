/*
 * proxies.c - who asks the servers for a client
 *
 * Plain HTTP is said to an HTTP proxy itself, on a connection that serves for
 * all servers; everything else goes through by fm_connect.
 */
#include "base/memory.h"
#include "http/client_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

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

/* What is an address is not below another. */
static bool proxies_is_address(const char *host)
{
    return strchr(host, ':') != NULL ||
           host[strspn(host, "0123456789.")] == '\0';
}

static bool proxies_covers(const char *name, size_t size, const char *host)
{
    size_t host_size = strlen(host);
    while (host_size > 0 && host[host_size - 1] == '.')
        host_size--;
    if (host_size < size ||
        strncasecmp(host + host_size - size, name, size) != 0)
        return false;
    return host_size == size || (host[host_size - size - 1] == '.' &&
                                 !proxies_is_address(host));
}

/* A list has the host, or one that it is below. */
static bool proxies_lists(const char *list, const char *host)
{
    while (*list != '\0') {
        list += strspn(list, " ,");
        size_t size = strcspn(list, " ,");
        bool dotted = size > 1 && *list == '.';
        if ((size == 1 && *list == '*') ||
            (size > 0 && proxies_covers(list + dotted, size - dotted, host)))
            return true;
        list += size;
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
