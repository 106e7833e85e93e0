/*
 * settings.c - files as resolv.conf(5) and nsswitch.conf(5)
 *
 * What is not understood is passed over, as the system's library does.
 */
#include "net/settings.h"

#include "net/host_name.h"
#include "net/text_file.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

enum {
    SETTINGS_PORT = 53 /* RFC 1035, 4.2 */
};

void fm__settings_init(struct fm__settings *settings)
{
    *settings = (struct fm__settings){
        .ndots = 1,
        .attempts = 2,
        .timeout = 5,
    };
}

static void settings_server(struct fm__settings *settings, const char *word)
{
    fm_address address;
    struct sockaddr_in6 v6;
    if (settings->given || settings->server_count == FM__SERVERS_LIMIT ||
        fm__name_literal(word, &address) < 0)
        return;
    /* The port is at the same place in both families. */
    memcpy(&v6, &address.storage, sizeof v6);
    v6.sin6_port = htons(SETTINGS_PORT);
    memcpy(&address.storage, &v6, sizeof v6);
    settings->servers[settings->server_count++] = address;
}

static void settings_search(struct fm__settings *settings, char *line)
{
    const char *word;
    settings->search_count = 0; /* the last line counts */
    while ((word = fm__text_word(&line)) != NULL) {
        size_t next = settings->search_count;
        if (next < FM__SEARCH_LIMIT &&
            fm__name_copy(word, settings->search[next]) > 0)
            settings->search_count++;
    }
}

/* The number behind a word's name, within bounds; or what it was. */
static int settings_number(const char *word, const char *name, int most,
                           int before)
{
    size_t size = strlen(name);
    int number = 0;
    if (strncmp(word, name, size) != 0 || word[size] == '\0')
        return before;
    for (word += size; *word >= '0' && *word <= '9'; word++) {
        number = number * 10 + (*word - '0');
        if (number > most)
            number = most;
    }
    return *word == '\0' ? number : before;
}

static void settings_option(struct fm__settings *settings, const char *word)
{
    settings->ndots =
        settings_number(word, "ndots:", FM__NDOTS_MAX, settings->ndots);
    settings->timeout =
        settings_number(word, "timeout:", FM__TIMEOUT_MAX, settings->timeout);
    settings->attempts = settings_number(word, "attempts:", FM__ATTEMPTS_MAX,
                                         settings->attempts);
    if (strcmp(word, "rotate") == 0)
        settings->rotate = true;
    if (strcmp(word, "use-vc") == 0)
        settings->streams = true;
}

static void settings_line(struct fm__settings *settings, char *line)
{
    const char *word = fm__text_word(&line);
    if (word == NULL)
        return;
    if (strcmp(word, "domain") == 0 || strcmp(word, "search") == 0) {
        settings_search(settings, line);
    } else if (strcmp(word, "nameserver") == 0) {
        word = fm__text_word(&line);
        if (word != NULL)
            settings_server(settings, word);
    } else if (strcmp(word, "options") == 0) {
        while ((word = fm__text_word(&line)) != NULL)
            settings_option(settings, word);
    }
}

void fm__settings_read(struct fm__settings *settings, char *text)
{
    char *line;
    while ((line = fm__text_line(&text, "#;")) != NULL)
        settings_line(settings, line);
    if (settings->timeout < 1)
        settings->timeout = 1;
    if (settings->attempts < 1)
        settings->attempts = 1;
}

static bool settings_among(const char *word, const char *const *words)
{
    while (*words != NULL && strcmp(word, *words) != 0)
        words++;
    return *words != NULL;
}

static void settings_source(struct fm__settings *settings, const char *word)
{
    static const char *const ours[] = {"files", "dns", NULL};
    if (word[0] == '[' || settings_among(word, ours))
        return;
    if (strcmp(word, "myhostname") == 0)
        settings->own_name = true;
    else if (strncmp(word, "mdns", 4) == 0)
        settings->multicast = true;
    else
        settings->system = true;
}

/* "[NOTFOUND=return]" may have blanks inside. */
static void settings_sources(struct fm__settings *settings, char *line)
{
    const char *word;
    bool inside = false;
    while ((word = fm__text_word(&line)) != NULL) {
        inside = inside || word[0] == '[';
        if (!inside)
            settings_source(settings, word);
        if (strchr(word, ']') != NULL)
            inside = false;
    }
}

void fm__settings_switch(struct fm__settings *settings, char *text)
{
    static const char hosts[] = "hosts:";
    char *line;
    while ((line = fm__text_line(&text, "#")) != NULL) {
        line += strspn(line, " \t");
        if (strncmp(line, hosts, strlen(hosts)) == 0)
            settings_sources(settings, line + strlen(hosts));
    }
}

int fm__settings_servers(struct fm__settings *settings, const char *text)
{
    char one[FM_ADDRESS_TEXT];
    settings->given = true;
    settings->server_count = 0;
    for (text += strspn(text, " ,"); *text != '\0';
         text += strspn(text, " ,")) {
        size_t size = strcspn(text, " ,");
        if (size >= sizeof one || settings->server_count == FM__SERVERS_LIMIT)
            return -EINVAL;
        memcpy(one, text, size);
        one[size] = '\0';
        int rc =
            fm_address_parse(one, &settings->servers[settings->server_count]);
        if (rc < 0)
            return rc;
        settings->server_count++;
        text += size;
    }
    return settings->server_count > 0 ? 0 : -EINVAL;
}
