/*
 * st_echo.c - State Threads: an echo server, one thread a connection
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <st.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

enum {
    BUFFER = 64 * 1024,
    STACK = 128 * 1024
};

static void *echo_client(void *arg)
{
    st_netfd_t client = arg;
    char buffer[BUFFER];
    ssize_t size;

    while ((size = st_read(client, buffer, sizeof buffer,
                           ST_UTIME_NO_TIMEOUT)) > 0)
        if (st_write(client, buffer, (size_t)size, ST_UTIME_NO_TIMEOUT) < 0)
            break;
    st_netfd_close(client);
    return NULL;
}

/* Accepted sockets inherit TCP_NODELAY from this one. */
static int echo_listen(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct sockaddr *any = (struct sockaddr *)&address;
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(fd, any, size) < 0 || listen(fd, 1024) < 0 ||
        getsockname(fd, any, &size) < 0) {
        perror("listen");
        exit(1);
    }
    printf("listening %d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(void)
{
    if (st_set_eventsys(ST_EVENTSYS_ALT) < 0 || st_init() < 0)
        return 1;

    st_netfd_t listener = st_netfd_open_socket(echo_listen());
    for (;;) {
        st_netfd_t client =
            st_accept(listener, NULL, NULL, ST_UTIME_NO_TIMEOUT);
        if (client == NULL ||
            st_thread_create(echo_client, client, 0, STACK) == NULL)
            return 1;
    }
}
