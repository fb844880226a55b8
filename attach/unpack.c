// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unpack.c - unpacking the bytecode, which is in the executable at less than
 * half of its size
 */
#include "attach/unpack.h"

size_t unpack(unsigned char *to, size_t size, const unsigned char *from,
	      size_t length)
{
	size_t in = 0, out = 0, back, count;
	unsigned int flags = 1;

	while (in < length) {
		/* The ninth bit shows when the eight flags are used up. */
		if (flags == 1) {
			flags = from[in++] | 0x100;
			continue;
		}
		if (flags & 1) {
			back = 0;
			count = 1;
		} else {
			if (length - in < 2)
				return 0;
			back = from[in] | from[in + 1] << 8;
			count = (back >> PACK_BACK_BITS) + PACK_LEAST;
			back = back % PACK_BACK_MAX + 1;
			in += 2;
		}
		if (back > out || count > size - out)
			return 0;
		/* Byte by byte, as the source may overlap what it writes. */
		for (; count; count--, out++)
			to[out] = back ? to[out - back] : from[in++];
		flags >>= 1;
	}
	return out;
}
