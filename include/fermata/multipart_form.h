/*
 * multipart_form.h - a form with files, as a client sends it
 *
 *     fm_http_request request = {.fields = NULL};
 *     fm_multipart_form *form = fm_multipart_form_new();
 *     fm_multipart_form_text(form, "title", "the sea");
 *     fm_multipart_form_file(form, "photo", "sea.jpg");
 *     int rc = fm_multipart_form_put(form, &request);  // what went wrong above
 *     if (rc == 0)
 *         rc = fm_http_fetch(http, url, &response, &request);
 *     fm_multipart_form_free(form);           // once the response is closed
 *
 * multipart/form-data (RFC 7578), as browsers write it. In libfermata-http.
 */
#ifndef FERMATA_MULTIPART_FORM_H
#define FERMATA_MULTIPART_FORM_H

#include <fermata/api.h>
#include <fermata/http_client.h>

/* A form that is filled in; see fm_multipart_form_new. */
typedef struct fm_multipart_form fm_multipart_form;

/*
 * Bytes that are put into a form.
 *
 *   bytes     borrowed until the form is freed,
 *   size      and how many
 *   filename  what they are called as a file; NULL: they are none. Copied, as
 *             the next
 *   type      their Content-Type; NULL: what the ending of the filename says,
 *             and without one nothing, which means a text
 */
typedef struct fm_multipart_form_data {
    const void *bytes;
    size_t size;
    const char *filename;
    const char *type;
} fm_multipart_form_data;

/*
 * Options of fm_multipart_form_file; zero is the default. Both are copied.
 *
 *   filename  what it is called: the last part of its path
 *   type      its Content-Type: what the ending of the filename says
 */
typedef struct fm_multipart_form_options {
    const char *filename;
    const char *type;
} fm_multipart_form_options;

/*
 *     FM_SUSPENDS int fm_multipart_form_file(fm_multipart_form *form,
 *                                            const char *name,
 *                                            const char *path, ...);
 *
 * Adds the file at a path, which is read when the form is sent: as many bytes
 * as it has now. The path is copied. An optional fourth argument is a
 * `const fm_multipart_form_options *`.
 *
 * Returns 0; -EISDIR for a directory, and -EINVAL for what else is no regular
 * file; what fm_path_stat returns; or as fm_multipart_form_text.
 */
#define fm_multipart_form_file(...) FM__MULTIPART_FORM_FILE(__VA_ARGS__, NULL, )

#ifdef __cplusplus
extern "C" {
#endif

/* Makes an empty form, with a boundary that nobody can guess. Returns NULL
 * without memory: then whatever is done with it is -ENOMEM. */
FM_API fm_multipart_form *fm_multipart_form_new(void);

/* NULL is nothing. No request with it may still be under way. */
FM_API void fm_multipart_form_free(fm_multipart_form *form);

/*
 * Adds a text. Both are copied; in the name, and in a filename, a quote and a
 * line's end become %22, %0D and %0A.
 *
 * Returns 0; -EINVAL for a type that is no value of a field; -EFBIG for a form
 * of more than INT64_MAX bytes; -ENOMEM. After a failure it is returned again,
 * by fm_multipart_form_put as well.
 */
FM_API int fm_multipart_form_text(fm_multipart_form *form, const char *name,
                                  const char *value);

/* Adds bytes. Returns as fm_multipart_form_text. */
FM_API int fm_multipart_form_bytes(fm_multipart_form *form, const char *name,
                                   const fm_multipart_form_data *data);

/*
 * Makes the form the body of a request: its upload, upload_arg and upload_size,
 * and, where the request has no fields, its fields, with the Content-Type. Who
 * has fields says fm_multipart_form_type in them. The form is borrowed as long
 * as what a request points to, and may be sent any number of times.
 *
 * An upload fails with -FM_EHTTPSHORT for a file that has become shorter, or as
 * fm_file_open and fm_file_read.
 *
 * Returns 0, or the first failure of what was added.
 */
FM_API int fm_multipart_form_put(fm_multipart_form *form,
                                 fm_http_request *request);

/* Returns the Content-Type, which has the boundary: the form's. "" without
 * memory. */
FM_API const char *fm_multipart_form_type(const fm_multipart_form *form);

/* Private: what the macro above calls. */
FM_API FM_SUSPENDS int
fm__multipart_form_file(fm_multipart_form *form, const char *name,
                        const char *path,
                        const fm_multipart_form_options *options);

#ifdef __cplusplus
}
#endif

#define FM__MULTIPART_FORM_FILE(form, name, path, ...)                         \
    fm__multipart_form_file(                                                   \
        (form), (name), (path),                                                \
        FM__OPTIONS(fm_multipart_form_options, __VA_ARGS__))

#endif
