/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program.h - the programs of accept.bpf.c, each a section there, filled in and
 * loaded
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>

#include "bpf_raw.h"
#include "kernel/layout.h"
#include "kernel/machine.h"
#include "bytecode.h"

/* What the symbols of accept.bpf.c stand for. */
struct symbols {
	struct {
		uint64_t value;
		bool is_set;
		/* value is a map's descriptor. */
		bool is_map;
	} all[SYMBOL_COUNT];
	/* The program calls a helper that kernels before 5.7 do not have. */
	bool pidns_helper;
};

void symbols_set(struct symbols *symbols, enum symbol symbol, uint64_t value);
/* map: a descriptor. */
void symbols_set_map(struct symbols *symbols, enum symbol symbol, int map);
/* Where the members of kernel structures are, and how wide a pointer is. */
void symbols_set_layout(struct symbols *symbols, const struct layout *layout);

/*
 * Load a program of accept.bpf.c with these values for its symbols. Its name in
 * the kernel is accept_ and that of its section, of which 8 letters show.
 * sock: the register of a kprobe's context that has the new connection's sock.
 * Returns a descriptor, or -errno: ENOENT if the program needs a symbol that is
 * not set; *log is then what the verifier said, if it is not NULL.
 */
int program_load(enum bpf_prog_type type, enum program program,
		 const struct symbols *symbols, enum machine_reg sock,
		 struct raw_log *log);

#ifdef DEBUG
/*
 * If not NULL: called with each program before it is loaded, with how many
 * instructions it has, and how many are left after fold().
 */
extern void (*program_watch)(const char *name, const struct symbols *symbols,
			     int whole, int folded);
#endif

/*
 * Whether the helpers that tell the CPU and the task do so. From 6.10 on the
 * verifier leaves a helper that the machine's JIT inlines as it is, a number
 * (bpf_jit_inlines_helper_call() in do_misc_fixups()), also where that JIT is
 * switched off; then the interpreter calls whatever that number leads to.
 */
bool program_helpers_work(void);

/* Whether this kernel lets a tracing program call that helper. */
bool program_may_call(enum bpf_func_id helper);

#endif
