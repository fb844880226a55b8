// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ring.c - raw_ring_snapshot(), raw_ring_next() and raw_ring_release() of
 * bpf_raw.h over a ring of any bytes
 *
 * Beside them walks a reader that looks at the ring byte by byte: both must
 * give the same.
 */
#include "bpf_raw.h"
#include "fuzz.h"

/* What the input begins with; behind it is what the ring holds. */
struct start {
	/* How long samples are that are asked for. */
	uint8_t sample;
	/* A ring of 2 to that power, from 8 bytes on. */
	uint8_t power;
	/* How far the kernel goes on before each snapshot. */
	uint16_t steps[3];
	/* Where it all begins: counters may be about to wrap. */
	uint64_t tail;
};

/* What a sample's memory holds until a sample is copied there. */
#define UNTOUCHED 0x5a

static uint64_t byte_at(const struct raw_ring *ring, unsigned long at,
			int count)
{
	uint64_t word = 0;

	while (count--)
		word = word << 8 | ring->data[(at + count) % ring->size];
	return word;
}

/* What raw_ring_next() is to give, and where it is to stop; little endian. */
static int expect(struct raw_ring *ring, uint32_t size, uint64_t *lost,
		  unsigned long *sample)
{
	unsigned long at, left;
	uint32_t type, length;

	for (; ring->tail != ring->head;) {
		at = ring->tail;
		left = ring->head - at;
		length = left < 8 ? 0 : byte_at(ring, at + 6, 2);
		if (left > ring->size || length < 8 || length % 8 ||
		    length > left) {
			ring->tail = ring->head;
			return -EBADMSG;
		}
		ring->tail += length;
		type = byte_at(ring, at, 4);
		if (type == PERF_RECORD_LOST && length < 24)
			return -EBADMSG;
		if (type == PERF_RECORD_LOST)
			*lost += byte_at(ring, at + 16, 8);
		if (type != PERF_RECORD_SAMPLE)
			continue;
		*sample = at + 12;
		if (length < 12 || byte_at(ring, at + 8, 4) < size ||
		    byte_at(ring, at + 8, 4) > length - 12)
			return -EBADMSG;
		return 1;
	}
	return 0;
}

static void compare(const struct raw_ring *ring, const unsigned char *sample,
		    uint32_t size, unsigned long at, bool given)
{
	for (uint32_t i = 0; i < size; i++)
		must(sample[i] ==
		     (given ? byte_at(ring, at + i, 1) : UNTOUCHED));
}

/* All up to the snapshot. */
static void read_all(struct raw_ring *ring, unsigned char *sample,
		     uint32_t size)
{
	unsigned long at = 0, most = ring->size / 8 + 1;
	uint64_t lost = 7, lost_expected = 7;
	struct raw_ring other = *ring;
	int result, expected;

	do {
		memset(sample, UNTOUCHED, size);
		expected = expect(&other, size, &lost_expected, &at);
		result = raw_ring_next(ring, sample, size, &lost);
		must(result == expected && lost == lost_expected);
		must(ring->tail == other.tail && ring->head == other.head);
		compare(ring, sample, size, at, result == 1);
		/* Each takes 8 bytes at least, or all. */
		must(most--);
	} while (result);
	must(ring->tail == ring->head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct perf_event_mmap_page *page;
	unsigned char *sample, *memory;
	struct raw_ring ring = { 0 };
	struct start start;

	fuzz_take(&start, sizeof(start), &data, &size);
	ring.size = 8 << start.power % 10;
	memory = malloc(ring.size);
	sample = malloc(start.sample + 1);
	page = calloc(1, sizeof(*page));
	if (!memory || !sample || !page)
		abort();
	/* Over and over, so that small inputs fill large rings. */
	for (size_t i = 0; i < ring.size; i++)
		memory[i] = size ? data[i % size] : 0;
	ring.data = memory;
	ring.page = page;
	ring.tail = start.tail;
	page->data_head = page->data_tail = start.tail;
	for (int i = 0; i < 3; i++) {
		page->data_head += start.steps[i];
		must(raw_ring_snapshot(&ring) ==
		     (unsigned long)page->data_head - page->data_tail);
		read_all(&ring, sample, start.sample);
		raw_ring_release(&ring);
		must(page->data_tail == page->data_head);
	}
	free(page);
	free(sample);
	free(memory);
	return 0;
}
