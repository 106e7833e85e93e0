/*
 * webserver_page.h - the live page of webserver.c, as a browser takes it
 */
#ifndef EXAMPLES_WEBSERVER_PAGE_H
#define EXAMPLES_WEBSERVER_PAGE_H

static const char webserver_style[] = "<!doctype html>\n";

static const char webserver_body[] = "<p>\n";

static const char webserver_script[] = "</html>\n";

#endif
