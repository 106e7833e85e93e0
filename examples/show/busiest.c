/*
 * busiest.c - the tasks of the program itself, when there were most of them
 *
 * What `fermata pstree` tells of another program a program can tell of its own.
 */
#include "show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INDENT 2

/* [look] */
static int look(const struct show *show, fm_inspect *inspect, FILE *out)
{
    const fm_picture *picture;
    int rc = fm_inspect_look(inspect, &picture);
    if (rc < 0)
        return rc;
    return fm_picture_tree(picture, out,
                           &(fm_picture_options){
                               .width = summary_columns() - INDENT,
                               .colours = show->colours,
                               .bare = true,
                           });
}

/* The caller is among them, running. */
static char *tree_of_tasks(const struct show *show)
{
    char *tree = NULL;
    size_t size;
    fm_inspect *inspect;
    if (fm_inspect_open(&inspect, getpid()) < 0)
        return NULL;
    FILE *out = open_memstream(&tree, &size);
    int rc = out != NULL ? look(show, inspect, out) : -ENOMEM;
    if (out != NULL)
        fclose(out);
    fm_inspect_close(inspect);
    if (rc == 0)
        return tree;
    free(tree);
    return NULL;
}
/* [/look] */

void busiest_look(struct show *show)
{
    size_t tasks = fm_task_count();
    if (tasks <= show->busiest_tasks)
        return;
    char *tree = tree_of_tasks(show);
    if (tree == NULL)
        return;
    free(show->busiest);
    show->busiest = tree;
    show->busiest_tasks = tasks;
}

void busiest_print(const struct show *show)
{
    const char *line = show->busiest;
    if (line == NULL)
        return;
    printf("\n  %zu tasks at the busiest moment, by fermata pstree:\n",
           show->busiest_tasks);
    while (*line != '\0') {
        int size = (int)strcspn(line, "\n");
        printf("%*s%.*s\n", INDENT, "", size, line);
        line += size + (line[size] != '\0');
    }
}
