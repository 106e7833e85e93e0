/*
 * tls_serve.c - a TLS server for peers that others wrote
 *
 *     tls_serve chat|web|echo|upgrade DIRECTORY [ask]
 *
 * Says "listening on ADDRESS". The certificate is DIRECTORY/server.pem, and
 * secrets go to DIRECTORY/secrets; ask: clients need a certificate of
 * DIRECTORY/root.pem.
 *
 * chat: says what was agreed on, then again what it is told, line by line, up
 * to "bye". web: answers each request of a connection with the path. echo:
 * says again all that it is told. upgrade: chat, from the line "STARTTLS" on. A
 * connection that fails is a line "failed: WHY".
 */
#include <fermata.h>
#include <fermata/tls.h>
#include <stdio.h>
#include <string.h>

#define SERVE_PATH 512

static const char *serve_mode;
static fm_tls *serve_tls;

static const char *serve_word(const char *word)
{
    return word != NULL ? word : "-";
}

/* "TLSv1.3 h2 a.example.test new CN=alice", a dash for what there is not. */
static int serve_greet(fm_stream *client)
{
    char line[1024], peer[256];
    if (fm_tls_peer_name(client, peer, sizeof peer) < 0)
        snprintf(peer, sizeof peer, "-");
    int size = snprintf(line, sizeof line, "%s %s %s %s %s\n",
                        serve_word(fm_tls_version(client)),
                        serve_word(fm_tls_alpn(client)),
                        serve_word(fm_tls_server_name(client)),
                        fm_tls_resumed(client) ? "resumed" : "new", peer);
    ssize_t n = fm_write(client, line, (size_t)size);
    return n < 0 ? (int)n : 0;
}

static int serve_chat(fm_stream *client)
{
    char line[100];
    ssize_t n = serve_greet(client);
    while (n >= 0) {
        n = fm_read_line(client, line, sizeof line - 1);
        if (n < 0 || strcmp(line, "bye") == 0)
            break;
        line[n] = '\n';
        n = fm_write(client, line, (size_t)n + 1);
    }
    return n < 0 ? (int)n : 0;
}

/* One request, whose head it is. */
static int serve_answer(fm_stream *client, char *head)
{
    char answer[512], path[256] = "?";
    sscanf(head, "GET %255s HTTP/1.1", path);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s\n",
                        strlen(path) + 1, path);
    ssize_t n = fm_write(client, answer, (size_t)size);
    return n < 0 ? (int)n : 0;
}

static int serve_web(fm_stream *client)
{
    char head[4096];
    int rc = 0;
    while (rc == 0) {
        ssize_t n = fm_read_until(client, "\r\n\r\n", head, sizeof head - 1);
        if (n < 0)
            return n == -FM_EEOF ? 0 : (int)n;
        head[n] = '\0';
        rc = serve_answer(client, head);
    }
    return rc;
}

static int serve_echo(fm_stream *client)
{
    char bytes[10000];
    ssize_t n = 1;
    while (n > 0 && (n = fm_read(client, bytes, sizeof bytes)) > 0)
        n = fm_write(client, bytes, (size_t)n);
    return (int)n;
}

/* "STARTTLS", "go", and both are under TLS. */
static int serve_upgrade(fm_stream *client)
{
    char line[100];
    ssize_t n = fm_read_line(client, line, sizeof line);
    if (n < 0 || strcmp(line, "STARTTLS") != 0)
        return n < 0 ? (int)n : -FM_EEOF;
    n = fm_write(client, "go\n", 3);
    int rc = n < 0 ? (int)n : fm_start_tls(client, serve_tls);
    return rc < 0 ? rc : serve_chat(client);
}

static int serve_one(fm_stream *client, void *arg)
{
    (void)arg;
    switch (serve_mode[0]) {
    case 'c':
        return serve_chat(client);
    case 'w':
        return serve_web(client);
    case 'u':
        return serve_upgrade(client);
    default:
        return serve_echo(client);
    }
}

static void serve_failed(fm_stream *client, int result, void *arg)
{
    (void)client;
    (void)arg;
    printf("failed: %s\n", fm_strerror(result));
    fflush(stdout);
}

static int serve_all(void *arg)
{
    char text[FM_ADDRESS_TEXT];
    fm_listener *listener;
    fm_serve_options options = {
        .tls = serve_mode[0] == 'u' ? NULL : serve_tls,
        .on_error = serve_failed,
    };
    int rc = fm_listen("127.0.0.1:0", &listener);
    (void)arg;
    if (rc < 0)
        return rc;
    printf("listening on %s\n",
           fm_address_format(fm_listener_address(listener), text));
    fflush(stdout);
    return fm_serve(listener, serve_one, NULL, &options);
}

static int serve_prepare(const char *directory, bool ask)
{
    char certificate[SERVE_PATH], key[SERVE_PATH], root[SERVE_PATH];
    char secrets[SERVE_PATH];
    fm_tls_failure failure = {0};
    snprintf(certificate, SERVE_PATH, "%s/server.pem", directory);
    snprintf(key, SERVE_PATH, "%s/server.key", directory);
    snprintf(root, SERVE_PATH, "%s/root.pem", directory);
    snprintf(secrets, SERVE_PATH, "%s/secrets", directory);
    fm_tls_options options = {.certificate = certificate,
                              .key = key,
                              .key_log = secrets,
                              .alpn = "h2,http/1.1",
                              .handshake_timeout = 600,
                              .failure = &failure};
    if (ask) {
        options.verify_client = FM_TLS_REQUIRE;
        options.client_ca = root;
    }
    int rc = fm_tls_new(&serve_tls, FM_TLS_SERVER, &options);
    if (rc < 0)
        fprintf(stderr, "tls_serve: %s\n", failure.text);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: tls_serve MODE DIRECTORY [ask]\n");
        return 2;
    }
    serve_mode = argv[1];
    int rc = serve_prepare(argv[2], argc > 3);
    if (rc == 0)
        rc = fm_run(serve_all, NULL);
    fm_tls_free(serve_tls);
    return rc < 0 && rc != -ECANCELED;
}
