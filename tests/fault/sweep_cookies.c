/*
 * sweep_cookies.c - scenarios: a jar, its file, and a session
 *
 * A cookie that comes back is the one that was set, or it does not come; a file
 * of a jar is the old one or the new one.
 */
#include "fault/sweep.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char cookies_key[FM_SESSION_KEY] =
    "a key of thirty-two bytes, or so";

/* ---- sessions and replies ------------------------------------------------ */

/* "/in" signs in, and "/" knows by whom it is asked. */
static int cookies_answer(fm_exchange *exchange, void *arg)
{
    char name[16] = "nobody";
    if (strcmp(fm_exchange_target(exchange), "/in") == 0) {
        int rc = fm_session_set_text(arg, exchange, "alice");
        if (rc == 0)
            rc = fm_reply_cookie(exchange,
                                 &(fm_cookie){.name = "seen", .value = "1"});
        return rc < 0 ? rc : fm_reply(exchange, 200, NULL, 0); /* at once */
    }
    ssize_t size = fm_session_get(arg, exchange, name, sizeof name);
    if (size < 0)
        return (int)size;
    const char *seen = fm_exchange_cookie(exchange, "seen");
    sweep_state.noted +=
        strcmp(name, "alice") != 0 || (seen != NULL && strcmp(seen, "1") != 0);
    return fm_reply_text(exchange, 200, name);
}

/* A server in need answers 500. */
static int cookies_ask(fm_http_client *client, const char *url,
                       const char *wanted)
{
    fm_response *response;
    const char *bytes;
    int rc = fm_http_fetch(client, url, &response);
    if (rc < 0)
        return rc;
    int status = fm_response_status(response);
    ssize_t size = fm_response_load(response, &bytes);
    if (size >= 0 && status == 200)
        sweep_state.noted += strcmp(bytes, wanted) != 0;
    fm_response_close(response);
    return size < 0 ? (int)size : status == 200 ? 0 : -ECONNRESET;
}

static int cookies_told(int rc)
{
    return rc == -FM_EEOF || rc == -EPIPE ? -ECONNRESET : rc;
}

static int cookies_sign_in(fm_cookie_jar *jar, fm_sessions *sessions)
{
    const fm_http_client_options options = {
        .handler = cookies_answer, .handler_arg = sessions, .jar = jar};
    fm_http_client *client;
    int rc = fm_http_client_open(&client, &options);
    if (rc < 0)
        return rc;
    rc = cookies_ask(client, "http://localhost/in", "");
    if (rc == 0)
        rc = cookies_ask(client, "http://localhost/", "alice");
    fm_http_client_close(client);
    return cookies_told(rc);
}

static int cookies_session(void *arg)
{
    fm_sessions *sessions;
    fm_cookie_jar *jar;
    (void)arg;
    int rc = fm_sessions_new(
        &sessions,
        &(fm_session_options){.keys = {{cookies_key, FM_SESSION_KEY}}});
    if (rc < 0) /* there is nothing to sign with */
        return rc == -EOPNOTSUPP ? 0 : rc;
    rc = fm_cookie_jar_new(&jar);
    if (rc == 0) {
        rc = cookies_sign_in(jar, sessions);
        fm_cookie_jar_free(jar);
    }
    fm_sessions_free(sessions);
    return rc;
}

/* ---- files --------------------------------------------------------------- */

static const char *cookies_path(void)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/fermata-cookies-%d", (int)getpid());
    return path;
}

/* One cookie of each of some hosts: whole, or an error. */
static int cookies_fill(fm_cookie_jar *jar, int count)
{
    char url[64];
    int rc = 0;
    for (int i = 0; i < count && rc == 0; i++) {
        snprintf(url, sizeof url, "http://h%d.example/", i);
        rc = fm_cookie_jar_set(jar, url, "a=1; Max-Age=86400");
    }
    return rc;
}

static int cookies_save_and_load(fm_cookie_jar *jar)
{
    fm_cookie_jar *other = NULL;
    int rc = cookies_fill(jar, 20);
    if (rc == 0)
        rc = fm_cookie_jar_save(jar, cookies_path());
    if (rc == 0)
        rc = fm_cookie_jar_new(&other);
    if (rc < 0)
        return rc;
    ssize_t count = fm_cookie_jar_load(other, cookies_path());
    sweep_state.noted += count >= 0 && count != 20;
    fm_cookie_jar_free(other);
    return count < 0 ? (int)count : 0;
}

static int cookies_file(void *arg)
{
    fm_cookie_jar *jar;
    (void)arg;
    int rc = fm_cookie_jar_new(&jar);
    if (rc < 0)
        return rc;
    rc = cookies_save_and_load(jar);
    fm_cookie_jar_free(jar);
    unlink(cookies_path());
    return rc;
}

static const char *cookies_came_back(int rc)
{
    (void)rc;
    return sweep_state.noted > 0 ? "a cookie was not what was set" : NULL;
}

const struct scenario sweep_cookies[] = {
    {"cookies", cookies_session, .also = {-ECONNRESET, -ECANCELED},
     .wrong = cookies_came_back},
    {"cookies-file", cookies_file, .wrong = cookies_came_back},
    {.name = NULL},
};
