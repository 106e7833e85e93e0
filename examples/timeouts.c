/*
 * timeouts.c - retries inside a longer timeout, and a goodbye in a shield
 */
#include <fermata.h>
#include <stdio.h>

/* A server that answers the third question only, or none (0). */
struct server {
    const char *name;
    int answers_at;
};

static int ask(const struct server *server, int attempt)
{
    return fm_sleep(attempt == server->answers_at ? 0.1 : 60);
}

/* [retry] */
/* A try that was too slow is -ETIMEDOUT: try again. When it is the caller's
 * time that is up, it is -ECANCELED, and so the loop ends. */
static int fetch(const struct server *server)
{
    int rc = -ETIMEDOUT;
    for (int attempt = 1; rc == -ETIMEDOUT; attempt++) {
        FM_TIMEOUT(0.2, rc) {
            rc = ask(server, attempt);
        }
        printf("%s, try %d: %s\n", server->name, attempt, fm_strerror(rc));
    }
    return rc;
}

static void fetch_in(double seconds, const struct server *server)
{
    int rc;
    FM_TIMEOUT(seconds, rc) {
        rc = fetch(server);
    }
    printf("%s, in the end: %s\n\n", server->name, fm_strerror(rc));
}
/* [/retry] */

/* [shield] */
struct visit {
    const char *guest;
    double goodbye;
};

/* Cut, it still takes its leave, and whoever stops it waits for that: for as
 * long as the shield's grace of 0.2 s, and no longer. */
static int visit(struct visit *args)
{
    int rc = fm_sleep(60);
    printf("%s has to go: %s\n", args->guest, fm_strerror(rc));
    FM_SHIELD(0.2) {
        int said = fm_sleep(args->goodbye);
        printf("%s says goodbye: %s\n", args->guest, fm_strerror(said));
    }
    return rc;
}
/* [/shield] */

static int story(void *arg)
{
    (void)arg;
    fetch_in(5, &(struct server){"busy", 3});
    fetch_in(0.3, &(struct server){"dead", 0});

    fm_task *alice = fm_go(visit, "Alice", .goodbye = 0.1);
    fm_task *bob = fm_go(visit, "Bob", .goodbye = 60);
    fm_sleep(0.1);
    fm_stop(alice);
    fm_stop(bob);
    return 0;
}

int main(void)
{
    return fm_run(story, NULL) < 0;
}
