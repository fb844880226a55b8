/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fold.h - bytecode without what constants make dead
 */
#ifndef FOLD_H
#define FOLD_H

#include <stddef.h>

#include <linux/bpf.h>

/* Instructions of a program at most. */
#define FOLD_MAX 2048

/*
 * Take out of a program the branches that its constants decide, and all that no
 * branch leads to any more; in place.
 *
 * Verifiers before 4.12 do not see that a ld_imm64 is a constant, and walk both
 * sides (check_ld_imm() in kernel/bpf/verifier.c); 4.12 to 4.14.8 leave a call
 * that is never reached unchecked, and then dereference what they know of its
 * map (fixup_bpf_calls(), with the JIT on).
 *
 * Returns how many instructions are left, or 0 if it is no such program.
 */
size_t fold(struct bpf_insn *insns, size_t count);

#endif
