// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pack - what unpack.c reads, from stdin to stdout; runs when tcpaccept is made
 */
#include <stdio.h>

#include "attach/unpack.h"

#define INPUT_MAX (1 << 18)

/* What is best at a byte: as many as that far back, or (1) it as it is. */
struct item {
	size_t count;
	size_t back;
	/* Bits of all from here to the end. */
	size_t cost;
};

static unsigned char input[INPUT_MAX];
static struct item items[INPUT_MAX + 1];

static size_t match(size_t at, size_t back, size_t length)
{
	size_t count = 0;

	while (count < PACK_MAX && at + count < length &&
	       input[at + count - back] == input[at + count])
		count++;
	return count;
}

/* From the end on, so that the cost of what follows is known. */
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

/* Up to eight items from `at` on; returns where the next begins. */
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
