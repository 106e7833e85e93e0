/*
 * events_call.c - a client of events, to their end
 *
 *     events_call URL
 *
 * Says each as "TYPE/ID/DATA"; then "ended", or "failed: WHY".
 */
#include <fermata.h>
#include <stdio.h>

static void call_say(const fm_event_message *message)
{
    printf("%s/%s/", message->type, message->id);
    for (size_t i = 0; i < message->size; i++)
        putchar(message->data[i] == '\n' ? '+' : message->data[i]);
    putchar('\n');
}

static int call_over(fm_http_client *client, const char *url)
{
    const fm_event_source_options options = {
        .retry = 0.1, .retry_least = 0.1, .silence = -1};
    fm_event_source *source;
    fm_event_message message;
    int rc = fm_event_source_open(client, url, &source, &options);
    if (rc < 0)
        return rc;
    while ((rc = fm_event_source_next(source, &message)) > 0)
        call_say(&message);
    fm_event_source_close(source);
    return rc;
}

static int call_main(void *url)
{
    fm_http_client *client;
    int rc = fm_http_client_open(&client);
    if (rc < 0)
        return rc;
    rc = call_over(client, url);
    fm_http_client_close(client);
    if (rc < 0)
        printf("failed: %s\n", fm_strerror(rc));
    else
        printf("ended\n");
    return rc;
}

int main(int argc, char **argv)
{
    return argc != 2 || fm_run(call_main, argv[1]) < 0;
}
