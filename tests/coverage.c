/*
 * coverage.c - writes down what ran before a process leaves by a side door
 *
 * In every program of a coverage build, and in no other: abort and _exit end
 * here first, by --wrap, because they run no exit handler. What dies of
 * another signal is not counted.
 */
#include <stdlib.h>

int __llvm_profile_write_file(void);

_Noreturn void __real_abort(void);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap_abort(void);
_Noreturn void __wrap__exit(int status);

void __wrap_abort(void)
{
    __llvm_profile_write_file();
    __real_abort();
}

void __wrap__exit(int status)
{
    __llvm_profile_write_file();
    __real__exit(status);
}
