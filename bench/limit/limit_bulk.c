/*
 * limit_bulk.c - a blocking loop that sends as fast as it can, one way
 *
 * limit_bulk PORT @NAME TLS-PORT; the certificate and its key are in
 * BENCH_CERTIFICATE
 *
 * OpenSSL would send each record by itself: a BIO gathers those of one write,
 * which then leave together.
 */
#include "bare_tls.h"
#include "bulk.h"
#include <unistd.h>

enum {
    BULK_SEALED = BULK_CHUNK + BULK_CHUNK / 16 /* its records, with heads */
};

static int fd;
static char sealed[BULK_SEALED];
static size_t held;

static void bulk_write(const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, bytes, size);
        if (count < 0)
            bare_fail("write");
        bytes += count;
        size -= (size_t)count;
    }
}

static void bulk_flush(void)
{
    bulk_write(sealed, held);
    held = 0;
}

static int bulk_bio_write(BIO *bio, const char *bytes, int size)
{
    (void)bio;
    if ((size_t)size > sizeof sealed - held)
        bulk_flush();
    memcpy(sealed + held, bytes, (size_t)size);
    held += (size_t)size;
    return size;
}

static int bulk_bio_read(BIO *bio, char *bytes, int size)
{
    (void)bio;
    return (int)read(fd, bytes, (size_t)size);
}

static long bulk_bio_ctrl(BIO *bio, int what, long number, void *arg)
{
    (void)bio;
    (void)number;
    (void)arg;
    if (what == BIO_CTRL_FLUSH)
        bulk_flush();
    return what == BIO_CTRL_FLUSH;
}

static SSL *bulk_tls(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "gather");
    SSL *ssl = SSL_new(bare_tls(SSL_MODE_AUTO_RETRY));

    BIO_meth_set_write(method, bulk_bio_write);
    BIO_meth_set_read(method, bulk_bio_read);
    BIO_meth_set_ctrl(method, bulk_bio_ctrl);
    BIO *bio = BIO_new(method);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    if (SSL_accept(ssl) != 1)
        bare_fail("handshake");
    return ssl;
}

static void bulk_send(const char *place)
{
    fd = bulk_connect(place);
    for (int i = 0; i < BULK_COUNT; i++)
        bulk_write(bulk_bytes, sizeof bulk_bytes);
    close(fd);
}

static void bulk_send_tls(const char *place)
{
    fd = bulk_connect(place);
    SSL *ssl = bulk_tls();
    for (int i = 0; i < BULK_COUNT; i++) {
        if (SSL_write(ssl, bulk_bytes, BULK_CHUNK) != BULK_CHUNK)
            bare_fail("write");
        bulk_flush();
    }
    SSL_shutdown(ssl);
    bulk_flush();
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc != 1 + BULK_PLACES)
        return 2;
    bulk_send(argv[1]);
    bulk_send(argv[2]);
    bulk_send_tls(argv[3]);
    return 0;
}
