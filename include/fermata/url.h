/*
 * url.h - addresses of the web, as the URL standard has them
 *
 *     fm_url *base, *url;
 *     int rc = fm_url_parse("https://example.org/a/b", NULL, &base);
 *     if (rc == 0)
 *         rc = fm_url_parse("../c?d#e", base, &url);
 *     if (rc == 0)
 *         puts(fm_url_text(url));           // https://example.org/c?d#e
 *
 * What browsers take is taken, and is written in the one way that they write
 * it (https://url.spec.whatwg.org). Nothing here waits; in libfermata-http.
 */
#ifndef FERMATA_URL_H
#define FERMATA_URL_H

#include <fermata/api.h>

/* Bytes of a text that is taken for a URL, at most. */
#define FM_URL_LIMIT 65536

/* A URL: of whoever has parsed it, who ends it by fm_url_free. It belongs to
 * no loop. */
typedef struct fm_url fm_url;

/* The parts of a URL, as they are called in the standard. */
typedef enum fm_url_part {
    FM_URL_PROTOCOL, /* "https:" */
    FM_URL_USERNAME, /* "" if there is none, as in all that follow */
    FM_URL_PASSWORD,
    FM_URL_HOST,     /* "example.org:8080", "[::1]" */
    FM_URL_HOSTNAME, /* the same without the port */
    FM_URL_PORT,     /* "8080"; "" where it is the scheme's own */
    FM_URL_PATHNAME, /* "/a/b" */
    FM_URL_SEARCH,   /* "?c=d" */
    FM_URL_HASH,     /* "#e" */
    FM_URL_ORIGIN    /* "https://example.org:8080", or "null" */
} fm_url_part;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Parses text, UTF-8, relative to base if that is not NULL. Both are borrowed.
 * A host that is not ASCII becomes so by the rules of IDNA, where the library
 * was built with libidn2.
 *
 * Returns 0 and *url; -EINVAL for what is no URL; -ENAMETOOLONG for more than
 * FM_URL_LIMIT bytes; -ENOMEM.
 */
FM_API FM_MUST_USE int fm_url_parse(const char *text, const fm_url *base,
                                    fm_url **url);

/* Ends it; NULL is nothing. */
FM_API void fm_url_free(fm_url *url);

/* Returns the whole URL, the standard's "href". As what fm_url_get returns, it
 * is the URL's own, and stays until that is changed or freed. */
FM_API const char *fm_url_text(const fm_url *url);

/* Returns the text of a part, never NULL. */
FM_API const char *fm_url_get(const fm_url *url, fm_url_part part);

/* Returns the port to connect to: that of the URL, or its scheme's own; -1:
 * neither. */
FM_API int fm_url_port(const fm_url *url);

/*
 * Changes a part, but for the origin, and encodes what has to be. Returns 0;
 * -EINVAL for a value, or a part of such a URL, that the standard leaves as it
 * was; -ENAMETOOLONG when the URL would be longer than four times FM_URL_LIMIT;
 * -ENOMEM. On an error nothing has changed.
 */
FM_API int fm_url_set(fm_url *url, fm_url_part part, const char *value);

/*
 * Writes the path and the query as whatever else means the same would be
 * written (RFC 3986, 6.2.2): "%7euser%c3%a9" becomes "~user%C3%A9". The
 * standard leaves these apart; who wants to know whether two links lead to the
 * same page does not.
 *
 * Returns 0; -ENOMEM, and nothing has changed.
 */
FM_API int fm_url_normalize(fm_url *url);

#ifdef __cplusplus
}
#endif

#endif
