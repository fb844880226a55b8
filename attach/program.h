/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program.h - loading the programs of accept.bpf.c, of which each is a section
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>

#include "bpf_raw.h"
#include "kernel/layout.h"
#include "kernel/machine.h"
#include "bytecode.h"

/* Values for the symbols of accept.bpf.c. */
struct symbols {
	struct {
		uint64_t value;
		bool is_set;
		/* The value is a map's descriptor. */
		bool is_map;
	} all[SYMBOL_COUNT];
	/* The hook that a program of cgroups is loaded for; else 0. */
	enum bpf_attach_type hook;
	/* The program calls bpf_get_ns_current_pid_tgid(), since 5.7. */
	bool pidns_helper;
};

/* Set a constant. */
void symbols_set(struct symbols *symbols, enum symbol symbol, uint64_t value);
/* Set a map, by a descriptor that must be open when a program is loaded. */
void symbols_set_map(struct symbols *symbols, enum symbol symbol, int map);
/* Set the offsets of kernel structures' members, and a pointer's size. */
void symbols_set_layout(struct symbols *symbols, const struct layout *layout);

/*
 * Load a program of accept.bpf.c with these values for its symbols. The kernel
 * shows it as accept_ and the first 8 letters of its section's name. sock: the
 * register of a kprobe's context that has the new connection's sock. Returns a
 * descriptor, or -errno (-ENOENT if a symbol that it needs is not set), with
 * the verifier's log in *log, unless log is NULL.
 */
int program_load(enum bpf_prog_type type, enum program program,
		 const struct symbols *symbols, enum machine_reg sock,
		 struct raw_log *log);

#ifdef DEBUG
/*
 * If not NULL, it is called before each program is loaded, with the number of
 * its instructions before and after fold().
 */
extern void (*program_watch)(const char *name, const struct symbols *symbols,
			     int whole, int folded);
#endif

/*
 * Whether the helpers that return the CPU and the task work. From 6.10 on the
 * verifier does not resolve the call of a helper that the machine's JIT inlines
 * (bpf_jit_inlines_helper_call() in do_misc_fixups()), even where the JIT is
 * switched off: the interpreter then calls an address that is made from the
 * helper's number alone.
 */
bool program_helpers_work(void);

/* Whether this kernel lets a tracing program call this helper. */
bool program_may_call(enum bpf_func_id helper);

#endif
