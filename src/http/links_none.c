/*
 * links_none.c - no page is read, where libxml2 is not there
 */
#include <fermata/links.h>

#include <errno.h>

int fm__links_new(const char *url, const char *type, fm_links **links,
                  const fm_links_options *options)
{
    (void)url;
    (void)type;
    (void)links;
    (void)options;
    return -EOPNOTSUPP;
}

/* There are none to be asked. */
int fm_links_feed(fm_links *links, const void *bytes, size_t size)
{
    (void)links;
    (void)bytes;
    (void)size;
    return 0;
}

int fm_links_next(fm_links *links, fm_link *link)
{
    (void)links;
    (void)link;
    return 0;
}

void fm_links_free(fm_links *links)
{
    (void)links;
}
