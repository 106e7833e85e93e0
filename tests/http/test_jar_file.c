/*
 * test_jar_file.c - the cookies of a client in a file
 */
#include "http/jar_scene.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[FM_PATH_SIZE];
static char path[FM_PATH_SIZE + 16];

static void begin_file(void)
{
    begin();
    CHECK_INT(fm_temporary_directory(NULL, directory), 0);
    snprintf(path, sizeof path, "%s/jar", directory);
}

static void end_file(void)
{
    CHECK_INT(fm_path_remove_tree(directory), 0);
    end();
}

/* Behind the first lines. */
static const char *file_text(void)
{
    static char text[4096];
    void *bytes;
    ssize_t size = fm_file_load(path, &bytes, sizeof text - 1);
    CHECK(size >= 0);
    memcpy(text, bytes, (size_t)size);
    text[size] = '\0';
    fm_file_free(bytes);
    const char *lines = strstr(text, "\n\n");
    CHECK(lines != NULL);
    return lines + 2;
}

static void write_file(const char *text)
{
    CHECK_INT(fm_file_save(path, text, strlen(text)), 0);
}

STORY(a_jar_is_written_and_read_again)
{
    begin_file();
    KEEPS("https://b.example/x/", "a=1; Secure; HttpOnly");
    KEEPS("https://b.example/x/", "long=2; Max-Age=86400");
    KEEPS("https://a.example/", "nameless");
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    const char *text = file_text();
    CHECK(strstr(text, "a.example\tFALSE\t/\tFALSE\t0\t\tnameless\n") == text);
    CHECK(strstr(text, "\n#HttpOnly_b.example\tFALSE\t/x\tTRUE\t0\ta\t1\n") !=
          NULL);
    end();
    begin();
    CHECK_INT(fm_cookie_jar_load(jar, path), 3);
    SENDS("https://b.example/x", "a=1; long=2");
    SENDS("http://b.example/x", "long=2");
    SENDS("http://a.example/", "nameless");
    end_file();
}

STORY(only_its_owner_reads_the_file_of_a_jar)
{
    struct stat status;
    begin_file();
    KEEPS("http://a.example/", "a=1");
    write_file("others may read this\n");
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_mode & 07777, 0600);
    CHECK_SAID(file_text(), "a.example\tFALSE\t/\tFALSE\t0\ta\t1\n");
    end_file();
}

STORY(a_jar_that_cannot_be_written_leaves_the_file_as_it_was)
{
    begin_file();
    CHECK_INT(fm_cookie_jar_save(jar, directory), -EISDIR);
    CHECK_INT(fm_cookie_jar_load(jar, path), -ENOENT);
    CHECK_INT(fm_cookie_jar_save(jar, "/nowhere/at/all"), -ENOENT);
    end_file();
}

STORY(what_the_form_has_no_place_for_is_not_written)
{
    begin_file();
    KEEPS("http://a.example/", "a=1\t2");
    KEEPS("http://a.example/", "b=2; SameSite=Strict");
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    CHECK_SAID(file_text(), "a.example\tFALSE\t/\tFALSE\t0\tb\t2\n");
    end_file();
}

STORY(lines_that_no_answer_could_have_set_are_passed_over)
{
    begin_file();
    write_file("# Netscape HTTP Cookie File\r\n"
               "a.example\tFALSE\t/\tFALSE\t0\ta\t1\r\n"
               "a.example\tFALSE\t/\tFALSE\t1\told\t1\n"
               "a.example\tFALSE\tp\tFALSE\t0\tpath\t1\n"
               "a.example\tFALSE\t/\tFALSE\t0\tin\tx; more=1\n"
               "a.example\tFALSE\t/\tFALSE\t0\tx=y\t1\n"
               "a.example\tFALSE\t/;\tFALSE\t0\tsemi\t1\n"
               "a.example\tFALSE\t/\tFALSE\t0\tbad\tx\x01\n"
               "a.example\tFALSE\t/\tFALSE\t0\t\t\n"
               "a.example\tFALSE\t/\tFALSE\t0\t__Secure-x\t1\n"
               "a.example\tFALSE\t/p\tTRUE\t0\t__Host-x\t1\n"
               ".a.example\tTRUE\t/\tTRUE\t0\t__Host-x\t1\n"
               "a.example\tFALSE\t/\tTRUE\t0\t__Host-y\t1\n"
               ".1.2.3.4\tTRUE\t/\tFALSE\t0\taddress\t1\n"
               ".com\tTRUE\t/\tFALSE\t0\tcom\t1\n"
               "b example\tFALSE\t/\tFALSE\t0\tblank\t1\n"
               "A.Example\tFALSE\t/\tFALSE\t99999999999999\tlast\t1\n"
               "nonsense\n");
    CHECK_INT(fm_cookie_jar_load(jar, path), 3);
    SENDS("https://a.example/p", "a=1; __Host-y=1; last=1");
    SENDS("http://x.com/", "");
    fm_kept_cookie cookie;
    CHECK(fm_cookie_jar_at(jar, 2, &cookie));
    CHECK(cookie.expires < 99999999999999); /* 400 days and no more */
    end_file();
}

STORY(a_file_that_is_too_large_is_not_read)
{
    fm_file *file;
    begin_file();
    CHECK_INT(fm_file_open(path, &file,
                           &(fm_file_options){.flags = O_RDWR | O_CREAT}),
              0);
    CHECK_INT(ftruncate(fm_file_fd(file), FM_COOKIE_FILE), 0);
    CHECK_INT(fm_cookie_jar_load(jar, path), 0);
    CHECK_INT(ftruncate(fm_file_fd(file), FM_COOKIE_FILE + 1), 0);
    CHECK_INT(fm_cookie_jar_load(jar, path), -EFBIG);
    CHECK_INT(fm_file_close(file), 0);
    end_file();
}

static int looks_on(void *arg)
{
    size_t *most = arg;
    do {
        size_t count = fm_cookie_jar_count(jar);
        *most = count < 300 ? count : *most;
    } while (fm_yield() == 0);
    return 0;
}

/* The oldest of 3000 is looked for at each line of a file of millions. */
STORY(who_reads_a_long_file_lets_others_have_their_turn)
{
    static char text[300 * 32];
    struct fm__pen pen = {text, text + sizeof text - 1, false};
    size_t most = 0;
    begin_file();
    for (unsigned i = 0; i < 300; i++) {
        fm__pen_write(&pen, FM__SLICE("a.b"));
        fm__pen_number(&pen, i);
        fm__pen_write(&pen, FM__SLICE("\tFALSE\t/\tFALSE\t0\tn"));
        fm__pen_write(&pen, FM__SLICE("\tv\n"));
    }
    write_file(text);
    fm_task *other = fm_start(looks_on, &most);
    CHECK_INT(fm_cookie_jar_load(jar, path), 300);
    CHECK_INT(fm_stop(other), 0);
    CHECK(most > 0);
    end_file();
}

STORY(who_is_cancelled_neither_writes_nor_reads_a_jar)
{
    begin_file();
    KEEPS("http://a.example/", "a=1");
    int rc;
    FM_TIMEOUT(0, rc) {
        rc = fm_cookie_jar_save(jar, path);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    CHECK_INT(fm_cookie_jar_load(jar, path), -ENOENT);
    CHECK_INT(fm_cookie_jar_save(jar, path), 0);
    FM_TIMEOUT(0, rc) {
        rc = (int)fm_cookie_jar_load(jar, path);
    }
    CHECK_INT(rc, -ETIMEDOUT);
    end_file();
}
