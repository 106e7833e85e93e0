/*
 * chat_rehearsal.c - chat.c under the simulator: a test of what it promises
 */
#include <assert.h>

/* [include] */
int chat_main(int argc, char **argv);
#define main chat_main
#include "chat.c" /* NOLINT: the program under test */
#undef main
/* [/include] */

/* [room] */
struct open_room {
    fm_listener *listener;
};

static int open_room(struct open_room *args)
{
    const fm_serve_options options = {.grace = -1};
    struct room room = {NULL};
    return fm_serve(args->listener, visit, &room, &options);
}

static fm_stream *guest_called(const char *name, fm_listener *listener)
{
    char address[FM_ADDRESS_TEXT];
    fm_stream *guest = NULL;
    fm_address_format(fm_listener_address(listener), address);
    int rc = fm_connect(address, &guest);
    assert(rc == 0);
    fm_write(guest, name, strlen(name));
    return guest;
}

static bool hears(fm_stream *guest, const char *expected)
{
    char line[512] = "";
    return fm_read_line(guest, line, sizeof line) >= 0 &&
           strcmp(line, expected) == 0;
}
/* [/room] */

/* [slow] */
/* More than a queue, the streams and the network hold. */
static void ada_is_not_held_up(fm_stream *ada)
{
    static char line[400];
    memset(line, 'a', sizeof line - 2);
    line[sizeof line - 2] = '\n';
    for (int i = 0; i < 2000; i++) {
        char heard[512];
        fm_write(ada, line, sizeof line - 1);
        ssize_t n = fm_read_line(ada, heard, sizeof heard);
        assert(n == (ssize_t)(sizeof "Ada: " - 1 + sizeof line - 2));
    }
    puts("Ada hears each of her 2,000 lines");
}
/* [/slow] */

/* [test] */
static int test(void *arg)
{
    fm_listener *listener;
    (void)arg;
    int rc = fm_listen("127.0.0.1:7000", &listener);
    assert(rc == 0);
    fm_task *room = fm_go(open_room, listener);

    fm_stream *deaf = guest_called("Deaf\n", listener);
    bool heard = hears(deaf, "Deaf: is here");
    fm_stream *ada = guest_called("Ada\n", listener);
    heard = heard && hears(ada, "Ada: is here");
    assert(heard);
    ada_is_not_held_up(ada);

    int64_t began = fm_now();
    fm_serve_stop(listener);
    heard = hears(ada, "bye");
    assert(heard);
    rc = fm_await(room);
    printf("the room is closed after %.1f s, although one guest is deaf\n",
           (double)(fm_now() - began) / (double)FM_SECOND);
    fm_abort(deaf);
    fm_close(ada);
    return rc;
}

int main(void)
{
    return fm_run(test, NULL, &(fm_run_options){.backend = "sim"}) < 0;
}
/* [/test] */
