/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * program.h - the programs of accept.bpf.c, each a section, filled in and
 * loaded
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>

#include "bpf_raw.h"
#include "kernel/layout.h"

/* What the symbols of accept.bpf.c stand for. */
struct symbols {
	struct raw_symbol all[MEMBER_COUNT + 37];
	size_t count;
	/* It calls a helper that kernels before 5.7 do not have. */
	bool pidns_helper;
};

/* Where the members of kernel structures are. */
void symbols_add_layout(struct symbols *symbols, const struct layout *layout);
void symbols_add(struct symbols *symbols, const char *name, uint64_t value);
/* A map's descriptor. */
void symbols_add_map(struct symbols *symbols, const char *name, int map);

/*
 * Its name is accept_ and the section's, of which the kernel shows 8 letters.
 * sock: the register of a kprobe's context that has the new connection's sock.
 * A descriptor, or -errno; *log is then what the verifier said, if it is not
 * NULL.
 */
int program_load(enum bpf_prog_type type, const char *section,
		 const struct symbols *symbols, enum raw_reg sock,
		 struct raw_log *log);

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
