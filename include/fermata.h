/*
 * fermata.h - asyncio for C: tasks, an event loop, and one thread for all
 *
 * Include this one header; each line below is one concept and one chapter of
 * the guide. A first program:
 *
 *     static int hello(void *arg) { (void)arg; return fm_sleep(1); }
 *     int main(void) { return fm_run(hello, NULL) < 0; }
 */
#ifndef FERMATA_H
#define FERMATA_H

#include <fermata/access_log.h>
#include <fermata/address.h>
#include <fermata/api.h>
#include <fermata/awaitable.h>
#include <fermata/barrier.h>
#include <fermata/broadcast.h>
#include <fermata/cell.h>
#include <fermata/channel.h>
#include <fermata/coding.h>
#include <fermata/condition.h>
#include <fermata/connect.h>
#include <fermata/cookie.h>
#include <fermata/dense.h>
#include <fermata/directory.h>
#include <fermata/doctor.h>
#include <fermata/dump.h>
#include <fermata/error.h>
#include <fermata/event.h>
#include <fermata/events.h>
#include <fermata/exchange.h>
#include <fermata/fd.h>
#include <fermata/file.h>
#include <fermata/form.h>
#include <fermata/future.h>
#include <fermata/gather.h>
#include <fermata/gen.h>
#include <fermata/group.h>
#include <fermata/http_client.h>
#include <fermata/http_files.h>
#include <fermata/http_json.h>
#include <fermata/http_serve.h>
#include <fermata/inspect.h>
#include <fermata/links.h>
#include <fermata/listen.h>
#include <fermata/local.h>
#include <fermata/lock.h>
#include <fermata/loop.h>
#include <fermata/multipart.h>
#include <fermata/multipart_form.h>
#include <fermata/path.h>
#include <fermata/path_watch.h>
#include <fermata/pipe.h>
#include <fermata/problem.h>
#include <fermata/process.h>
#include <fermata/query.h>
#include <fermata/queue.h>
#include <fermata/rate.h>
#include <fermata/remote.h>
#include <fermata/report.h>
#include <fermata/resolve.h>
#include <fermata/retry.h>
#include <fermata/robots.h>
#include <fermata/router.h>
#include <fermata/run.h>
#include <fermata/rwlock.h>
#include <fermata/select.h>
#include <fermata/semaphore.h>
#include <fermata/serve.h>
#include <fermata/session.h>
#include <fermata/shield.h>
#include <fermata/signal.h>
#include <fermata/sleep.h>
#include <fermata/standard.h>
#include <fermata/stats.h>
#include <fermata/stream.h>
#include <fermata/tail.h>
#include <fermata/task.h>
#include <fermata/temporary.h>
#include <fermata/thread.h>
#include <fermata/ticker.h>
#include <fermata/timeout.h>
#include <fermata/tls.h>
#include <fermata/trace.h>
#include <fermata/udp.h>
#include <fermata/unix.h>
#include <fermata/url.h>
#include <fermata/wait.h>
#include <fermata/websocket.h>
#include <fermata/when.h>
#include <fermata/workers.h>

#endif
