/*
 * plain_head.h - heads read, and lines scanned, as on a machine without a scan
 * of its own
 */
#ifndef TESTS_FUZZ_PLAIN_HEAD_H
#define TESTS_FUZZ_PLAIN_HEAD_H

#include "proto/head.h"

size_t plain_scan_token(const char *bytes, size_t size);
size_t plain_scan_value(const char *bytes, size_t size);
size_t plain_scan_target(const char *bytes, size_t size);
ssize_t plain_head_read(struct fm__head *head, const char *bytes, size_t size);

#endif
