/*
 * llhttp_parse.c - Node's parser: reads heads of HTTP/1.1, and notes where the
 * names and values are
 */
#include "requests.h"

#include <llhttp.h>

static struct {
    const char *at;
    size_t size;
} spans[200];
static size_t names, values;

static int on_name(llhttp_t *parser, const char *at, size_t size)
{
    (void)parser;
    spans[2 * names].at = at;
    spans[2 * names++].size = size;
    return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t size)
{
    (void)parser;
    spans[2 * values + 1].at = at;
    spans[2 * values++ + 1].size = size;
    return 0;
}

static llhttp_settings_t settings;
static llhttp_t parser;

static size_t requests_read(const char *bytes, size_t size)
{
    names = values = 0;
    llhttp_init(&parser, HTTP_REQUEST, &settings);
    return llhttp_execute(&parser, bytes, size) == HPE_OK ? values : 0;
}

int main(void)
{
    llhttp_settings_init(&settings);
    settings.on_header_field = on_name;
    settings.on_header_value = on_value;
    requests_measure();
    return 0;
}
