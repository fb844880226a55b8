// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unpack.c - unpack() over the bytecode that program.c carries, whole and
 * damaged
 */
#include "tap.h"
#include "attach/unpack.h"

/* What the build made of it, and what went in. */
static const unsigned char packed[] = {
#include "bytecode.inc"
};
static unsigned char object[1 << 15], unpacked[1 << 15];
static size_t object_size;

/* What goes past either end is for the sanitizer to see. */
static size_t unpack_alone(const unsigned char *from, size_t length,
			   size_t size)
{
	unsigned char *in = malloc(length + !length);
	unsigned char *out = malloc(size + !size);
	size_t count;

	memcpy(in, from, length);
	count = unpack(out, size, in, length);
	free(in);
	free(out);
	return count;
}

int main(void)
{
	static const unsigned char before[] = { 1, 'x', 1, 0 };
	static const unsigned char run[] = { 1, 'x', 0, 0xf8 };
	unsigned char damaged[sizeof(packed)];
	uint64_t state = 1;
	bool bounded = true;
	size_t count;
	FILE *file = fopen("build/bytecode/bpfel/accept.insns", "rb");

	object_size = file ? fread(object, 1, sizeof(object), file) : 0;
	if (file)
		fclose(file);
	count = unpack(unpacked, sizeof(unpacked), packed, sizeof(packed));
	ok(count == object_size && !memcmp(unpacked, object, count),
	   "what is packed are the instructions, %zu bytes from %zu", count,
	   sizeof(packed));
	ok(sizeof(packed) < object_size / 2, "it takes less than half");
	ok(unpack_alone(packed, sizeof(packed), object_size) == count,
	   "room for just these is enough");
	ok(!unpack_alone(packed, sizeof(packed), object_size - 1),
	   "a byte less is not");
	ok(!unpack_alone(packed, 0, 16), "nothing gives nothing");
	ok(unpack(unpacked, sizeof(unpacked), run, sizeof(run)) == 35 &&
		   unpacked[0] == 'x' && unpacked[34] == 'x',
	   "an item may go on into what it writes");
	ok(!unpack_alone(before, sizeof(before), 64),
	   "nothing is taken from before the start");
	ok(!unpack_alone(run, sizeof(run) - 1, 64), "half an item is refused");
	for (size_t i = 0; i < sizeof(packed); i += 7)
		bounded &= unpack_alone(packed, i, object_size) <= count;
	ok(bounded, "cut short anywhere, it stays within its bounds");
	for (int i = 0; i < 2000; i++) {
		memcpy(damaged, packed, sizeof(packed));
		for (int j = 0; j < 8; j++)
			damaged[tap_random(&state) % sizeof(packed)] =
				tap_random(&state);
		bounded &= unpack_alone(damaged, sizeof(packed), object_size) <=
			   object_size;
	}
	ok(bounded, "so it does with wrong bytes");
	return done();
}
