/*
 * cookie_call.c - a client with a jar in a file
 *
 *     cookie_call JAR URL...
 *
 * Says what each URL answers, and writes the jar.
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

struct call {
    const char *path;
    char **urls;
};

static int call_one(fm_http_client *client, const char *url)
{
    fm_response *response;
    const char *text;
    int rc = fm_http_fetch(client, url, &response);
    if (rc < 0)
        return rc;
    ssize_t size = fm_response_load(response, &text);
    if (size >= 0)
        puts(text);
    fm_response_close(response);
    return size < 0 ? (int)size : 0;
}

static int call_all(fm_cookie_jar *jar, const struct call *call)
{
    fm_http_client *client;
    ssize_t count = fm_cookie_jar_load(jar, call->path);
    if (count < 0 && count != -ENOENT)
        return (int)count;
    int rc =
        fm_http_client_open(&client, &(fm_http_client_options){.jar = jar});
    if (rc < 0)
        return rc;
    for (char **url = call->urls; rc == 0 && *url != NULL; url++)
        rc = call_one(client, *url);
    fm_http_client_close(client);
    return rc < 0 ? rc : fm_cookie_jar_save(jar, call->path);
}

static int call_main(void *arg)
{
    fm_cookie_jar *jar;
    int rc = fm_cookie_jar_new(&jar);
    if (rc < 0)
        return rc;
    rc = call_all(jar, arg);
    fm_cookie_jar_free(jar);
    return rc;
}

int main(int argc, char **argv)
{
    struct call call = {argv[1], argv + 2};
    int rc = argc < 3 ? -EINVAL : fm_run(call_main, &call);
    if (rc < 0)
        printf("failed: %s\n", fm_strerror(rc));
    return rc < 0;
}
