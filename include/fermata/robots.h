/*
 * robots.h - what a site asks robots to leave alone (RFC 9309)
 *
 *     fm_robots *robots;
 *     int rc = fm_robots_fetch(http, "http://example.org/a", "soup-bot",
 *                              &robots);
 *     if (rc == 0 && fm_robots_allowed(robots, "/a"))
 *         rc = fm_http_fetch(http, "http://example.org/a", &response);
 *
 * The rules are those of the groups that name the robot, else of those for all.
 * Of the rules that match, the longest counts, and of two as long the one that
 * allows. In libfermata-http.
 */
#ifndef FERMATA_ROBOTS_H
#define FERMATA_ROBOTS_H

#include <fermata/api.h>
#include <fermata/http_client.h>
#include <stdbool.h>

/* Bytes of a robots.txt that are looked at (RFC 9309, 2.5). */
#define FM_ROBOTS_LIMIT 512000

/* Redirects to a robots.txt that are followed (RFC 9309, 2.3.1.2). */
#define FM_ROBOTS_REDIRECTS 5

/* The rules for one robot on one site: of whoever has fetched or parsed them,
 * who ends them by fm_robots_free. */
typedef struct fm_robots fm_robots;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads a robots.txt, of which the first FM_ROBOTS_LIMIT bytes count. agent is
 * the robot's product token, which may have a version behind it: "soup-bot" or
 * "soup-bot/1.0". Both are borrowed until it returns. Any bytes are a
 * robots.txt; what is no rule is passed over.
 *
 * Returns 0, and *robots is the caller's; -ENOMEM.
 */
FM_API FM_MUST_USE int fm_robots_parse(const char *text, size_t size,
                                       const char *agent, fm_robots **robots);

/*
 * Asks a URL's site for its robots.txt, following FM_ROBOTS_REDIRECTS, and
 * reads it. Where there is none, which is any status from 400 to 499, or more
 * redirects, all is allowed.
 *
 * Returns 0, and *robots is the caller's; -EACCES for another status, after
 * which nothing may be asked for (RFC 9309, 2.3.1.4); -EINVAL for a URL that is
 * none; or, with the same meaning, as fm_http_fetch and fm_response_read.
 */
FM_API FM_SUSPENDS FM_MUST_USE int fm_robots_fetch(fm_http_client *client,
                                                   const char *url,
                                                   const char *agent,
                                                   fm_robots **robots);

/* Ends them; NULL is nothing. */
FM_API void fm_robots_free(fm_robots *robots);

/* Returns whether a target, which is a path and perhaps a query, may be asked
 * for: "/robots.txt" always. Without memory nothing else may be. */
FM_API bool fm_robots_allowed(const fm_robots *robots, const char *target);

/* Returns the seconds between two requests that the site asks for by
 * Crawl-delay, which many write though no RFC has it; 0 where it does not. */
FM_API double fm_robots_delay(const fm_robots *robots);

#ifdef __cplusplus
}
#endif

#endif
