/*
 * fitness.c - asks the build, the loader's lists, and the signals
 */
#include "coro/fitness.h"

#include "base/sys.h"
#include "coro/context.h"
#include "coro/sanitize.h"

#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __OPTIMIZE__
#define FITNESS_OPTIMISED true
#else
#define FITNESS_OPTIMISED false
#endif

static bool fitness_refuse(char *why, const char *reason)
{
    snprintf(why, FM__FITNESS_TEXT, "%s", reason);
    return false;
}

/* Valgrind loads a library of its own into each program. */
static int fitness_seek_valgrind(struct dl_phdr_info *info, size_t size,
                                 void *arg)
{
    (void)size;
    (void)arg;
    return info->dlpi_name != NULL &&
           strstr(info->dlpi_name, "/vgpreload_") != NULL;
}

bool fm__fitness_build(char why[FM__FITNESS_TEXT])
{
    if (!FM__CONTEXT_CALLS)
        return fitness_refuse(why, "this build's way to switch stacks needs "
                                   "larger ones");
    if (FM__TOOLS_KEEP)
        return fitness_refuse(why, "this build of Fermata is for a sanitizer "
                                   "or for valgrind");
    if (!FITNESS_OPTIMISED)
        return fitness_refuse(why, "this build of Fermata is not optimised");
    if (dl_iterate_phdr(fitness_seek_valgrind, NULL) != 0)
        return fitness_refuse(why, "the program runs under valgrind");
    return true;
}

static bool fitness_signal(int number)
{
    struct sigaction now = {.sa_handler = SIG_DFL};
    fm__sys_undo_sigaction(number, NULL, &now);
    bool handled = (now.sa_flags & SA_SIGINFO) != 0 ||
                   (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN);
    return !handled || (now.sa_flags & SA_ONSTACK) != 0;
}

bool fm__fitness_signals(char why[FM__FITNESS_TEXT])
{
    int number = 1;
    while (number < _NSIG && fitness_signal(number))
        number++;
    if (number == _NSIG)
        return true;
    snprintf(why, FM__FITNESS_TEXT,
             "signal %d has a handler without SA_ONSTACK, so the kernel would "
             "put its frame on whatever stack it finds",
             number);
    return false;
}

struct fitness_object {
    uintptr_t address;
    struct fm__code code; /* empty: not found */
    bool bound;
    char name[128];
};

/* What the linker has said of it. */
static bool fitness_says_now(const ElfW(Dyn) * entry)
{
    bool late = false;
    for (; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_BIND_NOW ||
            (entry->d_tag == DT_FLAGS && entry->d_un.d_val & DF_BIND_NOW) ||
            (entry->d_tag == DT_FLAGS_1 && entry->d_un.d_val & DF_1_NOW))
            return true;
        late = late || entry->d_tag == DT_JMPREL;
    }
    return !late;
}

static bool fitness_bound(const struct dl_phdr_info *info)
{
    const char *wish = getenv("LD_BIND_NOW");
    bool interpreted = info->dlpi_name == NULL || info->dlpi_name[0] != '\0';
    const ElfW(Dyn) *dynamic = NULL;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        interpreted = interpreted || part->p_type == PT_INTERP;
        if (part->p_type == PT_DYNAMIC)
            dynamic =
                (const void *)(uintptr_t)(info->dlpi_addr + part->p_vaddr);
    }
    if (dynamic == NULL || !interpreted) /* it is static */
        return true;
    return (wish != NULL && wish[0] != '\0') || fitness_says_now(dynamic);
}

static int fitness_seek(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct fitness_object *object = arg;
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + part->p_vaddr;
        if (part->p_type != PT_LOAD || object->address < from ||
            object->address - from >= part->p_memsz)
            continue;
        object->code = (struct fm__code){from, from + part->p_memsz};
        object->bound = fitness_bound(info);
        bool named = info->dlpi_name != NULL && info->dlpi_name[0] != '\0';
        snprintf(object->name, sizeof object->name, "%s",
                 named ? info->dlpi_name : "the program");
        return 1;
    }
    return 0;
}

bool fm__fitness_binding(uintptr_t address, struct fm__code *code,
                         char why[FM__FITNESS_TEXT])
{
    struct fitness_object object = {
        .address = address,
        .code = {address, address + 1},
        .bound = true,
    };
    dl_iterate_phdr(fitness_seek, &object);
    *code = object.code;
    if (object.bound)
        return true;
    snprintf(why, FM__FITNESS_TEXT,
             "%s binds its symbols when they are first called: link it with "
             "-Wl,-z,now, or set LD_BIND_NOW=1",
             object.name);
    return false;
}
