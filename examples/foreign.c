/*
 * foreign.c - tasks on a main loop that is somebody else's: here poll(2)
 *
 * It would be that of a toolkit, or of a game. It waits for its own
 * descriptor, for the loop's, and until the loop's next timer.
 */
#include <fermata.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* [tasks] */
struct cook {
    const char *dish;
    double seconds;
    int window;
};

/* What is ready is put on the window, which the main loop watches. */
static int cook(struct cook *self)
{
    int rc = fm_sleep(self->seconds);
    if (rc == 0)
        dprintf(self->window, "%s", self->dish);
    return rc;
}

static int kitchen(void *window)
{
    int out = *(int *)window;
    return fm_gather(fm_go(cook, "rice", 0.2, out),
                     fm_go(cook, "vegetables", 0.1, out));
}
/* [/tasks] */

static void serve(int window)
{
    char dish[32];
    ssize_t size = read(window, dish, sizeof dish);
    if (size > 0)
        printf("served: %.*s\n", (int)size, dish);
}

/* [loop] */
/* In milliseconds, rounded up so as not to be early. */
static int patience(fm_loop *loop)
{
    int64_t span = fm_loop_timeout(loop);
    return span < 0 ? -1 : (int)((span + 999999) / FM_MILLISECOND);
}

static int main_loop(fm_loop *loop, int window)
{
    struct pollfd fds[] = {{.fd = window, .events = POLLIN},
                           {.fd = fm_loop_fd(loop), .events = POLLIN}};
    while (fm_loop_step(loop)) {
        if (poll(fds, 2, patience(loop)) > 0 && (fds[0].revents & POLLIN) != 0)
            serve(window);
    }
    return fm_run_close(loop);
}
/* [/loop] */

int main(void)
{
    int window[2];
    fm_loop *loop;
    if (pipe(window) < 0)
        return 1;
    int rc = fm_run_open(&loop, kitchen, &window[1]);
    if (rc == 0)
        rc = main_loop(loop, window[0]);
    close(window[1]);
    serve(window[0]); /* what came last */
    if (rc < 0)
        fprintf(stderr, "foreign: %s\n", fm_strerror(rc));
    return rc < 0;
}
