/*
 * usdt.h - probes for those who trace from outside: perf, bpftrace, gdb
 *
 * One is an instruction that does nothing, and a note in the program that says
 * where it is and where its arguments lie. So an argument should lie in a
 * register or in memory already. Without systemtap's header there are none.
 */
#ifndef FM_BASE_USDT_H
#define FM_BASE_USDT_H

#ifdef FM__USDT
#ifdef __clang__
/* Where memory will do it takes memory, and writes there what it has. */
#define STAP_SDT_ARG_CONSTRAINT nr
/* The macros of that header leave out arguments, where ours are expanded. */
#pragma clang diagnostic ignored "-Wgnu-zero-variadic-macro-arguments"
#if __has_warning("-Wc23-extensions")
#pragma clang diagnostic ignored "-Wc23-extensions"
#endif
#endif
#include <sys/sdt.h>
#ifdef __clang__ /* tells of an argument that the header leaves out */
#pragma clang diagnostic ignored "-Wpedantic"
#endif
#define FM__USDT2(name, a, b) DTRACE_PROBE2(fermata, name, a, b)
#define FM__USDT3(name, a, b, c) DTRACE_PROBE3(fermata, name, a, b, c)
#define FM__USDT4(name, a, b, c, d) DTRACE_PROBE4(fermata, name, a, b, c, d)
#else
#define FM__USDT2(name, a, b) ((void)0)
#define FM__USDT3(name, a, b, c) ((void)0)
#define FM__USDT4(name, a, b, c, d) ((void)0)
#endif

#endif
