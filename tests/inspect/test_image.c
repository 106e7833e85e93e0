/*
 * test_image.c - the memory of a process that looks into itself
 */
#include "harness.h"

#include "inspect/image_bytes.h"
#include "inspect/image_slow.h"

#include <errno.h>
#include <fcntl.h>
#include <fermata.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t at(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

static struct fm__image *own_image(void)
{
    struct fm__image *image = NULL;
    CHECK_INT(fm__image_open(&image, getpid()), 0);
    return image;
}

/* ---- The root ------------------------------------------------------------ */

static void read_text(struct fm__image *image, uint64_t address, char text[16])
{
    memset(text, 0, 16);
    CHECK(fm__image_read(image, address, text, 15) > 0);
}

static uint64_t read_word(struct fm__image *image, uint64_t address)
{
    void *word = NULL;
    CHECK_INT(fm__image_read(image, address, &word, sizeof word),
              (long long)sizeof word);
    return at(word);
}

static int finds_its_loop(void *arg)
{
    char text[16];
    struct fm__root root;
    uint64_t address;
    int process = 0;
    struct fm__image *image = own_image();
    (void)arg;
    if (image == NULL || fm__image_root(image, &address, &root) < 0)
        return -EIO;
    read_text(image, at(root.release), text);
    CHECK(strcmp(text, FM_VERSION) == 0);
    uint64_t loop = at(root.first.value) + root.layout.home_loop;
    uint64_t backend = read_word(image, loop + root.layout.loop_backend);
    read_text(image, read_word(image, backend + root.layout.backend_name),
              text);
    CHECK(getenv("FERMATA_BACKEND") == NULL ||
          strcmp(text, test_backend()) == 0);
    fm__image_read(image, loop + root.layout.loop_process, &process, 4);
    CHECK_INT(process, getpid());
    CHECK_INT(fm__image_pid(image), getpid());
    fm__image_close(image);
    return 0;
}

TEST(a_task_finds_the_loop_that_it_runs_on)
{
    CHECK_INT(fm_run(finds_its_loop, NULL), 0);
}

TEST(the_clock_is_that_of_the_machine)
{
    struct fm__image *image = own_image();
    if (image == NULL)
        return;
    int64_t first = fm__image_clock(image), second = fm__image_clock(image);
    CHECK(first > 0 && second >= first);
    fm__image_close(image);
}

/* ---- Memory -------------------------------------------------------------- */

/* Three pages, of which the second is not there. */
struct hole {
    size_t page;
    char *pages;
};

static struct hole hole_make(void)
{
    struct hole hole = {.page = (size_t)sysconf(_SC_PAGESIZE)};
    hole.pages = mmap(NULL, 3 * hole.page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(hole.pages, 7, 3 * hole.page);
    munmap(hole.pages + hole.page, hole.page);
    return hole;
}

static void hole_free(const struct hole *hole)
{
    munmap(hole->pages, hole->page);
    munmap(hole->pages + 2 * hole->page, hole->page);
}

/* One that is there, none, one that ends in the hole, one that begins there,
 * and those that make no sense. */
static void hole_extents(const struct hole *hole, struct fm__extent *extents,
                         char *buf)
{
    uint64_t pages = at(hole->pages);
    memset(buf, 0, 6 * 64);
    extents[0] = (struct fm__extent){pages + 8, buf, 64, 9};
    extents[1] = (struct fm__extent){pages + hole->page, buf + 64, 64, 9};
    extents[2] = (struct fm__extent){pages + hole->page - 24, buf + 128, 64, 9};
    extents[3] =
        (struct fm__extent){pages + 2 * hole->page - 8, buf + 192, 64, 9};
    extents[4] = (struct fm__extent){UINT64_MAX - 8, buf + 256, 64, 9};
    extents[5] = (struct fm__extent){pages + 2 * hole->page, buf + 320, 64, 9};
}

static void hole_check(const struct fm__extent *extents, const char *buf)
{
    static const size_t wanted[] = {64, 0, 24, 0, 0, 64};
    for (size_t i = 0; i < 6; i++) {
        CHECK_INT(extents[i].got, wanted[i]);
        for (size_t j = 0; j < 64; j++)
            CHECK_INT(buf[i * 64 + j], j < wanted[i] ? 7 : 0);
    }
}

TEST(all_is_read_that_can_be_read_and_nothing_else)
{
    struct fm__extent extents[6];
    char buf[6 * 64];
    struct hole hole = hole_make();
    struct fm__image *image = own_image();
    if (image == NULL)
        return;
    hole_extents(&hole, extents, buf);
    CHECK_INT(fm__image_gather(image, extents, 6), 0);
    hole_check(extents, buf);
    CHECK_INT(fm__image_gather(image, extents, 0), 0);
    CHECK_INT(fm__image_read(image, at(hole.pages), buf, 0), 0);
    CHECK_INT(fm__image_read(image, 0, buf, 8), -EFAULT);
    CHECK_INT(fm__image_read(image, at(hole.pages) + hole.page, buf, 8),
              -EFAULT);
    fm__image_close(image);
    hole_free(&hole);
}

TEST(more_pieces_than_one_call_takes_are_read)
{
    static uint32_t from[2000], to[2000];
    static struct fm__extent extents[2000];
    struct fm__image *image = own_image();
    if (image == NULL)
        return;
    for (uint32_t i = 0; i < 2000; i++) {
        from[i] = i;
        uint64_t address = i % 500 == 300 ? 8 : at(&from[i]);
        extents[i] = (struct fm__extent){address, &to[i], 4, 9};
    }
    CHECK_INT(fm__image_gather(image, extents, 2000), 0);
    for (uint32_t i = 0; i < 2000; i++) {
        bool there = i % 500 != 300;
        CHECK_INT(extents[i].got, there ? 4 : 0);
        CHECK_INT(to[i], there ? i : 0);
    }
    fm__image_close(image);
}

TEST(a_pipe_reads_the_same)
{
    struct fm__extent extents[6];
    char buf[6 * 64];
    if (test_under_valgrind())
        test_skip("valgrind complains of a write of what is not there");
    struct hole hole = hole_make();
    struct fm__slow slow = {{-1, -1}};
    CHECK_INT(fm__slow_open(&slow, getpid()), 0);
    hole_extents(&hole, extents, buf);
    fm__slow_gather(&slow, extents, 6);
    hole_check(extents, buf);
    fm__slow_close(&slow);
    hole_free(&hole);
}

/* ---- Where process_vm_readv is denied ------------------------------------ */

static bool deny_reading(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof filter / sizeof filter[0],
                                       .filter = filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void look_at(pid_t pid)
{
    struct fm__image *image;
    char word[8];
    static const char mine[8] = "oysters";
    int rc = fm__image_open(&image, pid);
    if (rc < 0) {
        printf("refused: %s", strerror(-rc));
        return;
    }
    ssize_t size = fm__image_read(image, at(mine), word, sizeof word);
    printf("%zd %s", size, size == 8 ? word : "");
    fm__image_close(image);
}

/* pid: of whom; NULL: of itself. */
static void look_denied(void *pid)
{
    if (deny_reading())
        look_at(pid != NULL ? *(pid_t *)pid : getpid());
    else
        printf("no filter");
}

TEST(what_is_denied_to_read_many_pieces_reads_one_by_one)
{
    char output[256];
    if (test_under_valgrind())
        test_skip("valgrind complains of a write of what is not there");
    test_child(look_denied, NULL, output, sizeof output);
    if (strcmp(output, "no filter") == 0)
        test_skip("no seccomp filter can be installed");
    CHECK(strcmp(output, "8 oysters") == 0);
}

TEST(and_so_it_reads_another_process)
{
    char output[256];
    pid_t pid = getpid();
    test_child(look_denied, &pid, output, sizeof output);
    if (strcmp(output, "no filter") == 0)
        test_skip("no seccomp filter can be installed");
    if (strncmp(output, "refused: ", 9) == 0)
        test_skip("a child may not read its parent here");
    CHECK(strcmp(output, "8 oysters") == 0);
}

/* In a folder that is shut, and empty. */
static void look_shut(void *folder)
{
    const char *local, *peer;
    if (chroot(folder) < 0 || chdir("/") < 0) {
        printf("not shut");
        return;
    }
    look_at(getpid());
    struct fm__image *image = own_image();
    if (image == NULL)
        return;
    fm__image_refresh(image);
    fm__image_socket(image, 0, &local, &peer);
    printf(" %s %s", local == NULL ? "" : local, fm__image_program(image));
    fm__image_close(image);
}

TEST(without_proc_a_program_still_reads_itself)
{
    char output[256], folder[] = "/tmp/fermata-shut-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    test_child(look_shut, folder, output, sizeof output);
    rmdir(folder);
    if (strcmp(output, "not shut") == 0)
        test_skip("only root can shut itself in");
    CHECK(strcmp(output, "8 oysters  ?") == 0);
}

/* ---- Descriptors --------------------------------------------------------- */

static void check_fd(struct fm__image *image, int fd, const char *local,
                     const char *peer)
{
    const char *here, *there;
    fm__image_socket(image, fd, &here, &there);
    here = here != NULL ? here : "";
    there = there != NULL ? there : "";
    if (strcmp(here, local) != 0 || strcmp(there, peer) != 0)
        test_fail(__FILE__, __LINE__, "%d is \"%s\" \"%s\", not \"%s\" \"%s\"",
                  fd, here, there, local, peer);
}

TEST(descriptors_are_told_by_what_they_are)
{
    int pipes[2];
    int event = eventfd(0, 0), null = open("/dev/null", O_RDWR);
    struct fm__image *image = own_image();
    if (image == NULL || pipe(pipes) < 0)
        return;
    check_fd(image, pipes[0], "pipe", "");
    check_fd(image, event, "eventfd", "");
    check_fd(image, null, "/dev/null", "");
    check_fd(image, 1000000, "", "");
    check_fd(image, -1, "", "");
    close(pipes[0]);
    close(pipes[1]);
    close(event);
    close(null);
    fm__image_close(image);
}

/* Binds, and listens or connects to `peer`. */
static int open_socket(const char *text, const fm_address *peer)
{
    fm_address address;
    CHECK_INT(fm_address_parse(text, &address), 0);
    int fd = socket(address.storage.ss_family, SOCK_STREAM, 0);
    if (bind(fd, (struct sockaddr *)&address.storage, address.size) < 0 ||
        (peer == NULL ? listen(fd, 5)
                      : connect(fd, (const struct sockaddr *)&peer->storage,
                                peer->size)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static char *bound_to(int fd, fm_address *address, char text[FM_ADDRESS_TEXT])
{
    memset(address, 0, sizeof *address);
    address->size = sizeof address->storage;
    getsockname(fd, (struct sockaddr *)&address->storage, &address->size);
    return fm_address_format(address, text);
}

static void check_pair(const char *text)
{
    char local[FM_ADDRESS_TEXT], peer[FM_ADDRESS_TEXT];
    fm_address address, other;
    int listener = open_socket(text, NULL);
    if (listener < 0)
        test_skip("there are no such addresses here");
    bound_to(listener, &address, peer);
    int client = open_socket(text, &address);
    bound_to(client, &other, local);
    struct fm__image *image = own_image();
    if (image != NULL) {
        check_fd(image, listener, peer, "");
        check_fd(image, client, local, peer);
    }
    fm__image_close(image);
    close(listener);
    close(client);
}

TEST(sockets_of_the_fourth_version_have_their_addresses)
{
    check_pair("127.0.0.1:0");
}

TEST(sockets_of_the_sixth_version_have_their_addresses)
{
    check_pair("[::1]:0");
}

TEST(local_sockets_have_their_names)
{
    int ends[2];
    char name[64];
    struct fm__image *image = own_image();
    snprintf(name, sizeof name, "unix:@fermata \033[31m %d", getpid());
    int listener = open_socket(name, NULL);
    *strchr(name, '\033') = '?';
    if (image == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return;
    check_fd(image, ends[0], "unix:", "");
    check_fd(image, listener, name, "");
    close(ends[0]);
    close(ends[1]);
    close(listener);
    fm__image_close(image);
}

TEST(of_many_sockets_each_is_known_after_a_refresh)
{
    enum {
        MANY = 400
    };
    static int fds[MANY];
    const char *local, *peer;
    struct fm__image *image = own_image();
    if (image == NULL)
        return;
    fm__image_socket(image, 0, &local, &peer);
    for (int i = 0; i < MANY; i += 2) {
        if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds + i) < 0)
            test_fail(__FILE__, __LINE__, "too few descriptors");
    }
    fm__image_refresh(image);
    for (int i = 0; i < MANY; i++)
        check_fd(image, fds[i], "unix:", "");
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    fm__image_close(image);
}

TEST(a_socket_that_was_in_no_list_is_looked_for_again)
{
    int early[2], late[2];
    struct fm__image *image = own_image();
    if (image == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, early) < 0)
        return;
    check_fd(image, early[0], "unix:", "");
    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, late), 0);
    check_fd(image, late[0], "unix:", "");
    for (int i = 0; i < 2; i++)
        CHECK(close(early[i]) == 0 && close(late[i]) == 0);
    fm__image_close(image);
}

/* ---- Pages --------------------------------------------------------------- */

TEST(a_stack_is_as_deep_as_it_was_written_to)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = 64 * page;
    char *stack = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    struct fm__image *image = own_image();
    if (image == NULL)
        return;
    madvise(stack, size, MADV_NOHUGEPAGE);
    stack[size - 1] = 1;
    size_t depth = fm__image_depth(image, at(stack), at(stack) + size);
    if (depth != 0) {
        CHECK_INT(depth, page);
        stack[size - 5 * page + 7] = 1;
        fm__image_refresh(image);
        CHECK_INT(fm__image_depth(image, at(stack), at(stack) + size),
                  5 * page);
        CHECK_INT(fm__image_depth(image, at(stack) + size - 4 * page - 9,
                                  at(stack) + size - 5),
                  4 * page + 4);
    }
    CHECK_INT(fm__image_depth(image, at(stack), at(stack) + 9 * page), 0);
    CHECK_INT(fm__image_depth(image, at(stack), at(stack)), 0);
    CHECK_INT(fm__image_depth(image, 0, UINT64_MAX), 0);
    fm__image_close(image);
    munmap(stack, size);
    if (depth == 0)
        test_skip("the kernel does not say which pages there are");
}

/* ---- Images of a test ---------------------------------------------------- */

TEST(an_image_of_bytes_has_those_and_no_others)
{
    uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, buf[9] = {0};
    const struct image_region regions[] = {{0x1000, bytes, 8},
                                           {0x2000, bytes + 8, 1}};
    struct fm__image *image = image_of_bytes(regions, 2, 0);
    CHECK_INT(fm__image_read(image, 0x1004, buf, 9), 4);
    CHECK_INT(buf[3], 8);
    CHECK_INT(fm__image_read(image, 0x2000, buf, 9), 1);
    CHECK_INT(fm__image_read(image, 0x2001, buf, 9), -EFAULT);
    CHECK_INT(fm__image_root(image, NULL, NULL), -ENOENT);
    check_fd(image, 7, "1.2.3.4:5", "6.7.8.9:10");
    fm__image_close(image);
}

TEST(a_twisted_image_changes_what_another_says)
{
    static const uint8_t bytes[16] = {0};
    static const uint8_t twists[] = {2, 0, 0, 9, 1, 0, 1, 6, 0, 0, 3, 0};
    const struct image_region regions[] = {{0x1000, bytes, 16}};
    uint8_t buf[16];
    struct fm__image *inner = image_of_bytes(regions, 1, 0);
    struct fm__image *image = image_twisted(inner, twists, sizeof twists);
    CHECK_INT(fm__image_read(image, 0x1000, buf, 16), 5);
    CHECK_INT(buf[1], 0);
    CHECK_INT(buf[2], 9);
    CHECK_INT(buf[4], 6);
    CHECK_INT(fm__image_read(image, 0x1000, buf, 16), 16);
    CHECK_INT(buf[2], 0);
    fm__image_close(image);
    fm__image_close(inner);
}
