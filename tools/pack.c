// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pack - compress stdin to stdout, as attach/unpack.c expects it; the build
 * runs it
 */
#include <stdio.h>

#include "attach/unpack.h"

#define INPUT_MAX (1 << 18)

/* The cheapest way to pack what begins at a byte of the input. */
struct item {
	/* Copy so many bytes from so far back; if it is one, it is literal. */
	size_t count;
	size_t back;
	/* Packed bits from here to the end. */
	size_t cost;
};

static unsigned char input[INPUT_MAX];
static struct item items[INPUT_MAX + 1];

/* How many bytes, up to PACK_MAX, are the same `back` bytes before. */
static size_t match(size_t at, size_t back, size_t length)
{
	size_t count = 0;

	while (count < PACK_MAX && at + count < length &&
	       input[at + count - back] == input[at + count])
		count++;
	return count;
}

/* Choose the item at a byte. Those after it must have been chosen before. */
static void choose(size_t at, size_t length)
{
	struct item *item = &items[at];
	size_t longest = PACK_LEAST - 1, count;

	*item = (struct item){ .count = 1, .cost = 9 + items[at + 1].cost };
	for (size_t back = 1; back <= PACK_BACK_MAX && back <= at; back++) {
		count = match(at, back, length);
		for (; longest < count; longest++) {
			size_t cost = 17 + items[at + longest + 1].cost;

			if (cost < item->cost)
				*item = (struct item){ longest + 1, back,
						       cost };
		}
	}
}

/* Write up to eight items from `at` on. Returns where the next one begins. */
static size_t put_group(size_t at, size_t length)
{
	unsigned char group[1 + 8 * 2] = { 0 };
	size_t used = 1, pair;

	for (int i = 0; i < 8 && at < length; i++) {
		const struct item *item = &items[at];

		if (item->count == 1) {
			group[0] |= 1 << i;
			group[used++] = input[at];
		} else {
			pair = item->count - PACK_LEAST;
			pair = pair << PACK_BACK_BITS | (item->back - 1);
			group[used++] = pair;
			group[used++] = pair >> 8;
		}
		at += item->count;
	}
	fwrite(group, 1, used, stdout);
	return at;
}

int main(void)
{
	size_t length = fread(input, 1, sizeof(input), stdin);

	if (ferror(stdin) || length == sizeof(input)) {
		fputs("pack: cannot read all of it\n", stderr);
		return 1;
	}
	for (size_t at = length; at--;)
		choose(at, length);
	for (size_t at = 0; at < length;)
		at = put_group(at, length);
	return fflush(stdout) || ferror(stdout);
}
