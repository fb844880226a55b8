/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fold.h - dead code elimination in BPF bytecode
 */
#ifndef FOLD_H
#define FOLD_H

#include <stddef.h>

#include <linux/bpf.h>

/* The most instructions that a program may have. */
#define FOLD_MAX 2048

/*
 * Remove, in place, the branches of a program that its constants decide, and
 * the code that can no longer be reached.
 *
 * Verifiers before 4.12 do not treat a ld_imm64 as a constant, and check both
 * sides of a branch on it (check_ld_imm() in kernel/bpf/verifier.c). Those of
 * 4.12 to 4.14.8 do not check a call that is never reached, and then
 * dereference the map that they did not record for it (fixup_bpf_calls(), with
 * the JIT on).
 *
 * Returns how many instructions are left; or 0 if the program is longer than
 * FOLD_MAX or has instructions that are not understood.
 */
size_t fold(struct bpf_insn *insns, size_t count);

#endif
