/*
 * web.c - what a user's first program needs of an installed fermata-http
 */
#include <fermata.h>
#include <stdio.h>

int main(void)
{
    fm_url *url;
    int rc = fm_url_parse("http://example.org:42/", NULL, &url);
    if (rc < 0)
        return 1;
    printf("%s %d\n", fm_version(), fm_url_port(url));
    fm_url_free(url);
    return 0;
}
