/*
 * load_calls.c - counts another process's system calls
 *
 * By the kernel's own trace point, where root has /sys/kernel/tracing: some
 * tens of nanoseconds a call. Elsewhere by strace, which stops the server
 * twice at each call: then every wait finds more to do than it does alone, and
 * the count comes out too low for whoever waits for many at once.
 */
#include "load.h"
#include <dirent.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CALLS_WINDOW INT64_C(50000000)
#define CALLS_WINDOW_TRACED INT64_C(500000000)

enum {
    CALLS_THREADS = 64,
    CALLS_PATIENCE = 1000 /* milliseconds, until strace is there */
};

static int counters[CALLS_THREADS];
static int counted;
static pid_t tracer;
static char summary[] = "/tmp/fermata-load-XXXXXX";

static uint64_t calls_trace_point(void)
{
    static const char path[] =
        "/sys/kernel/tracing/events/raw_syscalls/sys_enter/id";
    unsigned long id = 0;
    FILE *file = fopen(path, "r");

    if (file == NULL)
        return 0;
    if (fscanf(file, "%lu", &id) != 1)
        id = 0;
    fclose(file);
    return id;
}

static void calls_count(pid_t thread, uint64_t point)
{
    struct perf_event_attr event = {
        .type = PERF_TYPE_TRACEPOINT,
        .size = sizeof event,
        .config = point,
    };
    int fd = (int)syscall(SYS_perf_event_open, &event, thread, -1, -1,
                          PERF_FLAG_FD_CLOEXEC);

    if (fd >= 0 && counted < CALLS_THREADS)
        counters[counted++] = fd;
}

static bool calls_count_all(pid_t server)
{
    uint64_t point = calls_trace_point();
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task", (int)server);
    DIR *threads = point != 0 ? opendir(path) : NULL;
    if (threads == NULL)
        return false;
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;)
        if (entry->d_name[0] != '.')
            calls_count((pid_t)strtol(entry->d_name, NULL, 10), point);
    closedir(threads);
    return counted > 0;
}

static bool calls_traced(pid_t server)
{
    char path[64], line[128];
    int by = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)server);
    FILE *status = fopen(path, "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "TracerPid: %d", &by) == 1)
            break;
    if (status != NULL)
        fclose(status);
    return by == tracer;
}

static _Noreturn void calls_become_strace(pid_t server)
{
    char number[16];

    snprintf(number, sizeof number, "%d", (int)server);
    if (freopen("/dev/null", "w", stderr) == NULL)
        _exit(127);
    execlp("strace", "strace", "-f", "-c", "-U", "calls,name", "-o", summary,
           "-p", number, (char *)NULL);
    _exit(127);
}

static bool calls_trace(pid_t server)
{
    const struct timespec pause = {0, 1000000};
    int fd = mkstemp(summary);

    if (fd < 0)
        return false;
    close(fd);
    fflush(stdout);
    tracer = fork();
    if (tracer == 0)
        calls_become_strace(server);
    for (int i = 0; i < CALLS_PATIENCE && tracer > 0; i++) {
        if (calls_traced(server))
            return true;
        if (waitpid(tracer, NULL, WNOHANG) == tracer)
            break;
        nanosleep(&pause, NULL);
    }
    unlink(summary);
    return false;
}

int64_t load_calls_start(pid_t server)
{
    if (calls_count_all(server))
        return CALLS_WINDOW;
    return calls_trace(server) ? CALLS_WINDOW_TRACED : 0;
}

/* Lines of `CALLS NAME`, one of them of the name "total". */
static double calls_untrace(void)
{
    char line[128], name[64];
    double sum = 0, calls;

    kill(tracer, SIGINT);
    waitpid(tracer, NULL, 0);
    FILE *file = fopen(summary, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "%lf %63s", &calls, name) == 2 &&
            strcmp(name, "total") == 0)
            sum = calls;
    if (file != NULL)
        fclose(file);
    unlink(summary);
    memset(summary + sizeof summary - 7, 'X', 6);
    return sum;
}

double load_calls_stop(void)
{
    uint64_t sum = 0, calls;

    if (counted == 0)
        return calls_untrace();
    for (int i = 0; i < counted; i++) {
        if (read(counters[i], &calls, sizeof calls) == sizeof calls)
            sum += calls;
        close(counters[i]);
    }
    counted = 0;
    return (double)sum;
}
