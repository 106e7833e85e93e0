/*
 * test_file_ends.c - how a file begins and ends: paths, cuts, closes, misuse
 */
#include "base/fault.h"
#include "base/sys.h"
#include "io/file_kit.h"
#include "io/gate.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>

static int open_as(const char *path, fm_file_options options)
{
    fm_file *file = NULL;
    int rc = fm_file_open(path, &file, &options);
    CHECK((rc == 0) == (file != NULL));
    if (rc == 0)
        CHECK_INT(fm_file_close(file), 0);
    return rc;
}

STORY(a_path_where_nothing_is_says_so)
{
    struct kit kit;
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 3);
    CHECK_INT(open_as(path, (fm_file_options){0}), 0);
    CHECK_INT(open_as("/nowhere/at/all", (fm_file_options){0}), -ENOENT);
    CHECK_INT(open_as("", (fm_file_options){0}), -ENOENT);
    CHECK_INT(open_as(path, (fm_file_options){.flags = O_CREAT | O_EXCL}),
              -EEXIST);
    CHECK_INT(open_as(path, (fm_file_options){.flags = O_DIRECTORY}), -ENOTDIR);
    CHECK_INT(open_as(path, (fm_file_options){.flags = O_PATH}), -EINVAL);
    CHECK_INT(open_as(kit.directory, (fm_file_options){.flags = O_WRONLY}),
              -EISDIR);
    kit_close(&kit);
}

STORY(a_file_without_a_name_can_be_made)
{
    struct kit kit;
    fm_file *file = NULL;
    kit_open(&kit);
    int rc = fm_file_open(kit.directory, &file,
                          &(fm_file_options){.flags = O_TMPFILE | O_RDWR});
    CHECK(rc == 0 || rc == -EOPNOTSUPP);
    if (rc == 0) {
        CHECK_INT(fm_file_write(file, "x", 1), 1);
        CHECK_INT(fm_file_close(file), 0);
    }
    kit_close(&kit);
}

/* An open that waits for the other end would never return: nobody opens it. */
STORY(what_has_no_position_is_refused_and_never_waited_for)
{
    struct kit kit;
    fm_file *file = NULL;
    int pair[2];
    kit_open(&kit);
    const char *fifo = kit_path(&kit, "fifo");
    CHECK_INT(mkfifo(fifo, 0600), 0);
    CHECK_INT(open_as(fifo, (fm_file_options){0}), -ESPIPE);
    CHECK_INT(open_as(fifo, (fm_file_options){.flags = O_RDWR}), -ESPIPE);
    CHECK_INT(open_as(fifo, (fm_file_options){.flags = O_WRONLY}), -ENXIO);
    CHECK_INT(fm_file_save(fifo, "x", 1), -ENXIO);
    void *bytes = NULL;
    CHECK_INT(fm_file_load(fifo, &bytes, 10), -ESPIPE);
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    CHECK_INT(fm_file_adopt(pair[0], &file), -ESPIPE);
    CHECK_INT(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
    close(pair[0]);
    close(pair[1]);
    CHECK_INT(fm_file_adopt(-1, &file), -EBADF);
    CHECK(file == NULL);
    kit_close(&kit);
}

STORY(a_terminal_is_no_file)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(fd >= 0);
    CHECK(grantpt(fd) == 0 && unlockpt(fd) == 0);
    CHECK_INT(open_as(ptsname(fd), (fm_file_options){.flags = O_RDWR}),
              -ESPIPE);
    close(fd);
}

STORY(a_path_begins_in_a_directory_that_was_opened)
{
    struct kit kit;
    void *bytes = NULL;
    kit_open(&kit);
    kit_make(&kit, "file", 5);
    fm_file *directory = kit_file(kit.directory, O_DIRECTORY);
    const fm_file_options at = {.at = directory};
    CHECK_INT(open_as("file", at), 0);
    CHECK_INT(open_as("other", at), -ENOENT);
    CHECK_INT(fm_file_load("file", &bytes, 10, &at), 5);
    fm_file_free(bytes);
    kit_path(&kit, "new");
    CHECK_INT(fm_file_save("new", "abc", 3, &at), 0);
    CHECK_INT(fm_file_load("new", &bytes, 10, &at), 3);
    fm_file_free(bytes);
    CHECK_INT(fm_file_read_at(directory, &(char){0}, 1, 0), -EISDIR);
    CHECK_INT(fm_file_load(".", &bytes, 100000, &at), -EISDIR);
    CHECK_INT(fm_file_sync(directory, false), 0);
    CHECK_INT(fm_file_close(directory), 0);
    kit_close(&kit);
}

STORY(a_directory_that_has_vanished_has_no_files)
{
    struct kit kit;
    kit_open(&kit);
    const char *inner = kit_path(&kit, "inner");
    CHECK_INT(mkdir(inner, 0700), 0);
    fm_file *directory = kit_file(inner, O_DIRECTORY);
    CHECK_INT(rmdir(inner), 0);
    CHECK_INT(open_as("file", (fm_file_options){.at = directory}), -ENOENT);
    CHECK_INT(fm_file_save("file", "x", 1, &(fm_file_options){.at = directory}),
              -ENOENT);
    CHECK_INT(fm_file_close(directory), 0);
    kit_close(&kit);
}

STORY(a_file_that_has_vanished_is_read_to_its_end)
{
    struct kit kit;
    char bytes[20];
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 15);
    fm_file *file = kit_file(path, O_RDONLY);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(fm_file_read(file, bytes, sizeof bytes), 15);
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

/* ---- Beneath ------------------------------------------------------------- */

struct lure {
    const char *path;
    int result;
    int alone; /* without openat2(2), where it differs */
};

static const struct lure lures[] = {
    {"in/file", 0, 0},
    {"./in//file", 0, 0},
    {"in/../in/file", 0, -EXDEV},
    {"../secret", -EXDEV, -EXDEV},
    {"in/../../secret", -EXDEV, -EXDEV},
    {"/etc/passwd", -EXDEV, -EXDEV},
    {"way_out/secret", -EXDEV, -ENOTDIR},
    {"out", -EXDEV, -ELOOP},
    {"absolute", -EXDEV, -ELOOP},
    {"inside", 0, -ELOOP},
    {"in/nothing", -ENOENT, -ENOENT},
    {"in/file/", -ENOTDIR, -ENOTDIR},
    {"", -ENOENT, -ENOENT},
};

/* Links that lead out of "root", and one that does not. */
static fm_file *lures_lay(struct kit *kit)
{
    const char *root = kit_path(kit, "root");
    CHECK_INT(mkdir(root, 0700), 0);
    CHECK_INT(mkdir(kit_path(kit, "root/in"), 0700), 0);
    kit_make(kit, "secret", 3);
    kit_make(kit, "root/in/file", 3);
    CHECK_INT(symlink("..", kit_path(kit, "root/way_out")), 0);
    CHECK_INT(symlink("../secret", kit_path(kit, "root/out")), 0);
    CHECK_INT(symlink("/etc/passwd", kit_path(kit, "root/absolute")), 0);
    CHECK_INT(symlink("in/file", kit_path(kit, "root/inside")), 0);
    return kit_file(root, O_DIRECTORY);
}

STORY(no_path_leads_out_of_where_it_must_stay)
{
    struct kit kit;
    kit_open(&kit);
    fm_file *root = lures_lay(&kit);
    for (size_t i = 0; i < sizeof lures / sizeof lures[0]; i++) {
        int rc = open_as(lures[i].path,
                         (fm_file_options){.at = root, .beneath = true});
        CHECK(rc == lures[i].result || rc == lures[i].alone);
        CHECK((rc < 0) == (lures[i].result < 0) || lures[i].alone < 0);
    }
    CHECK_INT(fm_file_close(root), 0);
    kit_close(&kit);
}

/* As where openat2(2) is missing: over no link, and never up. */
STORY(without_the_system_call_for_it_no_path_leads_out_either)
{
    struct kit kit;
    kit_open(&kit);
    fm_file *root = lures_lay(&kit);
    for (size_t i = 0; i < sizeof lures / sizeof lures[0]; i++) {
        struct fm__fault_plan plan = {.error = -ENOSYS};
        struct fm__sys_path path = {.directory = fm_file_fd(root),
                                    .name = lures[i].path,
                                    .beneath = true};
        int wanted = lures[i].alone != 0 ? lures[i].alone : lures[i].result;
        plan.fail_at[FM__DOOR_SYSTEM] = 1;
        fm__fault_plan = &plan;
        int rc = fm__sys_open(&path);
        fm__fault_plan = NULL;
        CHECK_INT(rc < 0 ? rc : 0, wanted);
        if (rc >= 0)
            CHECK_INT(fm__sys_close(rc), 0);
    }
    CHECK_INT(fm_file_close(root), 0);
    kit_close(&kit);
}

/* ---- Cuts ---------------------------------------------------------------- */

struct everything {
    struct kit *kit;
    fm_file *file;
};

/* Every call is a cancel point and has then done nothing. */
static int everything(struct everything *self)
{
    fm_file *file = NULL, *own = self->file;
    void *bytes = NULL;
    struct stat status;
    char byte = 'x';
    const char *path = kit_path(self->kit, "file");
    struct iovec part = {&byte, 1};
    fm_cancel(fm_self());
    CHECK_INT(fm_file_open(path, &file), -ECANCELED);
    CHECK_INT(fm_file_load(path, &bytes, 10), -ECANCELED);
    CHECK_INT(fm_file_save(path, "", 0), -ECANCELED);
    CHECK_INT(fm_file_read(own, &byte, 1), -ECANCELED);
    CHECK_INT(fm_file_write(own, &byte, 1), -ECANCELED);
    CHECK_INT(fm_file_read_at(own, &byte, 1, 0), -ECANCELED);
    CHECK_INT(fm_file_write_at(own, &byte, 1, 0), -ECANCELED);
    CHECK_INT(fm_file_read_vector_at(own, &part, 1, 0), -ECANCELED);
    CHECK_INT(fm_file_write_vector_at(own, &part, 1, 0), -ECANCELED);
    CHECK_INT(fm_file_seek(own, 1, SEEK_SET), -ECANCELED);
    CHECK_INT(fm_file_sync(own, false), -ECANCELED);
    CHECK_INT(fm_file_stat(own, &status), -ECANCELED);
    CHECK_INT(fm_file_truncate(own, 0), -ECANCELED);
    CHECK_INT(fm_file_allocate(own, 0, 100), -ECANCELED);
    CHECK(file == NULL && bytes == NULL);
    CHECK_INT(fm_file_close(own), 0);
    return 0;
}

STORY(a_call_that_is_cut_has_done_nothing_and_a_close_has_closed)
{
    struct kit kit;
    struct stat status;
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 10);
    fm_file *file = kit_file(path, O_RDWR);
    CHECK_INT(fm_file_write(file, "0", 1), 1);
    CHECK_INT(fm_await(fm_go(everything, &kit, file)), 0);
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_size, 10);
    kit_close(&kit);
}

/* With the only thread taken: what it has to do waits, and is taken back. */
static void cut_in_the_queue(void)
{
    struct gate gate;
    struct passer passer = {0};
    struct kit kit;
    int rc;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", 10), O_RDWR);
    CHECK_INT(fm_file_write(file, "0", 1), 1);
    gate_init(&gate, 0);
    fm_task *task = passer_start(&passer, &gate);
    FM_TIMEOUT(story_span(1), rc) {
        rc = (int)fm_file_write_at(file, "xxxxxx", 6, 0);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    FM_TIMEOUT(story_span(1), rc) {
        rc = fm_file_close(file);
    }
    CHECK_INT(rc, 0);
    sem_post(&gate.open);
    CHECK_INT(fm_await(task), 0);
    void *bytes = NULL;
    CHECK_INT(fm_file_load(kit_path(&kit, "file"), &bytes, 10), 10);
    CHECK(((char *)bytes)[0] == '0' && ((char *)bytes)[1] == kit_byte(1));
    fm_file_free(bytes);
    kit_close(&kit);
}

TEST(a_call_that_has_not_begun_is_taken_back)
{
    CHECK_INT(run_with_one_thread(cut_in_the_queue), 0);
    story_silent(__FILE__, __LINE__);
}

struct taker {
    fm_file *file;
    char *bytes;
};

static int taker(struct taker *self)
{
    return (int)fm_file_read_at(self->file, self->bytes, 40000, 5);
}

/* The disk may have been asked already: then what was read counts. */
STORY(a_read_from_the_disk_that_is_cut_is_all_or_nothing)
{
    static char bytes[40000];
    struct kit kit;
    kit_open(&kit);
    fm_file *file = kit_file(kit_make(&kit, "file", 50000), O_RDONLY);
    for (size_t i = 0; i < test_many(100); i++) {
        kit_forget(fm_file_fd(file));
        fm_task *task = fm_go(taker, file, bytes);
        for (size_t turn = i % 3; turn > 0; turn--)
            CHECK_INT(fm_yield(), 0);
        fm_cancel(task);
        int rc = fm_await(task);
        CHECK(rc == -ECANCELED ||
              (rc > 0 && kit_is_right(bytes, (size_t)rc, 5)));
    }
    CHECK_INT(fm_file_close(file), 0);
    kit_close(&kit);
}

/* ---- Closes -------------------------------------------------------------- */

struct scribe {
    fm_file *file;
    ssize_t written;
};

static int scribe(void *arg)
{
    struct scribe *self = arg;
    self->written = fm_file_write_at(self->file, "0123456789", 10, 0);
    return 0;
}

/* The write waits for the only thread, and the close for the write. */
static void close_while_another_writes(void)
{
    struct gate gate;
    struct passer passer = {0};
    struct kit kit;
    kit_open(&kit);
    const char *path = kit_path(&kit, "file");
    struct scribe self = {.file = kit_file(path, O_RDWR | O_CREAT)};
    gate_init(&gate, 0);
    fm_task *blocker = passer_start(&passer, &gate);
    fm_task *task = fm_start(scribe, &self);
    CHECK_INT(fm_yield(), 0);
    sem_post(&gate.open);
    CHECK_INT(fm_file_close(self.file), 0);
    CHECK_INT(self.written, 10);
    CHECK_INT(fm_await(task), 0);
    CHECK_INT(fm_await(blocker), 0);
    kit_close(&kit);
}

TEST(a_close_waits_for_the_calls_of_others)
{
    CHECK_INT(run_with_one_thread(close_while_another_writes), 0);
    story_silent(__FILE__, __LINE__);
}

static struct scribe late_scribe;

static int late(void *arg)
{
    CHECK_INT(fm_yield(), 0);
    return scribe(arg);
}

static void call_during_a_close(void)
{
    struct gate gate;
    struct passer passer = {0};
    gate_init(&gate, 0);
    CHECK_INT(fm_file_open("/dev/null", &late_scribe.file,
                           &(fm_file_options){.flags = O_RDWR}),
              0);
    fm_detach(passer_start(&passer, &gate));
    fm_detach(fm_start(scribe, &late_scribe));
    fm_detach(fm_start(late, &late_scribe));
    CHECK_INT(fm_yield(), 0);
    fm_file_close(late_scribe.file);
}

static void with_one_thread(void *body)
{
    fm_run(story_main, body, &(fm_run_options){.threads = 1});
}

TEST(a_call_during_a_close_is_a_mistake)
{
    void (*body)(void) = call_during_a_close;
    CHECK_DIES(with_one_thread, &body,
               "fm_file_write_at: another task is closing this file");
}

static fm_file *foreign;

static int use_foreign(void *arg)
{
    (void)arg;
    return (int)fm_file_read(foreign, &(char){0}, 1);
}

static void *other_loop(void *arg)
{
    fm_run(use_foreign, arg);
    return NULL;
}

static void use_from_another_loop(void)
{
    pthread_t thread;
    CHECK_INT(fm_file_open("/dev/null", &foreign), 0);
    CHECK_INT(pthread_create(&thread, NULL, other_loop, NULL), 0);
    pthread_join(thread, NULL);
}

TEST(a_file_belongs_to_one_loop)
{
    CHECK_DOOMED(use_from_another_loop,
                 "fm_file_read: the file belongs to another loop");
}

static void leave_open(void)
{
    fm_file *file = NULL;
    CHECK_INT(fm_file_open("/dev/null", &file), 0);
}

TEST(a_file_that_is_left_open_is_reported_and_closed)
{
    CHECK_INT(story_run(leave_open, (fm_run_options){0}), 0);
    const struct story_report *report = story_heard(FM_REPORT_LEFT_OPEN);
    CHECK(report != NULL && strstr(report->message, "a file (desc") != NULL);
    story_silent(__FILE__, __LINE__);
}

STORY(nothing_is_closed_as_nothing)
{
    CHECK_INT(fm_file_close(NULL), 0);
}

/* ---- Limits -------------------------------------------------------------- */

STORY(without_a_free_descriptor_nothing_is_opened)
{
    struct rlimit before, none;
    void *bytes = NULL;
    struct kit kit;
    kit_open(&kit);
    const char *path = kit_make(&kit, "file", 10);
    CHECK_INT(fm_file_load(path, &bytes, 10), 10); /* threads are there */
    CHECK_INT(fm_file_save(path, bytes, 10), 0);
    fm_file_free(bytes);
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(STDERR_FILENO); /* the lowest that is free */
    close(next);
    none = (struct rlimit){(rlim_t)next, before.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &none), 0);
    int opened = open_as(path, (fm_file_options){0});
    int saved = fm_file_save(path, "x", 1);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &before), 0);
    CHECK_INT(opened, -EMFILE);
    CHECK_INT(saved, -EMFILE);
    kit_close(&kit);
}
