/*
 * verbs.h - what the command can do, and how it says that something failed
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

/* What the command ends with. */
enum {
    VERB_WRONG = 1,         /* what was looked at is not as it should be */
    VERB_USAGE = 2,         /* the command line was not understood */
    VERB_INTERRUPTED = 130, /* as a shell says of SIGINT */
};

/* Each is given what stands behind its name, ended by NULL, and returns what
 * the command ends with; run does not return where the program runs. How it is
 * used main says, to who asks and where that is VERB_USAGE. */
int run_verb(char **words);
int new_verb(char **words);
int ps_verb(char **words);
int pstree_verb(char **words);
int top_verb(char **words);

/* Says what failed and why, unless it was cut, to standard error. Returns
 * rc. */
int tell_failure(const char *what, int rc);

/* Runs the work of a verb, which tells its failures, as a task. Returns what it
 * did, or why there is no task, which it has told. */
int tell_run(int (*run)(void *arg), void *arg);

/* What to end with: 0 for 0 and more. */
int tell_status(int rc);

#endif
