// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unpack.h - the packed bytecode of accept.bpf.c, as the build embeds it
 *
 * tools/bytecode.c writes the instructions, tools/pack.c packs them:
 *
 * Eight flags in a byte, lowest bit first, precede the eight items that they
 * describe. 1: the item is a byte, to be copied. 0: the item is two bytes, low
 * one first, that refer to earlier output. Their low 11 bits are the distance
 * back, less 1; the upper 5 bits are the number of bytes, less 3.
 */
#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>

/*
 * The source register of a `ld_imm64`, in place of a real one, whose immediate
 * is the number of a symbol: the symbol's value is to replace it.
 */
#define SYMBOL_MARK 15

#define PACK_BACK_BITS 11
#define PACK_BACK_MAX (1 << PACK_BACK_BITS)
#define PACK_LEAST 3
#define PACK_MAX (PACK_LEAST + (1 << (16 - PACK_BACK_BITS)) - 1)

/*
 * Returns the number of bytes written, or 0 if `from` is malformed or unpacks
 * to more than `size`.
 */
size_t unpack(unsigned char *to, size_t size, const unsigned char *from,
	      size_t length);

#endif
