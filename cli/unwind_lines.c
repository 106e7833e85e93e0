/*
 * unwind_lines.c - what is known of an address: file, line, and functions,
 * more than one where they are inlined
 */
#include "unwind_parts.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <stdlib.h>

/* Name and call of an inlined function may stand in its origin. */
static const char *unwind_lines_name(Dwarf_Die *die)
{
    Dwarf_Attribute attribute;
    return dwarf_formstring(dwarf_attr_integrate(die, DW_AT_name, &attribute));
}

static int unwind_lines_number(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    Dwarf_Word value;
    if (dwarf_formudata(dwarf_attr(die, name, &attribute), &value) != 0)
        return 0;
    return (int)value;
}

static const char *unwind_lines_file(Dwarf_Die *unit, int number)
{
    Dwarf_Files *files;
    size_t count;
    if (dwarf_getsrcfiles(unit, &files, &count) != 0)
        return NULL;
    return dwarf_filesrc(files, (size_t)number, NULL, NULL);
}

/* The child that the address is in. */
static bool unwind_lines_child(Dwarf_Die *die, Dwarf_Addr address)
{
    Dwarf_Die child;
    if (dwarf_child(die, &child) != 0)
        return false;
    do {
        if (dwarf_haspc(&child, address) > 0) {
            *die = child;
            return true;
        }
    } while (dwarf_siblingof(&child, &child) == 0);
    return false;
}

/* Puts a function inside of those that are there: it is the first then, where
 * they were. They stand where it is called. */
static void unwind_lines_push(struct unwind_place *place, Dwarf_Die *unit,
                              Dwarf_Die *die)
{
    if (place->count == UNWIND_INLINED)
        return;
    struct unwind_frame *frames = place->frames;
    for (int i = place->count; i > 0; i--)
        frames[i] = frames[i - 1];
    place->count++;
    frames[0].function = unwind_lines_name(die);
    frames[1].line = unwind_lines_number(die, DW_AT_call_line);
    int file = unwind_lines_number(die, DW_AT_call_file);
    frames[1].file = unwind_lines_file(unit, file);
}

static void unwind_lines_functions(struct unwind_place *place, Dwarf_Die *unit,
                                   Dwarf_Addr address)
{
    Dwarf_Die die = *unit;
    while (unwind_lines_child(&die, address)) {
        int tag = dwarf_tag(&die);
        const char *name = unwind_lines_name(&die);
        if (tag == DW_TAG_subprogram && name != NULL)
            place->frames[0].function = name;
        if (tag == DW_TAG_inlined_subroutine)
            unwind_lines_push(place, unit, &die);
    }
}

/* The unit that the address is in. Clang makes no table of their ranges, and
 * the neighbour of a table's range is not what lies behind that. */
static Dwarf_Die *unwind_lines_unit(Dwfl_Module *module, Dwarf_Addr address,
                                    Dwarf_Addr *bias)
{
    Dwarf_Die *unit = dwfl_module_addrdie(module, address, bias);
    if (unit != NULL && dwarf_haspc(unit, address - *bias) > 0)
        return unit;
    unit = NULL;
    do
        unit = dwfl_module_nextcu(module, unit, bias);
    while (unit != NULL && dwarf_haspc(unit, address - *bias) <= 0);
    return unit;
}

static void unwind_lines_source(struct unwind_place *place, Dwfl_Module *module)
{
    struct unwind_frame *frame = place->frames;
    Dwarf_Addr bias;
    Dwarf_Die *unit = unwind_lines_unit(module, place->address, &bias);
    if (unit == NULL)
        return;
    Dwarf_Addr address = place->address - bias;
    frame->unit = dwarf_diename(unit);
    Dwarf_Line *line = dwarf_getsrc_die(unit, address);
    if (line != NULL && dwarf_lineno(line, &frame->line) == 0)
        frame->file = dwarf_linesrc(line, NULL, NULL);
    unwind_lines_functions(place, unit, address);
}

static void unwind_lines_look(struct unwind_place *place, Dwfl *dwfl)
{
    struct unwind_frame *frame = place->frames;
    place->count = 1;
    frame->pc = place->address;
    Dwfl_Module *module = dwfl_addrmodule(dwfl, place->address);
    if (module == NULL)
        return;
    Dwarf_Addr start;
    frame->module =
        dwfl_module_info(module, NULL, &start, NULL, NULL, NULL, NULL, NULL);
    frame->offset = place->address - start;
    frame->function = dwfl_module_addrname(module, place->address);
    unwind_lines_source(place, module);
}

struct unwind_place *unwind_find(struct unwind_places *places, uint64_t address)
{
    size_t count = sizeof places->buckets / sizeof places->buckets[0];
    struct unwind_place **bucket = &places->buckets[address % count];
    for (struct unwind_place *place = *bucket; place != NULL;
         place = place->next) {
        if (place->address == address)
            return place;
    }
    struct unwind_place *place = calloc(1, sizeof *place);
    if (place == NULL)
        return NULL;
    place->address = address;
    place->next = *bucket;
    *bucket = place;
    unwind_lines_look(place, places->dwfl);
    return place;
}

const char *unwind_function(const struct unwind_places *places,
                            uint64_t address)
{
    GElf_Off offset;
    GElf_Sym symbol;
    Dwfl_Module *module = dwfl_addrmodule(places->dwfl, address);
    if (module == NULL)
        return NULL;
    const char *name = dwfl_module_addrinfo(module, address, &offset, &symbol,
                                            NULL, NULL, NULL);
    return offset == 0 ? name : NULL;
}

void unwind_forget(struct unwind_places *places)
{
    size_t count = sizeof places->buckets / sizeof places->buckets[0];
    for (size_t i = 0; i < count; i++) {
        while (places->buckets[i] != NULL) {
            struct unwind_place *place = places->buckets[i];
            places->buckets[i] = place->next;
            free(place);
        }
    }
}
