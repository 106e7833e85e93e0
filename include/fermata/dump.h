/*
 * dump.h - what all tasks of this program do, on paper
 *
 *     fm_dump(stderr);
 *
 * The same that `fermata ps` and `fermata pstree` show from outside. With the
 * option dump_on_quit of fm_run, or FERMATA_DUMP=1, SIGQUIT (Ctrl-\) writes it
 * to stderr.
 */
#ifndef FERMATA_DUMP_H
#define FERMATA_DUMP_H

#include <fermata/api.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Writes the tasks of all loops of the process: as a tree of who owns whom, and
 * the first hundred in a table. May be called in tasks, in callbacks and on any
 * thread, but not in a handler of signals; nothing suspends.
 *
 * Returns 0; -EIO where out has failed; -ENOMEM, -EMFILE, -ENFILE.
 */
FM_API int fm_dump(FILE *out);

#ifdef __cplusplus
}
#endif

#endif
