/*
 * load_server.c - the server's process, and what it and the machine use
 */
#include "load.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int server_processor; /* what servers run on */

static void server_pin(int processor)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    sched_setaffinity(0, sizeof set, &set);
}

void load_server_pin_us(void)
{
    cpu_set_t may;
    int first = -1, last = 0;

    sched_getaffinity(0, sizeof may, &may);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (!CPU_ISSET(i, &may))
            continue;
        first = first < 0 ? i : first;
        last = i;
    }
    server_processor = first;
    server_pin(last);
}

_Noreturn void load_server_become(char **command, int out)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    server_pin(server_processor);
    dup2(out, STDOUT_FILENO);
    execvp(command[0], command);
    fprintf(stderr, "%s: %s\n", command[0], strerror(errno));
    _exit(127);
}

/* Waits for it, so that its time counts as that of our caller's children. */
void load_server_stop(pid_t server)
{
    kill(server, SIGTERM);
    waitpid(server, NULL, 0);
}

/* "@name" is abstract: unix(7). */
static void server_place(const char *where, struct load_place *place)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in here = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(where, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    bool is_local = where[0] == '@' || where[0] == '/';

    memset(place, 0, sizeof *place);
    snprintf(local.sun_path, sizeof local.sun_path, "%s", where);
    place->size = sizeof here;
    if (is_local)
        place->size =
            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(where));
    if (where[0] == '@')
        local.sun_path[0] = '\0';
    if (is_local)
        memcpy(&place->address, &local, sizeof local);
    else
        memcpy(&place->address, &here, sizeof here);
}

/* The pipe stays open: the server may have more to say. */
pid_t load_server_start(char **command, struct load_place *place)
{
    char line[64] = "", where[64];
    int out[2];

    fflush(stdout);
    if (pipe2(out, O_CLOEXEC) < 0)
        return -1;
    pid_t server = fork();
    if (server == 0)
        load_server_become(command, out[1]);
    close(out[1]);
    FILE *said = fdopen(out[0], "r");
    if (server > 0 && fgets(line, sizeof line, said) != NULL &&
        sscanf(line, "listening %63s", where) == 1) {
        server_place(where, place);
        return server;
    }
    if (server > 0)
        load_server_stop(server);
    return -1;
}

int64_t load_server_time(pid_t server)
{
    struct timespec spent = {0, 0};
    clockid_t clock;

    if (clock_getcpuclockid(server, &clock) == 0)
        clock_gettime(clock, &spent);
    return spent.tv_sec * INT64_C(1000000000) + spent.tv_nsec;
}

/*
 * What was not idle: the kernel measures idleness, and work it only samples.
 * Both are shown in hundredths of a second.
 */
int64_t load_machine_time(void)
{
    unsigned long long idle = 0, wait = 0, stolen = 0;
    int64_t all = sysconf(_SC_NPROCESSORS_ONLN) * measure_now();
    FILE *stat = fopen("/proc/stat", "r");

    if (stat != NULL) {
        if (fscanf(stat, "cpu %*u %*u %*u %llu %llu %*u %*u %llu", &idle, &wait,
                   &stolen) != 3)
            idle = 0;
        fclose(stat);
    }
    int64_t tick = INT64_C(1000000000) / sysconf(_SC_CLK_TCK);
    return all - (int64_t)(idle + wait + stolen) * tick;
}

/* The second word of statm, proc(5), in pages. */
double load_server_memory(pid_t server)
{
    unsigned long pages = 0;
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/statm", (int)server);
    FILE *statm = fopen(path, "r");
    if (statm != NULL) {
        if (fscanf(statm, "%*u %lu", &pages) != 1)
            pages = 0;
        fclose(statm);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}
