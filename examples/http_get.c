/*
 * http_get.c - prints what lies at a URL
 *
 *   http_get URL
 */
#include <fermata.h>
#include <stdio.h>

/* [get] */
static int get(void *url)
{
    fm_http_failure failure;
    fm_response *response;
    int rc =
        fm_http_get(url, &response, &(fm_http_request){.failure = &failure});
    if (rc < 0) {
        fprintf(stderr, "http_get: %s\n", failure.text);
        return rc;
    }
    fprintf(stderr, "%d %s\n", fm_response_status(response),
            fm_response_url(response));
    fputs(fm_response_text(response), stdout);
    fm_response_close(response);
    return 0;
}
/* [/get] */

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "http_get URL\n");
        return 2;
    }
    return fm_run(get, argv[1]) < 0;
}
