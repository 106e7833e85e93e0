/*
 * http_json.h - JSON in requests and replies, by jansson
 *
 *     const char *name;
 *     int rc = fm_exchange_json_unpack(exchange, "{s:s}", "name", &name);
 *     if (rc < 0)
 *         return rc;             // a wrong body is the client's: 400, 415, ...
 *     return fm_reply_json_pack(exchange, 200, "{s:s}", "hello", name);
 *
 * json_t and the formats are jansson's (https://jansson.readthedocs.io): who
 * uses more than formats includes jansson.h and links with jansson. Where the
 * library was built without it, all of this is -EOPNOTSUPP. In libfermata-http.
 */
#ifndef FERMATA_HTTP_JSON_H
#define FERMATA_HTTP_JSON_H

#include <fermata/api.h>
#include <fermata/exchange.h>

/* Arrays and objects in each other. Where less of the task's stack is left than
 * 13 KiB to read so many, or 37 to write them, fewer: the default has room for
 * all, one of 16 KiB for about 30 and 7. */
#define FM_JSON_DEPTH 64

/* Jansson's json_t, which its header says more of. */
struct json_t;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads the body as JSON (RFC 8259): one value of any kind. *json is borrowed
 * from the exchange, as what it gives out; json_incref keeps it. Asked again it
 * is the same one. The handler may return any failure: the client is told, and
 * where in the body it was.
 *
 * Returns 0; -FM_EHTTPTYPE when the Content-Type is neither application/json
 * nor one that ends in "+json", also when there is none, or two: a page of
 * another origin can send those without asking; -FM_EHTTPJSON for what is no
 * JSON, a name that is in an object twice, more than FM_JSON_DEPTH levels, a
 * NUL in a text, or a number too large; -EOPNOTSUPP; or as fm_exchange_load.
 */
FM_API FM_SUSPENDS int fm_exchange_json(fm_exchange *exchange,
                                        struct json_t **json);

/*
 * Reads the body as JSON, and takes it apart as json_unpack does by the format.
 * What is unpacked is borrowed from the exchange.
 *
 * Returns 0; -FM_EHTTPVALUE when a value is missing or of another kind, and
 * then the variables may have changed; -EINVAL for a format that is none;
 * -ENOMEM; or as fm_exchange_json.
 */
FM_API FM_SUSPENDS int fm_exchange_json_unpack(fm_exchange *exchange,
                                               const char *format, ...);

/*
 * Replies with JSON, as "application/json" unless a Content-Type was set. The
 * value is borrowed; NULL, such as what json_pack returns without memory, is
 * -ENOMEM.
 *
 * Returns 0; -ELOOP when it has more than FM_JSON_DEPTH levels, as one that is
 * in itself has; -ENOMEM; -EOPNOTSUPP; or as fm_reply and fm_reply_set.
 */
FM_API FM_SUSPENDS int fm_reply_json(fm_exchange *exchange, int status,
                                     const struct json_t *json);

/*
 * Replies with what json_pack makes of the format and the values.
 *
 * Returns 0; -EINVAL for a format that is none; -EILSEQ for a text that is no
 * UTF-8; -ENOMEM; or as fm_reply_json.
 */
FM_API FM_SUSPENDS int fm_reply_json_pack(fm_exchange *exchange, int status,
                                          const char *format, ...);

#ifdef __cplusplus
}
#endif

#endif
