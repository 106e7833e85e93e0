/*
 * sigpipe.h - a write to a pipe that nobody reads is an error, not an end
 *
 * Sockets have MSG_NOSIGNAL; for pipes there is only the disposition, which is
 * the whole process's.
 */
#ifndef FM_LOOP_SIGPIPE_H
#define FM_LOOP_SIGPIPE_H

/* SIGPIPE is ignored until as many restores have been called, unless the
 * program has its own disposition: 0 or -errno. From any thread. */
int fm__sigpipe_ignore(void);
void fm__sigpipe_restore(void);

#endif
