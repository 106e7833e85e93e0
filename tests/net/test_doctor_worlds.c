/*
 * test_doctor_worlds.c - what the doctor finds in machines that are not there
 *
 * A world is a directory with a few files in it, which the doctor takes for
 * those of the system.
 */
#include "harness.h"

#include "base/fault.h"
#include "net/findings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct world {
    char root[64];
    char paths[4][256];
    size_t count;
};

/* Each folder above a file of the world; or takes them away. */
static void world_folders(const struct world *world, const char *path,
                          bool make)
{
    char folder[256];
    snprintf(folder, sizeof folder, "%s", path);
    if (make) {
        for (char *at = folder + strlen(world->root) + 1; *at != '\0'; at++) {
            if (*at != '/')
                continue;
            *at = '\0';
            mkdir(folder, 0700);
            *at = '/';
        }
        return;
    }
    for (char *at; (at = strrchr(folder, '/')) != NULL;) {
        *at = '\0';
        if (strlen(folder) <= strlen(world->root) || rmdir(folder) < 0)
            return;
    }
}

static void world_open(struct world *world)
{
    world->count = 0;
    snprintf(world->root, sizeof world->root, "/tmp/test_doctor.XXXXXX");
    CHECK(mkdtemp(world->root) != NULL);
}

static void world_put(struct world *world, const char *path, const char *text)
{
    char place[256];
    snprintf(place, sizeof place, "%s%s", world->root, path);
    memcpy(world->paths[world->count++], place, sizeof place);
    world_folders(world, place, true);
    FILE *file = fopen(place, "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void world_close(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        unlink(world->paths[i]);
        world_folders(world, world->paths[i], false);
    }
    CHECK_INT(rmdir(world->root), 0);
}

/* What is looked for among the findings. */
struct wanted {
    struct fm__doctor doctor;
    const char *name;
    struct fm__finding found;
    int times;
};

static void note(struct fm__doctor *doctor, const struct fm__finding *finding)
{
    struct wanted *wanted = (struct wanted *)doctor;
    CHECK(finding->section != NULL && finding->value[0] != '\0');
    CHECK((finding->grade == FM__GRADE_FACT) == (finding->advice[0] == '\0'));
    if (strcmp(finding->name, wanted->name) != 0)
        return;
    wanted->found = *finding;
    wanted->times++;
}

static struct wanted look(const char *root, const char *name,
                          void (*examine)(struct fm__doctor *))
{
    struct wanted wanted = {.doctor = {.root = root, .tell = note},
                            .name = name};
    examine(&wanted.doctor);
    fm__doctor_section(&wanted.doctor, NULL);
    return wanted;
}

/* A world of one or two files, and what has to be found in it. */
struct ailment {
    const char *path, *text;
    const char *path2, *text2;
    void (*examine)(struct fm__doctor *doctor);
    const char *name;
    const char *value;
    const char *advice; /* NULL: it is a fact */
    const char *command;
};

#define GROUPS "/proc/self/cgroup"
#define GROUP_FS "/sys/fs/cgroup"
#define CLOCK "/sys/devices/system/clocksource/clocksource0/"
#define HUGE "/sys/kernel/mm/transparent_hugepage/enabled"
#define SCOPE "/proc/sys/kernel/yama/ptrace_scope"

static const struct ailment ailments[] = {
    /* Processors, by either version of control groups. */
    {GROUPS, "0::/a/b\n", GROUP_FS "/a/cpu.max", "50000 100000\n",
     fm__doctor_machine, "processors", ", and of all together 0.5",
     "stops the program whenever", "echo max >" GROUP_FS "/a/cpu.max"},
    {GROUPS, "0::/a\n", GROUP_FS "/a/cpu.max", "max 100000\n",
     fm__doctor_machine, "processors", "", NULL, NULL},
    {GROUPS, "0::/a\n", GROUP_FS "/cpu.max", "250000 100000\n",
     fm__doctor_machine, "processors", ", and of all together 2.5", NULL, NULL},
    {GROUPS, "0::/\n", GROUP_FS "/cpu.max", "nonsense\n", fm__doctor_machine,
     "processors", "", NULL, NULL},
    {GROUPS, "0::/\n", GROUP_FS "/cpu.max", "1000 0\n", fm__doctor_machine,
     "processors", "", NULL, NULL},
    /* Memory. */
    {GROUPS, "0::/a/b\n", GROUP_FS "/a/b/memory.max", "1610612736\n",
     fm__doctor_machine, "memory", "1.5 GiB, by the control group", NULL, NULL},
    {GROUPS, "8:cpu:/\n4:memory:/x\n0::/\n",
     GROUP_FS "/memory/x/memory.limit_in_bytes", "2147483648\n",
     fm__doctor_machine, "memory", "2 GiB", NULL, NULL},
    {GROUPS, "4:memory:/elsewhere\n", GROUP_FS "/memory/memory.limit_in_bytes",
     "9223372036854771712\n", fm__doctor_machine, "memory",
     "all of the machine's", NULL, NULL},
    {"/proc/meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\n", NULL,
     NULL, fm__doctor_machine, "memory", "4 GiB, all of the machine's", NULL,
     NULL},
    {"/proc/sys/vm/overcommit_memory", "2\n", NULL, NULL, fm__doctor_machine,
     "overcommit", "none", "each stack then counts as a whole",
     "sysctl -w vm.overcommit_memory=0"},
    {HUGE, "always madvise [never]\n", NULL, NULL, fm__doctor_machine,
     "huge pages", "never", "dense tasks are faster", "echo madvise >" HUGE},
    {HUGE, "[always] madvise never\n", NULL, NULL, fm__doctor_machine,
     "huge pages", "always", NULL, NULL},
    /* Clocks. */
    {CLOCK "current_clocksource", "hpet\n", CLOCK "available_clocksource",
     "tsc hpet acpi_pm\n", fm__doctor_machine, "clock",
     "hpet, which takes a call", "read in each turn",
     "echo tsc >" CLOCK "current_clocksource"},
    {CLOCK "current_clocksource", "acpi_pm\n", CLOCK "available_clocksource",
     "acpi_pm\n", fm__doctor_machine, "clock", "acpi_pm", "read in each turn",
     ""},
    {CLOCK "current_clocksource", "kvm-clock\n", NULL, NULL, fm__doctor_machine,
     "clock", "kvm-clock", NULL, NULL},
    /* Limits of the system. */
    {GROUPS, "0::/a\n", GROUP_FS "/a/pids.max", "20\n", fm__doctor_limits,
     "all threads", "20, by the control group", "done on threads",
     "echo max >" GROUP_FS "/a/pids.max"},
    {GROUPS, "5:cpu,pids:/a\n", GROUP_FS "/pids/a/pids.max", "4000\n",
     fm__doctor_limits, "all threads", "4000, by the control group", NULL,
     NULL},
    {"/proc/sys/net/core/somaxconn", "128\n", NULL, NULL, fm__doctor_network,
     "backlog", "128 connections", "of a burst",
     "sysctl -w net.core.somaxconn=4096"},
    {"/proc/sys/net/core/somaxconn", "4096\n", NULL, NULL, fm__doctor_network,
     "backlog", "4096 connections", NULL, NULL},
    {"/proc/sys/net/ipv4/ip_local_port_range", "60000\t60999\n", NULL, NULL,
     fm__doctor_network, "ports of clients", "60000 to 60999: 1000",
     "a client of many connections",
     "sysctl -w net.ipv4.ip_local_port_range='15000 65000'"},
    {"/proc/sys/fs/file-max", "10\n", NULL, NULL, fm__doctor_network,
     "all open files", "10", "less than this process may have",
     "sysctl -w fs.file-max="},
    {"/proc/sys/fs/nr_open", "1048576\n", NULL, NULL, fm__doctor_network,
     "open files", "1048576 of a process", NULL, NULL},
    /* Who looks inside. */
    {SCOPE, "0\n", NULL, NULL, fm__doctor_crashes, "ps may look into",
     "programs of the same user", NULL, NULL},
    {SCOPE, "1\n", NULL, NULL, fm__doctor_crashes, "ps may look into",
     "sudo fermata ps PID", NULL, NULL},
    {SCOPE, "2\n", NULL, NULL, fm__doctor_crashes, "ps may look into",
     "as root alone", NULL, NULL},
    {SCOPE, "3\n", NULL, NULL, fm__doctor_crashes, "ps may look into",
     "no program", "by a restart of the machine", ""},
    {"/proc/sys/kernel/core_pattern", "|/bin/keeper %p\n", NULL, NULL,
     fm__doctor_crashes, "core files", "given to /bin/keeper %p", NULL, NULL},
};

static void check_ailment(const struct ailment *ailment)
{
    struct world world;
    world_open(&world);
    world_put(&world, ailment->path, ailment->text);
    if (ailment->path2 != NULL)
        world_put(&world, ailment->path2, ailment->text2);
    struct wanted wanted = look(world.root, ailment->name, ailment->examine);
    world_close(&world);
    const struct fm__finding *found = &wanted.found;
    bool as_wanted =
        wanted.times == 1 && strstr(found->value, ailment->value) != NULL &&
        (ailment->advice != NULL
             ? found->grade != FM__GRADE_FACT &&
                   strstr(found->advice, ailment->advice) != NULL &&
                   strstr(found->command, ailment->command) == found->command
             : found->grade == FM__GRADE_FACT);
    if (!as_wanted)
        test_fail(__FILE__, __LINE__, "%s of %s: %d times, %s | %s | %s",
                  ailment->name, ailment->path, wanted.times, found->value,
                  found->advice, found->command);
}

TEST(each_file_of_the_system_leads_to_its_finding_and_advice)
{
    for (size_t i = 0; i < sizeof ailments / sizeof ailments[0]; i++)
        check_ailment(&ailments[i]);
}

static void ask_for_names(struct fm__doctor *doctor)
{
    fm__doctor_section(doctor, "chosen");
    fm__doctor_names(doctor);
}

static struct fm__finding names_where(const char *servers, const char *sources)
{
    struct world world;
    world_open(&world);
    world_put(&world, "/etc/resolv.conf", servers);
    world_put(&world, "/etc/nsswitch.conf", sources);
    struct wanted wanted = look(world.root, "names", ask_for_names);
    world_close(&world);
    CHECK_INT(wanted.times, 1);
    return wanted.found;
}

TEST(whom_names_are_asked_of_is_told_with_the_reason)
{
    struct fm__finding found = names_where(
        "nameserver 192.0.2.7\nnameserver 192.0.2.8\n", "hosts: files dns\n");
    if (strstr(found.value, "this build has no c-ares") != NULL)
        return;
    CHECK(strstr(found.value, "asked of 192.0.2.7:53 and 1 more") != NULL);
    CHECK_INT(found.grade, FM__GRADE_FACT);
    found = names_where("nameserver 192.0.2.7\n", "hosts: files ldap\n");
    CHECK(strstr(found.value, "/etc/nsswitch.conf wants more") != NULL);
    found = names_where("# nobody\n", "");
    CHECK(strstr(found.value, "of this machine itself") != NULL);
    CHECK_INT(found.grade, FM__GRADE_HINT);
    CHECK(strstr(found.command, "echo nameserver ") == found.command);
}

/* Without one file of the system, as in a cage. */
static void find_nothing(void *arg)
{
    const char *root = arg;
    struct wanted wanted = look(root, "version", fm__doctor_examine);
    printf("version %d times, %d findings\n", wanted.times,
           wanted.doctor.count);
}

TEST(without_proc_and_sys_what_can_be_known_is_told)
{
    struct world world;
    char told[1024];
    world_open(&world);
    int status = test_child(find_nothing, world.root, told, sizeof told);
    world_close(&world);
    CHECK_INT(status, 0);
    CHECK(strstr(told, "version 1 times") != NULL);
}

struct bound {
    int resource;
    struct rlimit limit;
    const char *name;
};

static void tell_of_a_limit(void *arg)
{
    const struct bound *bound = arg;
    syscall(SYS_prlimit64, 0, bound->resource, &bound->limit, NULL);
    struct wanted wanted = look("", bound->name, fm__doctor_limits);
    printf("%d %s | %s | %s\n", (int)wanted.found.grade, wanted.found.value,
           wanted.found.advice, wanted.found.command);
}

static void check_limit(struct bound bound, const char *line)
{
    char told[1024];
    CHECK_INT(test_child(tell_of_a_limit, &bound, told, sizeof told), 0);
    if (strstr(told, line) == NULL)
        test_fail(__FILE__, __LINE__, "%s is not %s", told, line);
}

static void check_descriptors(rlim_t soft, rlim_t hard, const char *line)
{
    check_limit((struct bound){RLIMIT_NOFILE, {soft, hard}, "descriptors"},
                line);
}

TEST(descriptors_may_be_few_could_be_more_and_are_enough)
{
    if (test_under_valgrind())
        test_skip("valgrind has limits of its own");
    check_descriptors(100, 100,
                      "2 100 | each connection needs one: have 1024 at least | "
                      "ulimit -n 1024");
    check_descriptors(1024, 2048,
                      "1 1024, may be raised to 2048 | each connection needs "
                      "one: a server wants more | ulimit -n 2048");
    check_descriptors(2048, 2048, "0 2048 |  | ");
}

TEST(threads_may_be_few_and_addresses_bounded)
{
    if (test_under_valgrind())
        test_skip("valgrind has limits of its own");
    const rlim_t much = (rlim_t)1 << 46;
    check_limit((struct bound){RLIMIT_NPROC, {10, 10}, "threads"},
                "1 10 | files and blocking calls are done on threads, which "
                "count with all others of the user | ulimit -u 1024");
    check_limit((struct bound){RLIMIT_AS, {much, much}, "address space"},
                " 65536 GiB | stacks are address space, of which only what is "
                "touched is memory | ulimit -v unlimited");
}

/* Whatever fails, the rest is told, and nothing is kept. */
TEST(each_failure_of_a_look_costs_no_more_than_its_line)
{
    static const enum fm__door doors[] = {FM__DOOR_MEMORY, FM__DOOR_SYSTEM};
    for (size_t i = 0; i < sizeof doors / sizeof doors[0]; i++) {
        uint64_t k = 0, passed;
        do {
            struct fm__fault_plan plan = {.error = -ENOMEM};
            plan.fail_at[doors[i]] = ++k;
            fm__fault_plan = &plan;
            struct wanted wanted = look("", "backend", fm__doctor_examine);
            fm__fault_plan = NULL;
            passed = plan.passed[doors[i]];
            CHECK_INT(wanted.times, 1);
        } while (passed >= k);
        CHECK(k > 2);
    }
}

/* ---- the two who tell --------------------------------------------------- */

static void hint_at_length(struct fm__doctor *doctor)
{
    fm__doctor_section(doctor, "one");
    fm__doctor_find(doctor, "short", "%s", "plain");
    fm__doctor_section(doctor, "two");
    fm__doctor_find(doctor, "a \"name\"", "%s",
                    "words and words and words and words and words and words "
                    "and words and more words");
    fm__doctor_hint(doctor, "%s",
                    "say and say and say and say and say and say and say and "
                    "say it again");
    fm__doctor_type(doctor, "echo '\\\x1b\xff'");
    fm__doctor_find(doctor, "bad", "yes");
    fm__doctor_mend(doctor, "do");
    fm__doctor_section(doctor, NULL);
}

static void told_as(void (*tell)(struct fm__doctor *,
                                 const struct fm__finding *),
                    char *text, size_t size)
{
    FILE *out = fmemopen(text, size, "w");
    CHECK(out != NULL);
    struct fm__doctor doctor = {.out = out, .root = "", .tell = tell};
    hint_at_length(&doctor);
    fclose(out);
    CHECK_INT(doctor.count, 3);
    CHECK_INT(doctor.grades[FM__GRADE_HINT], 1);
    CHECK_INT(doctor.grades[FM__GRADE_MEND], 1);
}

TEST(a_page_is_in_columns_and_no_wider_than_a_terminal)
{
    char text[2048] = "";
    told_as(fm__doctor_as_text, text, sizeof text);
    static const char page[] =
        "one\n"
        "  short              plain\n"
        "\n"
        "two\n"
        "  a \"name\"           words and words and words and words and words "
        "and words and\n"
        "                     words and more words\n"
        "                     hint: say and say and say and say and say and "
        "say "
        "and say\n"
        "                           and say it again\n"
        "                           $ echo '\\\x1b\xff'\n"
        "  bad                yes\n"
        "                     mend: do\n";
    CHECK(strcmp(text, page) == 0);
}

TEST(as_json_each_text_is_quoted_and_only_advice_that_is_there_is_told)
{
    char text[2048] = "";
    told_as(fm__doctor_as_json, text, sizeof text);
    CHECK(strstr(text,
                 "\n  {\"section\": \"one\", \"name\": \"short\", "
                 "\"value\": \"plain\", \"grade\": \"fact\"},\n") == text);
    CHECK(strstr(text, "\"name\": \"a \\\"name\\\"\"") != NULL);
    CHECK(strstr(text, "\"command\": \"echo '\\\\\\u001b?'\"}") != NULL);
    CHECK(strstr(text, "\"grade\": \"mend\", \"advice\": \"do\"}") != NULL);
}
