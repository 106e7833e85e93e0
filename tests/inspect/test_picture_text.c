/*
 * What people read of a picture: tables, trees, JSON. The pictures here are
 * made by hand.
 */
#include "pictures.h"

/* ---- Tables ------------------------------------------------------------- */

TEST(a_table_has_a_line_for_each_task)
{
    CHECK_WRITTEN(
        written(&server, fm__picture_table, NULL),
        "/usr/bin/server, pid 4711, Fermata 0.1.0\n"
        "loop 1: uring, thread 4711, waits in the kernel; 5 tasks: 4 waitin"
        "g, 1 ready\n"
        "\n"
        "ID         NAME        STATE    WAITS FOR                         "
        "                            FOR      TURNS    STACK  STARTED AT\n"
        "100000000  serve       waiting  group close: 2 x conn             "
        "                           12 s          3   8K/64K  server.c:88\n"
        "100000001  accept_all  waiting  accept on fd 5, 127.0.0.1:8080    "
        "                         4.2 ms  1,234,567   8K/64K  server.c:70\n"
        "700000002  conn        waiting  receive on fd 9, peer 127.0.0.1:51"
        "234, timeout in 55 s      5.0 s          7  12K/64K  server.c:40\n"
        "200000003  conn        ready    [cancelled]                       "
        "                                         0    ?/64K  server.c:40\n"
        "100000004  log         waiting  lock, held by conn 200000003, 1.3 "
        "s left                1 h 2 min          2   8K/64K  server.c:12\n");
}

TEST(a_narrow_table_is_cut_where_it_hurts_least)
{
    fm_picture_options options = {.width = 80};
    use_ascii();
    CHECK_WRITTEN(
        written(&server, fm__picture_table, &options),
        "/usr/bin/server, pid 4711, Fermata 0.1.0\n"
        "loop 1: uring, thread 4711, waits in the kernel; 5 tasks: 4 waitin"
        "g, 1 ready\n"
        "\n"
        "ID         NAME      STATE    WAITS FOR                FOR      TU"
        "RNS  STARTED ~\n"
        "100000000  serve     waiting  group close: 2 x~       12 s        "
        "  3  ~ver.c:88\n"
        "100000001  accept_~  waiting  accept on fd 5, ~     4.2 ms  1,234,"
        "567  ~ver.c:70\n"
        "700000002  conn      waiting  receive on fd 9,~      5.0 s        "
        "  7  ~ver.c:40\n"
        "200000003  conn      ready    [cancelled]                         "
        "  0  ~ver.c:40\n"
        "100000004  log       waiting  lock, held by co~  1 h 2 min        "
        "  2  ~ver.c:12\n");
}

TEST(a_table_too_narrow_for_all_columns_has_fewer)
{
    fm_picture_options options = {.width = 60};
    use_utf8();
    CHECK_WRITTEN(
        written(&server, fm__picture_table, &options),
        "/usr/bin/server, pid 4711, Fermata 0.1.0\n"
        "loop 1: uring, thread 4711, waits in the kernel; 5 tasks: 4…\n"
        "\n"
        "ID         NAME      STATE    WAITS FOR               FOR  …\n"
        "100000000  serve     waiting  group close: 2 …       12 s  …\n"
        "100000001  accept_…  waiting  accept on fd 5,…     4.2 ms  …\n"
        "700000002  conn      waiting  receive on fd 9…      5.0 s  …\n"
        "200000003  conn      ready    [cancelled]                  …\n"
        "100000004  log       waiting  lock, held by c…  1 h 2 min  …\n");
}

TEST(a_table_shows_those_that_it_is_told_to_in_their_order)
{
    static const size_t order[] = {4, 1};
    fm_picture_options options = {.order = order, .count = 2};
    CHECK_WRITTEN(
        written(&server, fm__picture_table, &options),
        "/usr/bin/server, pid 4711, Fermata 0.1.0\n"
        "loop 1: uring, thread 4711, waits in the kernel; 5 tasks: 4 waitin"
        "g, 1 ready\n"
        "\n"
        "ID         NAME        STATE    WAITS FOR                         "
        "              FOR      TURNS   STACK  STARTED AT\n"
        "100000004  log         waiting  lock, held by conn 200000003, 1.3 "
        "s left  1 h 2 min          2  8K/64K  server.c:12\n"
        "100000001  accept_all  waiting  accept on fd 5, 127.0.0.1:8080    "
        "           4.2 ms  1,234,567  8K/64K  server.c:70\n");
    options.count = 0;
    CHECK_WRITTEN(
        written(&server, fm__picture_table, &options),
        "/usr/bin/server, pid 4711, Fermata 0.1.0\n"
        "loop 1: uring, thread 4711, waits in the kernel; 5 tasks: 4 waitin"
        "g, 1 ready\n"
        "\n"
        "no task fits\n");
}

TEST(loops_circles_and_what_is_not_whole_are_told)
{
    static struct crowd crowd;
    CHECK_WRITTEN(
        written(crowd_make(&crowd), fm__picture_table, NULL),
        "?, pid 70, Fermata 0.1.0\n"
        "loop 1: epoll, thread 70; 14 tasks: 13 waiting, 1 running\n"
        "loop 2: epoll, thread 71; 1 task: 1 ended\n"
        "\n"
        "ID         NAME    LOOP  STATE    WAITS FOR                       "
        "            FOR  TURNS  STACK     CPU  STARTED AT\n"
        "100000000  main       1  running                                  "
        "                     0  ?/64K          crowd.c:7\n"
        "100000001  fork       1  waiting  [circle 1] lock, held by fork 10"
        "0000002   2.0 s      0  ?/64K          crowd.c:7\n"
        "100000002  fork       1  waiting  [circle 1] lock, held by spoon 1"
        "00000003  3.0 s      0  ?/64K          crowd.c:7\n"
        "100000003  spoon      1  waiting  [circle 1] lock, held by fork 10"
        "0000001   4.0 s      0  ?/64K          crowd.c:7\n"
        "100000004  waiter     1  waiting  sleep, 10 s left                "
        "          5.0 s      0  ?/64K          crowd.c:7\n"
        "100000005  help       1  waiting  sleep, 10 s left                "
        "          6.0 s      0  ?/64K          crowd.c:7\n"
        "100000006  waiter     1  waiting  sleep, 10 s left                "
        "          7.0 s      0  ?/64K          crowd.c:7\n"
        "100000007  help       1  waiting  sleep, 10 s left                "
        "          8.0 s      0  ?/64K          crowd.c:7\n"
        "100000008  waiter     1  waiting  sleep, 10 s left                "
        "          9.0 s      0  ?/64K          crowd.c:7\n"
        "100000009  help       1  waiting  sleep, 10 s left                "
        "           10 s      0  ?/64K          crowd.c:7\n"
        "10000000a  waiter     1  waiting  sleep, 10 s left                "
        "           11 s      0  ?/64K          crowd.c:7\n"
        "10000000b  help       1  waiting  sleep, 10 s left                "
        "           12 s      0  ?/64K          crowd.c:7\n"
        "10000000c  waiter     1  waiting  sleep, 10 s left                "
        "           13 s      0  ?/64K          crowd.c:7\n"
        "10000000d  help       1  waiting  sleep, 10 s left                "
        "           14 s      0  ?/64K          crowd.c:7\n"
        "10000000e  other      2  ended                                    "
        "                     0  ?/64K  1.5 ms  crowd.c:7\n"
        "\n"
        "circle 1: fork 100000001 -> fork 100000002 -> spoon 100000003 -> f"
        "ork 100000001\n"
        "not whole: tasks ran while it was taken, so each is true by itself\n"
        "skipped: 3 that could not be read, or changed meanwhile\n");
}

/* ---- Trees -------------------------------------------------------------- */

TEST(a_tree_shows_who_owns_whom)
{
    use_utf8();
    CHECK_WRITTEN(
        written(&server, fm__picture_tree, NULL),
        "/usr/bin/server, pid 4711, Fermata 0.1.0\n"
        "loop 1: uring, thread 4711, waits in the kernel; 5 tasks: 4 waitin"
        "g, 1 ready\n"
        "\n"
        "└─ serve  group close: 2 x conn (for 12 s)  server.c:88\n"
        "   ├─ accept_all  accept on fd 5, 127.0.0.1:8080 (for 4.2 ms)  ser"
        "ver.c:70\n"
        "   ├─ conn  receive on fd 9, peer 127.0.0.1:51234, timeout in 55 s"
        " (for 5.0 s)  server.c:40\n"
        "   │  └─ log  lock, held by conn 200000003, 1.3 s left (for 1 h 2 "
        "min)  server.c:12\n"
        "   └─ conn  [cancelled] ready  server.c:40\n");
}

TEST(those_that_are_alike_are_one_line_of_a_tree)
{
    static struct crowd crowd;
    use_ascii();
    CHECK_WRITTEN(
        written(crowd_make(&crowd), fm__picture_tree, NULL),
        "?, pid 70, Fermata 0.1.0\n"
        "loop 1: epoll, thread 70; 14 tasks: 13 waiting, 1 running\n"
        "loop 2: epoll, thread 71; 1 task: 1 ended\n"
        "\n"
        "loop 1\n"
        "`- main  running  crowd.c:7\n"
        "   |- fork 100000001  [circle 1] lock, held by fork 100000002 (for"
        " 2.0 s)  crowd.c:7\n"
        "   |- fork 100000002  [circle 1] lock, held by spoon 100000003 (fo"
        "r 3.0 s)  crowd.c:7\n"
        "   |- spoon 100000003  [circle 1] lock, held by fork 100000001 (fo"
        "r 4.0 s)  crowd.c:7\n"
        "   `- 5 x waiter  sleep (for up to 13 s)  crowd.c:7\n"
        "      `- help  sleep  crowd.c:7\n"
        "loop 2\n"
        "`- other  ended  crowd.c:7\n"
        "\n"
        "circle 1: fork 100000001 -> fork 100000002 -> spoon 100000003 -> f"
        "ork 100000001\n"
        "not whole: tasks ran while it was taken, so each is true by itself\n"
        "skipped: 3 that could not be read, or changed meanwhile\n");
}

TEST(a_tree_unfolds_where_it_is_told_to)
{
    static struct crowd crowd;
    fm_picture_options options = {.unfold = true, .width = 40};
    use_utf8();
    CHECK_WRITTEN(written(crowd_make(&crowd), fm__picture_tree, &options),
                  "?, pid 70, Fermata 0.1.0\n"
                  "loop 1: epoll, thread 70; 14 tasks: 13 …\n"
                  "loop 2: epoll, thread 71; 1 task: 1 end…\n"
                  "\n"
                  "loop 1\n"
                  "└─ main  running  crowd.c:7\n"
                  "   ├─ fork 100000001  [circle 1] lock, …\n"
                  "   ├─ fork 100000002  [circle 1] lock, …\n"
                  "   ├─ spoon 100000003  [circle 1] lock,…\n"
                  "   ├─ waiter  sleep, 10 s left (for 5.0…\n"
                  "   │  └─ help  sleep, 10 s left (for 6.…\n"
                  "   ├─ waiter  sleep, 10 s left (for 7.0…\n"
                  "   │  └─ help  sleep, 10 s left (for 8.…\n"
                  "   ├─ waiter  sleep, 10 s left (for 9.0…\n"
                  "   │  └─ help  sleep, 10 s left (for 10…\n"
                  "   ├─ waiter  sleep, 10 s left (for 11 …\n"
                  "   │  └─ help  sleep, 10 s left (for 12…\n"
                  "   └─ waiter  sleep, 10 s left (for 13 …\n"
                  "      └─ help  sleep, 10 s left (for 14…\n"
                  "loop 2\n"
                  "└─ other  ended  crowd.c:7\n"
                  "\n"
                  "circle 1: fork 100000001 -> fork 100000…\n"
                  "not whole: tasks ran while it was taken…\n"
                  "skipped: 3 that could not be read, or c…\n");
}

static void more_lines(const fm_picture_task *task, const char *indent,
                       FILE *out, void *arg)
{
    (void)arg;
    if (indent != NULL)
        fprintf(out, "%sat %s\n", indent, task->name);
    else
        fprintf(out, "[\"%s\"]", task->name);
}

TEST(more_of_a_task_stands_below_its_line)
{
    fm_picture_options options = {.more = more_lines, .colours = true};
    use_utf8();
    CHECK_WRITTEN(
        written(&server, fm__picture_tree, &options),
        "\033[1m/usr/bin/server\033[0m, pid 4711, Fermata 0.1.0\n"
        "loop 1: uring, thread 4711, waits in the kernel; 5 tasks: 4 waitin"
        "g, 1 ready\n"
        "\n"
        "└─ \033[1mserve\033[0m  group close: 2 x conn\033[2m (for 12 s)"
        "\033[0m  \033[2mserver.c:88\033[0m\n"
        "   │   at serve\n"
        "   ├─ \033[1maccept_all\033[0m  accept on fd 5, 127.0.0.1:8080\033"
        "[2m (for 4.2 ms)\033[0m  \033[2mserver.c:70\033[0m\n"
        "   │      at accept_all\n"
        "   ├─ \033[1mconn\033[0m  receive on fd 9, peer 127.0.0.1:51234, t"
        "imeout in 55 s\033[2m (for 5.0 s)\033[0m  \033[2mserver.c:40\033[0"
        "m\n"
        "   │  │   at conn\n"
        "   │  └─ \033[1mlog\033[0m  lock, held by conn 200000003, 1.3 s le"
        "ft\033[2m (for 1 h 2 min)\033[0m  \033[2mserver.c:12\033[0m\n"
        "   │         at log\n"
        "   └─ \033[1mconn\033[0m  \033[31m[cancelled] \033[0mready  \033[2"
        "mserver.c:40\033[0m\n"
        "          at conn\n");
}

/* ---- JSON --------------------------------------------------------------- */

TEST(json_has_what_the_picture_has)
{
    static const size_t order[] = {2, 3};
    fm_picture_options options = {
        .order = order, .count = 2, .more = more_lines};
    CHECK_WRITTEN(
        written(&server, fm__picture_json, &options),
        "{\n"
        "  \"pid\": 4711, \"program\": \"/usr/bin/server\", \"version\": \""
        "0.1.0\", \"whole\": true, \"skipped\": 0,\n"
        "  \"loops\": [\n"
        "    {\"backend\": \"uring\", \"thread\": 4711, \"waiting\": true, "
        "\"whole\": true, \"polls\": 41, \"started\": 12, \"alive\": 6, \"n"
        "ow\": 12.500000000}\n"
        "  ],\n"
        "  \"circles\": [],\n"
        "  \"tasks\": [\n"
        "    {\"id\": \"700000002\", \"name\": \"conn\", \"site\": \"server"
        ".c:40\", \"loop\": 0, \"parent\": \"100000000\", \"state\": \"wait"
        "ing\", \"cancelled\": false, \"dense\": false, \"timeout\": 55.000"
        "000000, \"wait\": {\"kind\": \"operation\", \"name\": \"receive\","
        " \"text\": \"receive on fd 9, peer 127.0.0.1:51234, timeout in 55 "
        "s\", \"seconds\": 5.000000000, \"left\": null, \"fd\": 9, \"local"
        "\": \"127.0.0.1:8080\", \"peer\": \"127.0.0.1:51234\", \"object\":"
        " null, \"count\": null, \"limit\": null, \"tasks\": [], \"choice"
        "s\": []}, \"circle\": null, \"turns\": 7, \"stack_size\": 65536, "
        "\"stack_used\": 122"
        "88, \"cpu\": null, \"pc\": null, \"sp\": null, \"fp\": null, \"sta"
        "ck\": [\"conn\"]},\n"
        "    {\"id\": \"200000003\", \"name\": \"conn\", \"site\": \"server"
        ".c:40\", \"loop\": 0, \"parent\": \"100000000\", \"state\": \"read"
        "y\", \"cancelled\": true, \"dense\": false, \"timeout\": null, \"w"
        "ait\": null, \"circle\": null, \"turns\": 0, \"stack_size\": 65536"
        ", \"stack_used\": null, \"cpu\": null, \"pc\": null, \"sp\": null,"
        " \"fp\": null, \"stack\": [\"conn\"]}\n"
        "  ]\n"
        "}\n");
}

TEST(json_has_what_is_selected)
{
    static const fm_picture_choice choices[] = {
        {"ready", .fd = 3, .local = "[::1]:80", .task = FM_PICTURE_NONE},
        {"event", .fd = -1, .object = 0xabc, .task = FM_PICTURE_NONE},
        {"end of task", .fd = -1, .task = 0},
    };
    static struct crowd crowd;
    crowd_make(&crowd);
    crowd.picture.task_count = 1;
    crowd.tasks[0].state = FM_TASK_WAITING;
    crowd.tasks[0].id = 0x10;
    crowd.tasks[0].wait = (fm_picture_wait){.kind = FM_WAIT_CHOICES,
                                            .name = "select",
                                            .choices = choices,
                                            .choice_count = 3};
    char *text = written(&crowd.picture, fm__picture_json, NULL);
    CHECK(strstr(text, "{\"kind\": \"choices\", \"name\": \"select\"") != NULL);
    CHECK(strstr(text,
                 "\"choices\": [{\"name\": \"ready\", \"fd\": 3, \"local\": "
                 "\"[::1]:80\", \"peer\": null, \"object\": null, \"tasks\":"
                 " []}, {\"name\": \"event\", \"fd\": null, \"local\": null,"
                 " \"peer\": null, \"object\": \"0xabc\", \"tasks\": []}, "
                 "{\"name\": \"end of task\", \"fd\": null, \"local\": null, "
                 "\"peer\": null, \"object\": null, \"tasks\": [\"10\"]}]}") !=
          NULL);
    free(text);
}

TEST(what_is_not_known_is_null_in_json)
{
    static struct crowd crowd;
    crowd_make(&crowd);
    crowd.picture.task_count = 1;
    crowd.tasks[0].state = FM_TASK_WAITING;
    crowd.tasks[0].wait.seconds = NAN;
    crowd.tasks[0].wait.left = INFINITY;
    char *text = written(&crowd.picture, fm__picture_json, NULL);
    CHECK(strstr(text, "\"seconds\": null, \"left\": null, \"fd\": null") !=
          NULL);
    CHECK(strstr(text, "\"cpu\": null") != NULL);
    CHECK(strstr(text, "\"circle\": null") != NULL);
    CHECK(strstr(text, "\"whole\": false, \"skipped\": 3") != NULL);
    free(text);
}

TEST(a_program_without_a_loop_has_none_to_show)
{
    static const fm_picture none = {
        .pid = 1, .program = "idle", .version = "0.1.0"};
    use_ascii();
    CHECK_WRITTEN(written(&none, fm__picture_table, NULL),
                  "idle, pid 1, Fermata 0.1.0\n"
                  "no loop: none runs just now\n"
                  "\n");
    CHECK_WRITTEN(written(&none, fm__picture_tree, NULL),
                  "idle, pid 1, Fermata 0.1.0\n"
                  "no loop: none runs just now\n"
                  "\n");
    CHECK_WRITTEN(
        written(&none, fm__picture_json, NULL),
        "{\n"
        "  \"pid\": 1, \"program\": \"idle\", \"version\": \"0.1.0\", \"who"
        "le\": true, \"skipped\": 0,\n"
        "  \"loops\": [],\n"
        "  \"circles\": [],\n"
        "  \"tasks\": []\n"
        "}\n");
}
