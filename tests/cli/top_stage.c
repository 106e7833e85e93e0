/*
 * top_stage.c - fermata top before a program that there is not
 *
 *     top_stage CLIENTS FILE
 *
 * The program ends when the file is not there any more.
 */
#include "made_up.h"

#include <locale.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    static struct top top;
    struct made_up program;
    if (argc != 3)
        return 2;
    setlocale(LC_CTYPE, "");
    made_up_init(&program, (size_t)strtoul(argv[1], NULL, 10));
    program.file = argv[2];
    top_init(&top, &program.source);
    top.view.interval = 0.1;
    int rc = top_see(&top);
    if (rc == 0)
        rc = top_screen(&top);
    top_fini(&top);
    made_up_fini(&program);
    return rc < 0;
}
