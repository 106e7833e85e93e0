/*
 * send_form.c - sends a form with files, and prints what is answered
 *
 *   send_form URL NAME VALUE|@PATH...
 *
 *   send_form http://localhost:8080/ title 'The sea' photo @sea.jpg
 */
#include <fermata.h>
#include <stdio.h>

/* [fill] */
static fm_multipart_form *fill(char **words)
{
    fm_multipart_form *form = fm_multipart_form_new();
    for (; words[0] != NULL && words[1] != NULL; words += 2)
        if (words[1][0] == '@')
            fm_multipart_form_file(form, words[0], words[1] + 1);
        else
            fm_multipart_form_text(form, words[0], words[1]);
    return form;
}

static int send_form(void *arg)
{
    char **words = arg; /* the URL, then names and values */
    fm_http_failure failure = {.text = ""};
    fm_http_request request = {.failure = &failure};
    fm_response *response;
    fm_multipart_form *form = fill(words + 1);
    int rc = fm_multipart_form_put(form, &request); /* all that went wrong */
    if (rc == 0)
        rc = fm_http_get(words[0], &response, &request);
    if (rc == 0) {
        printf("%s", fm_response_text(response));
        rc = fm_response_status(response) < 300 ? 0 : -1;
        fm_response_close(response);
    } else {
        fprintf(stderr, "send_form: %s\n",
                failure.code < 0 ? failure.text : fm_strerror(rc));
    }
    fm_multipart_form_free(form);
    return rc;
}
/* [/fill] */

int main(int argc, char **argv)
{
    if (argc < 2 || argc % 2 != 0) {
        fprintf(stderr, "send_form URL NAME VALUE|@PATH...\n");
        return 2;
    }
    return fm_run(send_form, argv + 1) < 0;
}
