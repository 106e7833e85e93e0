/*
 * plain_head.c - heads read, and lines scanned, as on a machine without a scan
 * of its own
 *
 * The sources themselves, under other names.
 */
#include "fuzz/plain_head.h"

#define fm__scan_token plain_scan_token
#define fm__scan_value plain_scan_value
#define fm__scan_target plain_scan_target
#define fm__head_init plain_head_init
#define fm__head_read plain_head_read
#define fm__head_find plain_head_find

void plain_head_init(struct fm__head *head, enum fm__head_kind kind);
const struct fm__field *plain_head_find(const struct fm__head *head,
                                        const char *bytes, const char *name);

#include "proto/scan_plain.c" /* NOLINT: under other names */

#include "proto/head.c" /* NOLINT: the same */
