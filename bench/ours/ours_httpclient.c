/*
 * ours_httpclient.c - Fermata: COUNT tasks that get a URL, from one client
 *
 * ours_httpclient BACKEND COUNT PORT
 */
#include "fetching.h"
#include <fermata.h>

static size_t count;
static char url[64];
static int64_t until;
static size_t answers;
static fm_http_client *client;
static fm_task **tasks;

static int client_get(void)
{
    fm_response *response;
    const char *bytes;
    int rc = fm_http_fetch(client, url, &response);

    if (rc < 0)
        return rc;
    ssize_t size = fm_response_load(response, &bytes);
    bool right = fm_response_status(response) == 200 && size == FETCHING_SIZE;
    fm_response_close(response);
    return right ? 0 : -EIO;
}

static int client_loop(void *arg)
{
    int rc = 0;

    (void)arg;
    while (rc == 0 && measure_now() < until) {
        rc = client_get();
        answers++;
    }
    return rc;
}

static size_t client_fetches(int64_t end)
{
    until = end;
    answers = 0;
    for (size_t i = 0; i < count; i++)
        tasks[i] = fm_start(client_loop, NULL);
    int rc = fm_gather_array(tasks, count, NULL);
    if (rc != 0) {
        fprintf(stderr, "%s\n", fm_strerror(rc));
        exit(1);
    }
    return answers;
}

static int client_main(void *arg)
{
    (void)arg;
    int rc = fm_http_client_open(
        &client, &(fm_http_client_options){.of_origin = (unsigned)count});

    if (rc < 0)
        return rc;
    fetching_measure(client_fetches);
    fm_http_client_close(client);
    return 0;
}

int main(int argc, char **argv)
{
    fm_run_options options = {.backend = argc > 1 ? argv[1] : NULL};

    if (argc < 4)
        return 2;
    count = measure_argument(argc, argv, 2, 64);
    snprintf(url, sizeof url, "http://127.0.0.1:%s/plaintext", argv[3]);
    tasks = calloc(count, sizeof(fm_task *));
    int rc = fm_run(client_main, NULL, &options);
    free(tasks);
    return rc < 0;
}
