/*
 * test_picture_loops.c - loops that come and go, and libraries that lie in
 * memory more than once
 */
#include "inspect/image_kind.h"
#include "inspect/loops_kit.h"
#include "inspect/sight.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

static int moment(void *arg)
{
    (void)arg;
    return 0;
}

/* Loops that come and go. */
static void *moments_thread(void *stop)
{
    while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED))
        (void)fm_run(moment, NULL);
    return NULL;
}

static void *moment_thread(void *arg)
{
    (void)fm_run(moment, arg);
    return NULL;
}

static void *threads_thread(void *stop)
{
    pthread_t thread;
    while (!__atomic_load_n((bool *)stop, __ATOMIC_RELAXED)) {
        CHECK_INT(pthread_create(&thread, NULL, moment_thread, NULL), 0);
        CHECK_INT(pthread_join(thread, NULL), 0);
    }
    return NULL;
}

TEST(a_loop_that_stays_is_seen_though_others_come_and_go)
{
    int said[2], told[2];
    void *(*const others[])(void *) = {moments_thread, moments_thread,
                                       threads_thread};
    pthread_t threads[3], steady;
    bool stop = false;
    pipe_of(said);
    pipe_of(told);
    struct quiet quiet_one = {said[1], told[0]};
    CHECK_INT(pthread_create(&steady, NULL, quiet_thread, &quiet_one), 0);
    pipe_hear(said[0]);
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_create(&threads[i], NULL, others[i], &stop), 0);
    struct view view = view_of(getpid());
    size_t looks = test_many(1000), lost = 0;
    for (size_t i = 0; i < looks; i++) {
        view_look(&view);
        lost += view_next(&view, "quiet", 0) == VIEW_NONE;
    }
    CHECK_INT(lost, 0);
    __atomic_store_n(&stop, true, __ATOMIC_RELAXED);
    close(told[1]);
    for (int i = 0; i < 3; i++)
        CHECK_INT(pthread_join(threads[i], NULL), 0);
    CHECK_INT(pthread_join(steady, NULL), 0);
    view_close(&view);
    close(said[0]);
    close(said[1]);
    close(told[0]);
}

/* Answers each byte, until there are no more. */
static int echo(void *arg)
{
    const struct quiet *quiet = arg;
    char byte;
    int rc;
    do {
        rc = fm_wait_fd(quiet->ended, FM_READABLE);
        if (rc >= 0 && read(quiet->ended, &byte, 1) <= 0)
            return 0;
    } while (rc >= 0 && write(quiet->started, &byte, 1) == 1);
    return rc;
}

static void *echo_thread(void *quiet_one)
{
    const fm_run_options options = {
        .backend = test_simulated() ? "epoll" : NULL,
    };
    CHECK_INT(fm_run(echo, quiet_one, &options), 0);
    return NULL;
}

/* This process, whose first loop runs when it was read and the second is. */
struct late {
    struct fm__image image;
    struct fm__image *inner;
    const fm_inspect *inspect;
    int said;
    int told;
    bool done;
};

static void late_poke(const struct late *late)
{
    CHECK_INT(write(late->told, "+", 1), 1);
    pipe_hear(late->said);
}

static int late_gather(struct fm__image *image, struct fm__extent *extents,
                       size_t count)
{
    struct late *late = (struct late *)image;
    if (late->inspect != NULL && late->inspect->home_count == 1 && !late->done)
        late_poke(late);
    late->done =
        late->done || (late->inspect != NULL && late->inspect->home_count == 1);
    return fm__image_gather(late->inner, extents, count);
}

static void late_close(struct fm__image *image)
{
    fm__image_close(((struct late *)image)->inner);
}

static const struct fm__image_kind late_kind = {
    .gather = late_gather,
    .close = late_close,
};

STORY(a_loop_that_runs_before_all_are_read_is_not_whole)
{
    int said[2], told[2];
    pthread_t thread;
    pipe_of(said);
    pipe_of(told);
    struct quiet ends = {said[1], told[0]};
    struct late late = {.said = said[0], .told = told[1]};
    struct view view = {NULL, NULL};
    CHECK_INT(pthread_create(&thread, NULL, echo_thread, &ends), 0);
    late_poke(&late);
    CHECK_INT(fm__image_open(&late.inner, getpid()), 0);
    late.image = *late.inner;
    late.image.kind = &late_kind;
    CHECK_INT(fm__inspect_begin(&view.inspect, &late.image), 0);
    late.inspect = view.inspect;
    view_look(&view);
    CHECK(late.done && view_sound(view.picture));
    CHECK_INT(view.picture->loop_count, 2);
    CHECK(!view.picture->loops[0].whole);
    close(told[1]);
    CHECK_INT(pthread_join(thread, NULL), 0);
    view_close(&view);
    close(said[0]);
    close(said[1]);
    close(told[0]);
}

/* Has its own file in memory once more, before all that the loader put there;
 * and runs its loop when it is told to. */
static int program_mapped(int said, int told)
{
    char byte = '+';
    struct stat found;
    int fd = open("/proc/self/exe", O_RDONLY);
    if (fstat(fd, &found) < 0)
        return -1;
    void *file = mmap((void *)0x10000, (size_t)found.st_size, PROT_READ,
                      MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
    if (file == MAP_FAILED)
        byte = '-';
    if (write(said, &byte, 1) != 1 || read(told, &byte, 1) != 1)
        return -1;
    return program_quiet(said, told);
}

TEST(a_file_that_is_mapped_once_more_leads_nobody_astray)
{
    int said, told;
    char byte = 0;
    pid_t pid = program(program_mapped, &said, &told);
    CHECK_INT(read(said, &byte, 1), 1);
    struct view view = view_of_program(pid);
    view_look(&view);
    CHECK_INT(view.picture->loop_count, 0);
    CHECK_INT(write(told, "+", 1), 1);
    pipe_hear(said);
    view_look(&view);
    CHECK_INT(view.picture->loop_count, 1);
    CHECK_TEXT(view.picture->version, FM_VERSION);
    CHECK_INT(view_task(&view, "forever")->state, FM_TASK_WAITING);
    view_close(&view);
    close(told);
    close(said);
    CHECK_INT(waitpid(pid, NULL, 0), pid);
    if (byte != '+')
        test_skip("the system gives no memory at low addresses");
}
