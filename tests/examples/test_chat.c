/*
 * test_chat.c - examples/chat: three guests, one who is slow, and the end
 */
#include "task/story.h"

#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* The program, and where it says that it listens. */
static pid_t chat;
static char room[FM_ADDRESS_TEXT];

static void start_the_program(int output)
{
    char self[4096], path[4200];
    posix_spawn_file_actions_t actions;
    ssize_t size = readlink("/proc/self/exe", self, sizeof self - 1);
    CHECK(size > 0);
    self[size] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(path, sizeof path, "%s/../examples/chat", self);
    char *const words[] = {path, (char[]){"127.0.0.1:0"}, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    CHECK_INT(posix_spawn(&chat, path, &actions, NULL, words, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
}

static void open_the_room(void)
{
    char line[FM_ADDRESS_TEXT];
    int ends[2];
    fm_stream *output;
    CHECK_INT(pipe(ends), 0);
    start_the_program(ends[1]);
    close(ends[1]);
    CHECK_INT(fm_stream_adopt(ends[0], &output), 0);
    CHECK(fm_read_line(output, line, sizeof line) > 0);
    CHECK_INT(sscanf(line, "listening on %127s", room), 1);
    fm_close(output);
}

/* What the program returned; it must have ended by itself. */
static int close_the_room(int number)
{
    int status = -1;
    if (number > 0)
        CHECK_INT(kill(chat, number), 0);
    CHECK_INT(waitpid(chat, &status, 0), chat);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void say(fm_stream *guest, const char *words)
{
    CHECK_INT(fm_write(guest, words, strlen(words)), strlen(words));
}

static fm_stream *guest_from(const char *name)
{
    fm_stream *guest = NULL;
    CHECK_INT(fm_connect(room, &guest), 0);
    say(guest, name);
    return guest;
}

static void hear(fm_stream *guest, const char *expected)
{
    char line[600] = "";
    ssize_t n = fm_read_line(guest, line, sizeof line);
    if (n < 0 || strcmp(line, expected) != 0)
        test_fail(__FILE__, __LINE__, "heard \"%s\" (%zd), not \"%s\"", line, n,
                  expected);
}

static void hear_the_end(fm_stream *guest)
{
    char line[80];
    hear(guest, "bye");
    CHECK_INT(fm_read_line(guest, line, sizeof line), -FM_EEOF);
    fm_close(guest);
}

STORY(three_guests_hear_each_other_in_order_and_all_hear_the_end)
{
    open_the_room();
    fm_stream *ada = guest_from("Ada\n");
    hear(ada, "Ada: is here");
    fm_stream *ben = guest_from("Ben\n");
    hear(ada, "Ben: is here");
    hear(ben, "Ben: is here");
    fm_stream *cleo = guest_from("Cleo\n");
    fm_stream *all[] = {ada, ben, cleo};
    for (int i = 0; i < 3; i++)
        hear(all[i], "Cleo: is here");
    say(ada, "one\ntwo\n");
    for (int i = 0; i < 3; i++)
        hear(all[i], "Ada: one");
    say(cleo, "thr");
    for (int i = 0; i < 3; i++)
        hear(all[i], "Ada: two");
    say(cleo, "ee\r\n");
    for (int i = 0; i < 3; i++)
        hear(all[i], "Cleo: three");
    CHECK_INT(kill(chat, SIGTERM), 0);
    for (int i = 0; i < 3; i++)
        hear_the_end(all[i]);
    CHECK_INT(close_the_room(0), 0);
}

STORY(who_leaves_is_missed_and_the_others_stay)
{
    open_the_room();
    fm_stream *ada = guest_from("Ada\n");
    hear(ada, "Ada: is here");
    fm_stream *ben = guest_from("Ben\n");
    hear(ada, "Ben: is here");
    fm_stream *rude = guest_from("Rude\n");
    hear(ada, "Rude: is here");
    CHECK_INT(fm_close(ben), 0);
    hear(ada, "Ben: has left");
    fm_abort(rude);
    hear(ada, "Rude: has left");
    say(ada, "alone\n");
    hear(ada, "Ada: alone");
    CHECK_INT(kill(chat, SIGINT), 0);
    hear_the_end(ada);
    CHECK_INT(close_the_room(0), 0);
}

STORY(a_guest_without_a_name_hears_the_end_too)
{
    open_the_room();
    fm_stream *shy = guest_from("");
    fm_stream *ada = guest_from("Ada\n");
    hear(ada, "Ada: is here");
    CHECK_INT(kill(chat, SIGTERM), 0);
    hear_the_end(shy);
    hear_the_end(ada);
    CHECK_INT(close_the_room(0), 0);
}

/* Far more than a queue, the program's streams and the kernel hold. */
STORY(who_does_not_listen_holds_up_nobody)
{
    static char words[500];
    memset(words, 'w', sizeof words - 1);
    words[sizeof words - 2] = '\n';
    open_the_room();
    fm_stream *deaf = guest_from("Deaf\n");
    hear(deaf, "Deaf: is here");
    fm_stream *ada = guest_from("Ada\n");
    hear(ada, "Ada: is here");
    for (int i = 0; i < 20000; i++) {
        char line[600];
        say(ada, words);
        if (fm_read_line(ada, line, sizeof line) < 0)
            test_fail(__FILE__, __LINE__, "line %d did not come back", i);
    }
    fm_abort(deaf);
    hear(ada, "Deaf: has left");
    fm_close(ada);
    CHECK_INT(close_the_room(SIGTERM), 0);
}
