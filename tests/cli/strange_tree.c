/*
 * strange_tree.c - programs that are hard to look into
 *
 *     strange_tree SHAPE [shut]
 *
 *   circle  a parent waits for its child, and the child for the parent's lock
 *   busy    a task has the loop, and does not give it back
 *   leak    5,000 children have ended, and nobody takes them
 *   crowd   100,000 tasks sleep, on dense stacks where there are such; fewer
 *           where a tool that watches each of them has no room for so many
 *   loops   three loops on three threads
 *   storm   tasks begin and end all the time
 *   become  is cat(1) after a byte of input
 *
 * Says "ready" when it is so, or of a crowd "ready COUNT", and stays. Lets
 * itself be looked into by its user, whatever the machine's rule; or, where
 * "shut" is said, by nobody.
 */
#include <fermata.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define EVER 100000.0 /* s */

#if defined(__SANITIZE_THREAD__)
#define CROWD 2000
#elif defined(__SANITIZE_ADDRESS__)
#define CROWD 20000
#else
#define CROWD 100000
#endif

enum {
    LEAKED = 5000,
    BEFORE = 50, /* that are started before one of them runs */
    LOOPS = 3,
    WAVE = 64
};

static int ready(void)
{
    puts("ready");
    return fflush(stdout);
}

/* Started last: when it runs, all that were started before it wait. */
static int herald(void *arg)
{
    (void)arg;
    ready();
    return fm_sleep(EVER);
}

/* ---- circle ------------------------------------------------------------- */

static int child(void *lock)
{
    int rc = fm_lock_acquire(lock);
    if (rc == 0)
        fm_lock_release(lock);
    return rc;
}

static int circle(void *arg)
{
    static fm_lock lock;
    int rc;
    FM_LOCKED(&lock, rc) {
        fm_task *waited = fm_start(child, &lock);
        FM_TASK said = fm_start(herald, arg);
        rc = fm_await(waited);
    }
    return rc;
}

/* ---- busy --------------------------------------------------------------- */

/* What no task should do: the whole loop waits for it. */
static int hog(void *arg)
{
    char byte;
    (void)arg;
    ready();
    return (int)read(STDIN_FILENO, &byte, 1);
}

static int later(void *arg)
{
    (void)arg;
    return 0;
}

static int busy(void *arg)
{
    return fm_gather(fm_start(hog, arg), fm_start(later, arg),
                     fm_start(later, arg));
}

/* ---- leak --------------------------------------------------------------- */

static unsigned leaked;

static int leaf(void *arg)
{
    (void)arg;
    leaked++;
    return 0;
}

static int leak(void *arg)
{
    for (int i = 0; i < LEAKED; i++) {
        if (fm_start(leaf, arg) == NULL)
            return -1;
        if (i % BEFORE == 0)
            fm_yield();
    }
    while (leaked < LEAKED)
        fm_yield();
    FM_TASK said = fm_start(herald, arg);
    return fm_sleep(EVER);
}

/* ---- crowd -------------------------------------------------------------- */

static unsigned asleep;

static int sleeper(void *arg)
{
    (void)arg;
    asleep++;
    return fm_sleep(EVER);
}

static int crowd(void *arg)
{
    const fm_task_options dense = {.stack_size = FM_STACK_DENSE};
    const fm_task_options plain = {.stack_size = 0};
    bool refused = fm_dense_refused() != NULL;
    for (int i = 0; i < CROWD; i++) {
        if (fm_start(sleeper, arg, refused ? &plain : &dense) == NULL)
            return -1;
    }
    while (asleep < CROWD)
        fm_yield();
    printf("ready %d\n", CROWD);
    fflush(stdout);
    return fm_sleep(EVER);
}

/* ---- loops -------------------------------------------------------------- */

static pthread_barrier_t all_there;

static int resident(void *arg)
{
    (void)arg;
    return fm_sleep(EVER);
}

/* The last of these on any loop says that the others wait on all of them. */
static int arrival(void *arg)
{
    if (pthread_barrier_wait(&all_there) != 0) /* of each but one it is 0 */
        ready();
    return resident(arg);
}

static int on_each_loop(void *arg)
{
    FM_TASK one = fm_start(resident, arg);
    FM_TASK other = fm_start(arrival, arg);
    return fm_sleep(EVER);
}

static int loops(void)
{
    pthread_barrier_init(&all_there, NULL, LOOPS);
    return fm_run_workers(LOOPS, on_each_loop, NULL);
}

/* ---- storm -------------------------------------------------------------- */

static int drop(void *arg)
{
    (void)arg;
    return fm_yield();
}

static int storm(void *arg)
{
    int rc = ready();
    while (rc == 0) {
        FM_GROUP(group, rc) {
            for (int i = 0; rc == 0 && i < WAVE; i++)
                rc = fm_group_start(group, drop, arg);
        }
    }
    return rc;
}

/* ---- become ------------------------------------------------------------- */

static int become(void *arg)
{
    int rc = hog(arg);
    return rc < 0 ? rc : execl("/bin/cat", "cat", NULL);
}

static int run(const char *shape)
{
    if (strcmp(shape, "circle") == 0)
        return fm_run(circle, NULL);
    if (strcmp(shape, "busy") == 0)
        return fm_run(busy, NULL);
    if (strcmp(shape, "leak") == 0)
        return fm_run(leak, NULL);
    if (strcmp(shape, "crowd") == 0)
        return fm_run(crowd, NULL);
    if (strcmp(shape, "storm") == 0)
        return fm_run(storm, NULL);
    if (strcmp(shape, "become") == 0)
        return fm_run(become, NULL);
    return loops();
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    if (argc > 2)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    else
        prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    return run(argv[1]) < 0;
}
