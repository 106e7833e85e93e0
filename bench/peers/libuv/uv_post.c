/*
 * uv_post.c - libuv: functions posted to a loop from another thread
 *
 * uv_async_send is the one call that other threads may make, and it carries
 * nothing: a list under a lock beside it is what its users write.
 */
#include "posting.h"
#include <uv.h>

struct post {
    struct post *next;
    void (*fn)(void *arg);
    void *arg;
};

static uv_async_t async;
static uv_mutex_t lock;
static struct post *first, **last = &first;

static void post_add(void (*fn)(void *arg), void *arg)
{
    struct post *post = malloc(sizeof *post);

    if (post == NULL)
        exit(1);
    *post = (struct post){NULL, fn, arg};
    uv_mutex_lock(&lock);
    *last = post;
    last = &post->next;
    uv_mutex_unlock(&lock);
    uv_async_send(&async);
}

static void post_run_all(uv_async_t *handle)
{
    (void)handle;
    uv_mutex_lock(&lock);
    struct post *post = first;
    first = NULL;
    last = &first;
    uv_mutex_unlock(&lock);
    while (post != NULL) {
        struct post *next = post->next;
        post->fn(post->arg);
        free(post);
        post = next;
    }
}

static void post_stop(void *arg)
{
    (void)arg;
    uv_close((uv_handle_t *)&async, NULL);
}

int main(void)
{
    uv_loop_t *loop = uv_default_loop();

    uv_mutex_init(&lock);
    uv_async_init(loop, &async, post_run_all);
    posting_start(post_add, post_stop);
    return uv_run(loop, UV_RUN_DEFAULT);
}
