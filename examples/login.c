/*
 * login.c - a server that knows who has signed in, by a cookie that it signs
 *
 *   login [ADDRESS]
 *
 *   curl -c jar -d 'name=ada&word=sesame' localhost:8080/in
 *   curl -b jar localhost:8080               welcome, ada
 *   curl -b jar -c jar -X POST localhost:8080/out
 */
#include <fermata.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define NAME 64

/* [in] */
static int sign_in(fm_exchange *exchange, void *sessions)
{
    const char *form;
    char name[NAME], word[NAME];
    ssize_t size = fm_exchange_form(exchange, &form);
    if (size < 0)
        return (int)size;
    if (fm_form_get(form, "name", name, sizeof name) <= 0 ||
        fm_form_get(form, "word", word, sizeof word) <= 0 ||
        strcmp(word, "sesame") != 0)
        return fm_reply_text(exchange, 403, "no\n");
    int rc = fm_session_set_text(sessions, exchange, name);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "signed in\n");
}
/* [/in] */

/* [greet] */
static int greet(fm_exchange *exchange, void *sessions)
{
    char name[NAME], text[NAME + 16];
    ssize_t size = fm_session_get(sessions, exchange, name, sizeof name);
    if (size < 0) /* none, or it was not signed here, or its time is over */
        return fm_reply_text(exchange, 403, "sign in first\n");
    snprintf(text, sizeof text, "welcome, %s\n", name);
    return fm_reply_text(exchange, 200, text);
}
/* [/greet] */

/* [out] */
static int sign_out(fm_exchange *exchange, void *sessions)
{
    int rc = fm_session_end(sessions, exchange);
    return rc < 0 ? rc : fm_reply_text(exchange, 200, "signed out\n");
}
/* [/out] */

static int serve(const char *address, fm_router *router)
{
    fm_listener *listener;
    char text[FM_ADDRESS_TEXT];
    int rc = fm_listen(address, &listener);
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_http_serve(listener, fm_router_handle, router);
}

/* [key] */
static int open_sessions(fm_sessions **sessions)
{
    char key[FM_SESSION_KEY]; /* a new one: who restarts it signs all out */
    if (getrandom(key, sizeof key, 0) != sizeof key)
        return -errno;
    return fm_sessions_new(
        sessions,
        &(fm_session_options){.keys = {{key, sizeof key}}, .age = 3600});
}
/* [/key] */

static int doorman(void *address)
{
    fm_sessions *sessions = NULL;
    int rc = open_sessions(&sessions);
    if (rc < 0)
        return rc;
    fm_router *router = fm_router_new();
    rc = fm_route(router, "GET", "/", FM_ROUTE(greet, sessions));
    if (rc == 0)
        rc = fm_route(router, "POST", "/in", FM_ROUTE(sign_in, sessions));
    if (rc == 0)
        rc = fm_route(router, "POST", "/out", FM_ROUTE(sign_out, sessions));
    if (rc == 0)
        rc = serve(address, router);
    fm_router_free(router);
    fm_sessions_free(sessions);
    return rc;
}

int main(int argc, char **argv)
{
    int rc = fm_run(doorman, argc > 1 ? argv[1] : "127.0.0.1:8080");
    if (rc < 0 && rc != -ECANCELED)
        fprintf(stderr, "%s\n", fm_strerror(rc));
    return rc < 0 && rc != -ECANCELED;
}
