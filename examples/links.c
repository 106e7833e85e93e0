/*
 * links.c - where the links of a page lead to
 *
 *   links [PAGE LINK...]
 *
 * What a crawler does with each link: resolve it, and write it so that the
 * same page has the same text.
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>

static bool is_elsewhere(const fm_url *url, const fm_url *page)
{
    return strcmp(fm_url_get(url, FM_URL_ORIGIN),
                  fm_url_get(page, FM_URL_ORIGIN)) != 0;
}

/* [resolve] */
/* Without the fragment, which only a browser looks at. */
static void follow(const char *link, const fm_url *page)
{
    fm_url *url;
    if (fm_url_parse(link, page, &url) < 0) {
        printf("%-22s leads nowhere\n", link);
        return;
    }
    fm_url_set(url, FM_URL_HASH, "");
    printf("%-22s %s%s\n", link, fm_url_text(url),
           is_elsewhere(url, page) ? ", which is elsewhere" : "");
    fm_url_free(url);
}
/* [/resolve] */

int main(int argc, char **argv)
{
    static char *const example[] = {
        "https://Example.org:443/guide/",
        "../index.html",
        "next?page=2#top",
        "//static.example.org",
        "HTTPS://EXAMPLE.ORG",
        "mailto:us@example.org",
        "a b",
        "http://1.2.3.256/",
        "http://0x7f.1/",
    };
    char *const *words = argc > 1 ? argv + 1 : example;
    int count = argc > 1 ? argc - 1 : (int)(sizeof example / sizeof *example);
    fm_url *page;
    if (fm_url_parse(words[0], NULL, &page) < 0) {
        fprintf(stderr, "%s is no URL\n", words[0]);
        return 1;
    }
    printf("%-22s %s, port %d\n", "", fm_url_text(page), fm_url_port(page));
    for (int i = 1; i < count; i++)
        follow(words[i], page);
    fm_url_free(page);
    return 0;
}
