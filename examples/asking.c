/*
 * asking.c - a time service, and a client that asks again
 */
#include <errno.h>
#include <fermata.h>
#include <stdio.h>

/* [server] */
/* Answers whoever asks, but for the first. */
static int serve_time(void *socket)
{
    fm_udp *udp = socket;
    fm_address from;
    char question[16];
    for (int asked = 1;; asked++) {
        ssize_t size = fm_udp_receive(udp, question, sizeof question, &from);
        if (size < 0)
            return (int)size;
        if (asked == 1)
            continue; /* as if the network had lost it */
        int rc = fm_udp_send(udp, "noon", 4, &from);
        if (rc < 0)
            return rc;
    }
}
/* [/server] */

/* [ask] */
/* Asks up to three times, each time twice as patient; the answer's size. */
static int ask(fm_udp *udp, char *answer, size_t size)
{
    double patience = 0.5;
    int rc = -ETIMEDOUT;
    for (int i = 0; i < 3 && rc == -ETIMEDOUT; i++, patience *= 2) {
        FM_TIMEOUT(patience, rc) {
            rc = fm_udp_send(udp, "time?", 5, NULL);
            if (rc == 0)
                rc = (int)fm_udp_receive(udp, answer, size, NULL);
        }
        if (rc == -ETIMEDOUT)
            printf("no answer within %.1f s\n", patience);
    }
    return rc;
}
/* [/ask] */

static int client(const fm_address *server)
{
    fm_udp *udp;
    char answer[16];
    int rc = fm_udp_open(NULL, &udp);
    if (rc < 0)
        return rc;
    rc = fm_udp_connect(udp, server);
    if (rc == 0)
        rc = ask(udp, answer, sizeof answer);
    if (rc >= 0)
        printf("it is %.*s\n", rc, answer);
    fm_udp_close(udp);
    return rc;
}

static int story(void *arg)
{
    fm_udp *udp;
    fm_address own;
    (void)arg;
    int rc = fm_udp_open("127.0.0.1:0", &udp);
    if (rc < 0)
        return rc;
    rc = fm_udp_local(udp, &own);
    fm_task *server = fm_start(serve_time, udp);
    if (rc == 0)
        rc = client(&own);
    (void)fm_stop(server);
    fm_udp_close(udp);
    /* Now nobody is there, and the network says so. */
    if (rc >= 0)
        rc = client(&own);
    return rc;
}

int main(void)
{
    printf("%s\n", fm_strerror(fm_run(story, NULL)));
    return 0;
}
