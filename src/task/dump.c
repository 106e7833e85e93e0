/*
 * dump.c - what all tasks of this program do, on paper
 */
#include <fermata/dump.h>
#include <fermata/inspect.h>

#include "base/room.h"
#include "base/sys_thread.h"

#define DUMP_ROWS 100 /* of the table; the tree folds what is alike */

struct dump {
    FILE *out;
    int rc;
};

static int dump_table(const fm_picture *picture, FILE *out)
{
    size_t order[DUMP_ROWS], count = 0;
    for (; count < picture->task_count && count < DUMP_ROWS; count++)
        order[count] = count;
    const fm_picture_options options = {
        .bare = true, .order = order, .count = count};
    fputc('\n', out);
    int rc = fm_picture_table(picture, out, &options);
    if (count < picture->task_count)
        fprintf(out, "and %zu more\n", picture->task_count - count);
    return rc;
}

static int dump_look(fm_inspect *inspect, FILE *out)
{
    const fm_picture *picture;
    int rc = fm_inspect_look(inspect, &picture);
    if (rc == 0)
        rc = fm_picture_tree(picture, out);
    if (rc == 0 && picture->task_count > 0)
        rc = dump_table(picture, out);
    return rc;
}

static void dump_write(void *arg)
{
    struct dump *dump = arg;
    fm_inspect *inspect;
    dump->rc = fm_inspect_open(&inspect, fm__thread_process());
    if (dump->rc < 0)
        return;
    dump->rc = dump_look(inspect, dump->out);
    fm_inspect_close(inspect);
}

int fm_dump(FILE *out)
{
    struct dump dump = {out, 0};
    fm__room_call(dump_write, &dump);
    return dump.rc;
}
