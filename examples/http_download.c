/*
 * http_download.c - many files at once, which go on where they broke off
 *
 *   http_download [URL FILE]...
 */
#include <fcntl.h>
#include <fermata.h>
#include <stdio.h>

/* [download] */
static int save(fm_response *response, fm_file *file)
{
    char buf[16384];
    ssize_t size;
    while ((size = fm_response_read(response, buf, sizeof buf)) > 0) {
        ssize_t rc = fm_file_write(file, buf, (size_t)size);
        if (rc < 0)
            return (int)rc;
    }
    return (int)size;
}

struct download {
    fm_http_client *client;
    const char *url;
    const char *path;
};

static int download(struct download *self)
{
    fm_http_failure failure;
    const fm_http_request request = {
        .retries = 3, .resumes = 10, .failure = &failure};
    fm_response *response;
    fm_file *file;
    int rc = fm_http_fetch(self->client, self->url, &response, &request);
    if (rc < 0) {
        fprintf(stderr, "%s\n", failure.text);
        return rc;
    }
    rc =
        fm_file_open(self->path, &file,
                     &(fm_file_options){.flags = O_WRONLY | O_CREAT | O_TRUNC});
    if (rc == 0) {
        rc = save(response, file);
        fm_file_close(file);
    }
    if (rc < 0)
        fprintf(stderr, "%s: %s\n", self->path, fm_strerror(rc));
    fm_response_close(response);
    return rc;
}
/* [/download] */

/* [client] */
static int downloads(void *arg)
{
    char **words = arg;
    fm_http_client *client;
    int rc = fm_http_client_open(
        &client, &(fm_http_client_options){.of_origin = 4,
                                           .body_limit = UINT64_MAX,
                                           .environment = true});
    if (rc < 0)
        return rc;
    FM_GROUP(group, rc, .policy = FM_COLLECT) {
        for (; words[0] != NULL && words[1] != NULL; words += 2)
            fm_group_go(group, download, client, words[0], words[1]);
    }
    fm_http_client_close(client);
    return rc;
}
/* [/client] */

int main(int argc, char **argv)
{
    (void)argc;
    return fm_run(downloads, argv + 1) < 0;
}
