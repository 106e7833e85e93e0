/*
 * status.h - what a status is called, and which one a failure stands for
 */
#ifndef FM_HTTP_STATUS_H
#define FM_HTTP_STATUS_H

/* "OK"; "" of one that has no name. */
const char *fm__http_reason(int status);

/* Of a negative code that a request, or its handler, came to. */
int fm__http_status_of(int rc);

#endif
