/*
 * secure.c - what a user's first program needs of an installed fermata-tls
 */
#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>

static int program(void *arg)
{
    fm_tls *tls;
    fm_tls_failure failure = {0};
    int rc = fm_tls_new(&tls, FM_TLS_SERVER,
                        &(fm_tls_options){.certificate_text = "no certificate",
                                          .key_text = "no key",
                                          .failure = &failure});
    if (rc != -FM_EPEM || failure.code != rc)
        return rc;
    rc = fm_tls_new(&tls, FM_TLS_CLIENT,
                    &(fm_tls_options){.insecure_no_verification = true});
    if (rc == 0)
        fm_tls_free(tls);
    *(int *)arg = 42 + rc;
    return rc;
}

int main(void)
{
    int sum = 0;
    int rc = fm_run(program, &sum);
    printf("%s %d\n", fm_version(), sum);
    return rc != 0;
}
