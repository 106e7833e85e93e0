/*
 * test_tls.c - what TLS promises beyond a stream
 */
#include "io/stream_ends.h"
#include "net/tls_kit.h"
#include "task/story.h"

static void tls_pair(fm_stream *ends[2])
{
    CHECK_INT(stream_ends_pair(ends, NULL), 0);
}

STORY(a_client_and_a_server_agree)
{
    fm_stream *ends[2];
    struct kit_shake shake;
    char name[64];
    fm_tls *client = kit_client_tls((fm_tls_options){.alpn = "h2,http/1.1"});
    fm_tls *server = kit_server_tls((fm_tls_options){.alpn = "http/1.1"});
    tls_pair(ends);
    kit_shake(ends, client, server, &shake);
    CHECK_INT(shake.client, 0);
    CHECK_INT(shake.server, 0);
    for (int i = 0; i < 2; i++) {
        CHECK_TEXT(fm_tls_version(ends[i]), "TLSv1.3");
        CHECK_TEXT(fm_tls_alpn(ends[i]), "http/1.1");
        CHECK_TEXT(fm_tls_server_name(ends[i]), "example.org");
        CHECK(!fm_tls_resumed(ends[i]));
    }
    CHECK_INT(fm_tls_peer_name(ends[0], name, sizeof name), 14);
    CHECK_TEXT(name, "CN=example.org");
    fm_tls_free(client);
    fm_tls_free(server);
    CHECK_INT(fm_write(ends[0], "hello", 5), 5);
    CHECK_INT(fm_read(ends[1], name, sizeof name), 5);
    CHECK_INT(fm_close(ends[0]), 0);
    CHECK_INT(fm_read(ends[1], name, sizeof name), 0);
    CHECK_INT(fm_close(ends[1]), 0);
}
