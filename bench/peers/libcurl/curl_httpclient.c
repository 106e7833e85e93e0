/*
 * curl_httpclient.c - libcurl: COUNT handles of one multi, on epoll
 *
 * curl_httpclient COUNT PORT
 *
 * Each handle is added again when its answer has come: what it was told is kept
 * in it, and the connections are the multi's.
 */
#include "fetching.h"
#include <curl/curl.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    CURL_EVENTS = 512
};

static CURLM *multi;
static CURL **handles;
static size_t *sizes; /* of the bodies so far */
static size_t count;
static int poller;
static long timeout = -1; /* milliseconds; below 0: none */

static size_t curl_body(char *bytes, size_t one, size_t size, void *arg)
{
    (void)bytes;
    *(size_t *)arg += one * size;
    return one * size;
}

/* wide: it is called back with all of these. */
static int curl_watch(CURL *easy, curl_socket_t fd, int what, void *arg,
                      void *known)
{
    struct epoll_event event = {.data.fd = fd};
    int verb = known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

    (void)easy, (void)arg;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    if (what & CURL_POLL_IN)
        event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT)
        event.events |= EPOLLOUT;
    epoll_ctl(poller, verb, fd, &event);
    curl_multi_assign(multi, fd, multi);
    return 0;
}

static int curl_timer(CURLM *of, long milliseconds, void *arg)
{
    (void)of, (void)arg;
    timeout = milliseconds;
    return 0;
}

static void curl_fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* True when the answer of a handle has come, and is right. */
static bool curl_answered(CURL **easy)
{
    int left;
    long status = 0;
    size_t *size = NULL;
    CURLMsg *message = curl_multi_info_read(multi, &left);

    if (message == NULL)
        return false;
    *easy = message->easy_handle;
    if (message->data.result != CURLE_OK)
        curl_fail(curl_easy_strerror(message->data.result));
    curl_easy_getinfo(*easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(*easy, CURLINFO_PRIVATE, (char **)&size);
    if (status != 200 || *size != FETCHING_SIZE)
        curl_fail("an answer is wrong");
    *size = 0;
    curl_multi_remove_handle(multi, *easy);
    return true;
}

static void curl_turn(void)
{
    struct epoll_event events[CURL_EVENTS];
    int running, ready;

    ready = epoll_wait(poller, events, CURL_EVENTS, (int)timeout);
    if (ready == 0) {
        timeout = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    for (int i = 0; i < ready; i++) {
        int what = events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0;
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            what |= CURL_CSELECT_IN;
        curl_multi_socket_action(multi, events[i].data.fd, what, &running);
    }
}

static size_t curl_fetches(int64_t end)
{
    size_t answers = 0, asking = count;
    CURL *easy;

    for (size_t i = 0; i < count; i++)
        curl_multi_add_handle(multi, handles[i]);
    while (asking > 0) {
        curl_turn();
        bool over = measure_now() >= end;
        while (curl_answered(&easy)) {
            answers++;
            if (over)
                asking--;
            else
                curl_multi_add_handle(multi, easy);
        }
    }
    return answers;
}

static CURL *curl_handle(const char *url, size_t *size)
{
    CURL *easy = curl_easy_init();

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, curl_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, size);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, size);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return easy;
}

int main(int argc, char **argv)
{
    char url[64];

    if (argc < 3)
        return 2;
    count = measure_argument(argc, argv, 1, 64);
    snprintf(url, sizeof url, "http://127.0.0.1:%s/plaintext", argv[2]);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    poller = epoll_create1(EPOLL_CLOEXEC);
    multi = curl_multi_init();
    handles = calloc(count, sizeof *handles);
    sizes = calloc(count, sizeof *sizes);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, curl_watch);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, curl_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)(2 * count));
    for (size_t i = 0; i < count; i++)
        handles[i] = curl_handle(url, &sizes[i]);
    fetching_measure(curl_fetches);
    return 0;
}
