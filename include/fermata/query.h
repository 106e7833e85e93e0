/*
 * query.h - what a request asks for in its query, or in a form
 *
 *     int64_t page = 1;                  // unless the query says another one
 *     const char *word = fm_exchange_query(exchange, "q");
 *     int rc = fm_exchange_query_number(exchange, "page", &page,
 *                                       &(fm_query_options){.least = 1});
 *     if (rc < 0)
 *         return rc;                     // 400, and it says which and why
 *
 * A query with more than FM_QUERY_PARAMETERS is answered with 400, and reaches
 * no handler. In libfermata-http.
 */
#ifndef FERMATA_QUERY_H
#define FERMATA_QUERY_H

#include <fermata/api.h>
#include <fermata/exchange.h>

#define FM_QUERY_PARAMETERS 1000 /* of a query, or of a form */

/*
 * Options of what is read from a query; zero is the default.
 *
 *   least     what a number has to be at least, and
 *   most      at most; both 0: any number; most alone 0: no limit above
 *   required  it has to be there
 */
typedef struct fm_query_options {
    int64_t least;
    int64_t most;
    bool required;
} fm_query_options;

/*
 *     int fm_exchange_query_number(fm_exchange *exchange, const char *name,
 *                                  int64_t *number, ...);
 *
 * Puts the first parameter of a name, a whole decimal number, into *number. An
 * optional fourth argument is a `const fm_query_options *`.
 *
 * Returns 1; 0 where it is not there, and *number is as it was;
 * -FM_EHTTPQUERY when it is no number or not in its bounds, or is missing: the
 * handler may return that, and the client is told.
 */
#define fm_exchange_query_number(...) FM__QUERY_NUMBER(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Returns the value of the first parameter of a name in the query of the
 * target, decoded; "" where it has none; NULL where there is no such parameter.
 * One that has a NUL in it, which no text can have, is passed over. It is the
 * exchange's, as all that it gives out.
 */
FM_API const char *fm_exchange_query(fm_exchange *exchange, const char *name);

/* Puts the parameter at an index, from 0 on, into *pair, decoded. Returns false
 * where there is none. */
FM_API bool fm_exchange_query_at(fm_exchange *exchange, size_t index,
                                 fm_http_field *pair);

/*
 * Puts the first parameter of a name into *flag: true for "", "1", "true",
 * "yes" and "on", false for "0", "false", "no" and "off".
 *
 * Returns 1; 0 where it is not there, and *flag is as it was; -FM_EHTTPQUERY
 * for anything else, which the handler may return.
 */
FM_API int fm_exchange_query_flag(fm_exchange *exchange, const char *name,
                                  bool *flag);

/*
 * Reads the body as a form, of the type application/x-www-form-urlencoded. A
 * form with files is multipart/form-data, which is for fm_multipart_open. *form
 * is the exchange's, for fm_form_get and fm_form_next.
 *
 * Returns its size; -FM_EHTTPTYPE for another type, or two; -FM_EHTTPQUERY for
 * a NUL in it, or more parameters than FM_QUERY_PARAMETERS; or as
 * fm_exchange_load. The handler may return any of them.
 */
FM_API FM_SUSPENDS ssize_t fm_exchange_form(fm_exchange *exchange,
                                            const char **form);

/* Private: what the macro above calls. */
FM_API int fm__exchange_query_number(fm_exchange *exchange, const char *name,
                                     int64_t *number,
                                     const fm_query_options *options);

#ifdef __cplusplus
}
#endif

#define FM__QUERY_NUMBER(exchange, name, number, ...)                          \
    fm__exchange_query_number((exchange), (name), (number),                    \
                              FM__OPTIONS(fm_query_options, __VA_ARGS__))

#endif
