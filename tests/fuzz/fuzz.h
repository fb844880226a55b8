/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fuzz.h - what the fuzz targets share; libFuzzer has their main()
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer calls it with one input after the other. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What does not hold is a finding. */
#define must(condition)                                                     \
	do {                                                                \
		if (!(condition)) {                                         \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, \
				__LINE__, #condition);                      \
			abort();                                            \
		}                                                           \
	} while (0)

/* The bytes in a block of just their size, for free(3). */
static inline void *fuzz_copy(const void *bytes, size_t size)
{
	void *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

/* The next `size` bytes of the input, zeros behind its end. */
static inline void fuzz_take(void *to, size_t size, const uint8_t **data,
			     size_t *left)
{
	size_t have = size < *left ? size : *left;

	memset(to, 0, size);
	if (have)
		memcpy(to, *data, have);
	*data += have;
	*left -= have;
}

#endif
