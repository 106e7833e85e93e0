/*
 * robots_fetch.c - a site's robots.txt, and what its absence means
 */
#include <fermata/robots.h>

#include "base/memory.h"

#include <errno.h>
#include <fermata/url.h>

/* As much as counts of it. */
static ssize_t robots_fetch_load(fm_response *response, char *text)
{
    size_t size = 0;
    ssize_t some = 1;
    while (some > 0 && size < FM_ROBOTS_LIMIT) {
        some = fm_response_read(response, text + size, FM_ROBOTS_LIMIT - size);
        size += some > 0 ? (size_t)some : 0;
    }
    return some < 0 ? some : (ssize_t)size;
}

static int robots_fetch_read(fm_response *response, const char *agent,
                             fm_robots **robots)
{
    int status = fm_response_status(response);
    if (status >= 400 && status < 500)
        return fm_robots_parse("", 0, agent, robots);
    if (status < 200 || status > 299)
        return -EACCES;
    char *text = fm__memory_new(FM_ROBOTS_LIMIT);
    if (text == NULL)
        return -ENOMEM;
    ssize_t size = robots_fetch_load(response, text);
    int rc = size < 0 ? (int)size
                      : fm_robots_parse(text, (size_t)size, agent, robots);
    fm__memory_free(text);
    return rc;
}

static int robots_fetch_ask(fm_http_client *client, const char *url,
                            const char *agent, fm_robots **robots)
{
    const fm_http_request request = {.redirects = FM_ROBOTS_REDIRECTS};
    fm_response *response;
    int rc = fm_http_fetch(client, url, &response, &request);
    if (rc == -FM_EHTTPREDIRECT)
        return fm_robots_parse("", 0, agent, robots);
    if (rc < 0)
        return rc;
    rc = robots_fetch_read(response, agent, robots);
    fm_response_close(response);
    return rc;
}

int fm_robots_fetch(fm_http_client *client, const char *url, const char *agent,
                    fm_robots **robots)
{
    fm_url *site;
    int rc = fm_url_parse(url, NULL, &site);
    if (rc < 0)
        return rc;
    fm_url *place = NULL;
    rc = fm_url_parse("/robots.txt", site, &place);
    if (rc == 0)
        rc = robots_fetch_ask(client, fm_url_text(place), agent, robots);
    fm_url_free(place);
    fm_url_free(site);
    return rc;
}
