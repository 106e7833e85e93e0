/*
 * problem.h - what was wrong, in a reply that a program can read
 *
 *     return fm_reply_problem(exchange, 409, &(fm_problem_options){
 *         .detail = "that name is taken"});
 *
 *     // {"type":"about:blank","title":"Conflict","status":409,
 *     //  "detail":"that name is taken"}
 *
 * Problem details (RFC 9457), application/problem+json. Whatever a server
 * answers by itself, such as 404, is one too. In libfermata-http.
 */
#ifndef FERMATA_PROBLEM_H
#define FERMATA_PROBLEM_H

#include <fermata/api.h>
#include <fermata/exchange.h>

/*
 * Options of fm_reply_problem; zero is the default. All texts are borrowed, and
 * may have any bytes: what is no UTF-8 is escaped.
 *
 *   type      a URI that names the kind of problem: "about:blank", which is no
 *             more than its status
 *   title     what that kind is called: what the status is called
 *   detail    what was wrong this time; NULL: nothing is said
 *   instance  a URI that names this one; NULL: nothing is said
 */
typedef struct fm_problem_options {
    const char *type;
    const char *title;
    const char *detail;
    const char *instance;
} fm_problem_options;

/*
 *     FM_SUSPENDS int fm_reply_problem(fm_exchange *exchange, int status, ...);
 *
 * Replies with a problem. An optional third argument is a
 * `const fm_problem_options *`. A Content-Type that was set stays as it is.
 *
 * Returns as fm_reply and fm_reply_set.
 */
#define fm_reply_problem(...) FM__REPLY_PROBLEM(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int fm__reply_problem(fm_exchange *exchange, int status,
                                         const fm_problem_options *options);

#ifdef __cplusplus
}
#endif

#define FM__REPLY_PROBLEM(exchange, status, ...)                               \
    fm__reply_problem((exchange), (status),                                    \
                      FM__OPTIONS(fm_problem_options, __VA_ARGS__))

#endif
