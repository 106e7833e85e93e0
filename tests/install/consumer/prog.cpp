/*
 * prog.cpp - the same from C++: fm_start, and the address of what it needs
 */
#include <cstdio>
#include <fermata.h>

static int add(void *arg)
{
    int rc = fm_sleep(0);
    return rc < 0 ? rc : *static_cast<int *>(arg) + 2;
}

static int program(void *arg)
{
    int *sum = static_cast<int *>(arg);
    int term = 40;
    *sum = fm_await(fm_start(add, &term));
    return 0;
}

int main()
{
    int sum = 0;
    int rc = fm_run(program, &sum);
    std::printf("%s %d\n", fm_version(), sum);
    return rc != 0;
}
