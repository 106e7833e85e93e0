/*
 * http_script.h - a server that says what it is told to, whoever asks for what
 *
 * The first request of all is answered with the script's reply, and each one
 * behind it, on whatever connection, with "next".
 */
#ifndef TESTS_HTTP_SCRIPT_H
#define TESTS_HTTP_SCRIPT_H

#include "net/neighbours.h"

#include <fermata/http_client.h>

enum {
    SCRIPT_HEAD = 8192,
    OUTCOME_BODY = 65536
};

struct script {
    const char *reply;
    size_t size;       /* 0: up to its NUL */
    size_t piece;      /* bytes that are said at a time; 0: all */
    double pause;      /* units of a story between the pieces */
    int replies;       /* requests that are answered so; 0: one */
    bool leaves;       /* behind it the connection ends */
    bool resets;       /* the same, and not in order */
    bool early;        /* it does not wait for the request */
    bool mute;         /* it hears the first request, and leaves */
    const char *later; /* said behind the first reply, a moment later */
    bool slams; /* a first connection ends when its second request is heard */
    /* what came of it */
    int connections;
    int requests;
    bool said; /* all of the reply is the kernel's, or nobody takes it */
    char asked[SCRIPT_HEAD]; /* the last one's head */
    /* its own */
    fm_listener *listener;
    fm_task *task;
    char url[FM_ADDRESS_TEXT + 32];
};

/* It serves from here on; url is where. */
void script_open(struct script *script);

/* Until all clients have left. */
void script_close(struct script *script);

/* What came of a request: the first failure, or the whole. */
struct outcome {
    int result;
    int status;
    size_t size;
    char body[OUTCOME_BODY + 1];
    fm_http_failure failure;
};

extern struct outcome outcome;

/* Until all connections that the client had are closed. */
void script_until_closed(const fm_http_client *client);

/* Asks and reads all; request NULL: a GET. */
void ask(fm_http_client *client, const char *url,
         const fm_http_request *request);

#endif
