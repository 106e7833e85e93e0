/*
 * requests.h - the heads that parsers read: the least that a load generator
 * sends, and what a browser does
 */
#ifndef BENCH_REQUESTS_H
#define BENCH_REQUESTS_H

#include "measure.h"

#define REQUESTS_BATCH 1000

static const char requests_small[] = "GET /plaintext HTTP/1.1\r\n"
                                     "Host: localhost:8080\r\n"
                                     "Accept: */*\r\n"
                                     "\r\n";

static const char requests_browser[] =
    "GET /guide/chapters/streams.html?lang=en&theme=dark HTTP/1.1\r\n"
    "Host: www.example.org\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 "
    "Firefox/128.0\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    "\r\n"
    "Accept-Language: en-GB,en;q=0.7,de;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Referer: https://www.example.org/guide/index.html\r\n"
    "Connection: keep-alive\r\n"
    "Cookie: session=0123456789abcdef0123456789abcdef; seen=2024-11-05\r\n"
    "Cache-Control: max-age=0\r\n"
    "\r\n";

/* Of the parser: reads one head, and gives how many fields it had. */
static size_t requests_read(const char *bytes, size_t size);

static void requests_check(size_t is, size_t wanted)
{
    if (is != wanted) {
        fprintf(stderr, "%zu fields, not %zu\n", is, wanted);
        exit(1);
    }
}

static void requests_small_batch(void)
{
    for (int i = 0; i < REQUESTS_BATCH; i++)
        requests_check(requests_read(requests_small, sizeof requests_small - 1),
                       2);
}

static void requests_browser_batch(void)
{
    for (int i = 0; i < REQUESTS_BATCH; i++)
        requests_check(
            requests_read(requests_browser, sizeof requests_browser - 1), 9);
}

static void requests_measure(void)
{
    measure("parse", "small", REQUESTS_BATCH, requests_small_batch);
    measure("parse", "browser", REQUESTS_BATCH, requests_browser_batch);
}

#endif
