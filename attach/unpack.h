// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unpack.h - the form in which the build embeds the bytecode of accept.bpf.c
 *
 * tools/bytecode.c writes instructions, tools/pack.c makes them small:
 *
 * A byte of eight flags, the least bit first, comes before the eight items that
 * they tell apart: 1 is a byte as it is; 0 is two bytes, the low one first,
 * that say where the same bytes were before: 11 bits of how far back, less 1,
 * and above them 5 bits of how many, less 3.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>

/* A `ld_imm64` with this as its source register, which no instruction has: its
 * immediate is the number of the symbol whose value belongs there.
 */
#define SYMBOL_MARK 15

#define PACK_BACK_BITS 11
#define PACK_BACK_MAX (1 << PACK_BACK_BITS)
#define PACK_LEAST 3
#define PACK_MAX (PACK_LEAST + (1 << (16 - PACK_BACK_BITS)) - 1)

/* Returns how many bytes it wrote: 0 if it is none of it, or above `size`. */
size_t unpack(unsigned char *to, size_t size, const unsigned char *from,
	      size_t length);

#endif
