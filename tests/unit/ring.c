// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ring.c - raw_ring_*() of bpf_raw.h over rings that this test fills
 *
 * Page, data and sample are heap blocks of the exact size, so that a
 * sanitizer sees a byte too many.
 */
#include <sys/wait.h>

#include "accept.h"
#include "bpf_raw.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#define EVENT_SIZE ACCEPT_EVENT_BASE

/* What a sample's memory holds until a sample is copied there. */
#define UNTOUCHED 0x5a

struct fake {
	struct raw_ring ring;
	unsigned char *data;
	unsigned char *sample;
	uint32_t size;
	/* Up to where the kernel, which is us, has written. */
	uint64_t head;
	uint64_t lost;
};

/* A ring of `size` bytes that begins at `start`, for samples of `sample`. */
static struct fake fake_open(size_t size, uint64_t start, uint32_t sample)
{
	struct fake fake = {
		.data = malloc(size),
		.sample = malloc(sample),
		.size = sample,
		.head = start,
	};

	memset(fake.data, 0xee, size);
	memset(fake.sample, UNTOUCHED, sample);
	fake.ring.size = size;
	fake.ring.page = calloc(1, sizeof(*fake.ring.page));
	fake.ring.page->data_head = start;
	fake.ring.page->data_tail = start;
	fake.ring.data = fake.data;
	fake.ring.tail = start;
	return fake;
}

static void fake_close(struct fake *fake)
{
	free(fake->ring.page);
	free(fake->data);
	free(fake->sample);
}

static void fake_put(struct fake *fake, const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		fake->data[fake->head++ % fake->ring.size] =
			((const unsigned char *)bytes)[i];
}

static void fake_header(struct fake *fake, uint32_t type, uint16_t size)
{
	struct perf_event_header header = {
		.type = type,
		.misc = 0x4002,
		.size = size,
	};

	fake_put(fake, &header, sizeof(header));
}

/* `length` bytes that depend on `seed` only. */
static void fake_body(struct fake *fake, uint8_t seed, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = seed + 11 * i;

		fake_put(fake, &byte, 1);
	}
}

/* A sample as the kernel writes it: padded, and the padding in its length. */
static void fake_sample(struct fake *fake, uint8_t seed, uint32_t length)
{
	uint32_t padded = (length + 4 + 7) / 8 * 8 - 4;

	fake_header(fake, PERF_RECORD_SAMPLE, 8 + 4 + padded);
	fake_put(fake, &padded, sizeof(padded));
	fake_body(fake, seed, length);
	fake_put(fake, "\xdd\xdd\xdd\xdd\xdd\xdd\xdd", padded - length);
}

/* A sample record of `room` bytes after a length that says `length`. */
static void fake_liar(struct fake *fake, uint32_t length, size_t room)
{
	fake_header(fake, PERF_RECORD_SAMPLE, 12 + room);
	fake_put(fake, &length, sizeof(length));
	fake_body(fake, 1, room);
}

static void fake_lost(struct fake *fake, uint64_t count)
{
	uint64_t body[] = { 0x1122334455667788, count };

	fake_header(fake, PERF_RECORD_LOST, 8 + sizeof(body));
	fake_put(fake, body, sizeof(body));
}

static void fake_publish(struct fake *fake)
{
	fake->ring.page->data_head = fake->head;
	raw_ring_snapshot(&fake->ring);
}

static int fake_next(struct fake *fake)
{
	memset(fake->sample, UNTOUCHED, fake->size);
	return raw_ring_next(&fake->ring, fake->sample, fake->size,
			     &fake->lost);
}

static bool is_untouched(const struct fake *fake)
{
	for (size_t i = 0; i < fake->size; i++)
		if (fake->sample[i] != UNTOUCHED)
			return false;
	return true;
}

/* The next is a sample, and the one with this seed. */
static bool reads_sample(struct fake *fake, uint8_t seed)
{
	if (fake_next(fake) != 1)
		return false;
	for (size_t i = 0; i < fake->size; i++)
		if (fake->sample[i] != (uint8_t)(seed + 11 * i))
			return false;
	return true;
}

/* Nothing is left up to the snapshot. */
static bool reads_end(struct fake *fake)
{
	return fake_next(fake) == 0 && is_untouched(fake) &&
	       fake->ring.tail == fake->ring.head;
}

/* The next is damaged. */
static bool reads_damage(struct fake *fake)
{
	return fake_next(fake) == -EBADMSG && is_untouched(fake);
}

static void test_whole(void)
{
	struct fake fake = fake_open(1024, 0, EVENT_SIZE);

	ok(raw_ring_snapshot(&fake.ring) == 0 && reads_end(&fake),
	   "an empty ring has no sample");
	fake_sample(&fake, 3, EVENT_SIZE);
	fake_sample(&fake, 7, EVENT_SIZE);
	ok(reads_end(&fake), "what came after the snapshot is not read");
	fake_publish(&fake);
	ok(reads_sample(&fake, 3) && reads_sample(&fake, 7),
	   "samples are read whole and in order");
	ok(reads_end(&fake) && !fake.lost, "each is read once");
	fake_sample(&fake, 9, EVENT_SIZE + 100);
	fake_publish(&fake);
	ok(reads_sample(&fake, 9) && reads_end(&fake),
	   "of a longer sample the first bytes are read");
	fake_close(&fake);
}

static void test_snapshot(void)
{
	struct fake fake = fake_open(256, 64, EVENT_SIZE);
	bool all;

	fake_sample(&fake, 1, EVENT_SIZE);
	fake_lost(&fake, 1);
	fake.ring.page->data_head = fake.head;
	ok(raw_ring_snapshot(&fake.ring) == 88 + 24,
	   "a snapshot tells how many bytes are unread");
	all = reads_sample(&fake, 1);
	ok(all && raw_ring_snapshot(&fake.ring) == 24,
	   "a snapshot does not count what was read");
	ok(fake.ring.page->data_tail == 64,
	   "the kernel does not get back what is not released");
	raw_ring_release(&fake.ring);
	ok(fake.ring.page->data_tail == 64 + 88,
	   "the kernel gets back what was read, no more");
	all = reads_end(&fake);
	raw_ring_release(&fake.ring);
	ok(all && fake.ring.page->data_tail == 64 + 88 + 24,
	   "the kernel gets back LOST records too");
	fake_close(&fake);
}

/* A ring of each size; in it a record at each place where one can be. */
static void test_wrap(void)
{
	bool samples = true, losses = true, full = true;
	struct fake fake;

	for (size_t size = 128; size <= 512; size *= 2) {
		for (size_t at = 0; at < size; at += 8) {
			fake = fake_open(size, at, EVENT_SIZE);
			fake_sample(&fake, at, EVENT_SIZE);
			fake_publish(&fake);
			samples = samples && reads_sample(&fake, at) &&
				  reads_end(&fake);
			fake_lost(&fake, 0x100000000 + at);
			fake_publish(&fake);
			losses = losses && reads_end(&fake) &&
				 fake.lost == 0x100000000 + at;
			fake_close(&fake);

			fake = fake_open(size, at, size - 12);
			fake_sample(&fake, at, size - 12);
			fake_publish(&fake);
			full = full && reads_sample(&fake, at) &&
			       reads_end(&fake);
			fake_close(&fake);
		}
	}
	ok(samples, "a record that wraps the ring end is read whole");
	ok(losses, "a LOST record that wraps the ring end is read whole");
	ok(full, "a record as large as the ring is read whole");
}

static void test_header_last(void)
{
	struct fake fake = fake_open(256, 256 - 8, EVENT_SIZE);

	fake_sample(&fake, 5, EVENT_SIZE);
	fake_publish(&fake);
	ok(reads_sample(&fake, 5) && reads_end(&fake),
	   "a header in the last 8 bytes has its body at the start");
	fake_close(&fake);

	fake = fake_open(256, 256 - 12, EVENT_SIZE);
	fake_sample(&fake, 6, EVENT_SIZE);
	fake_publish(&fake);
	ok(reads_sample(&fake, 6) && reads_end(&fake),
	   "even a header that wraps is read whole");
	fake_close(&fake);
}

static void test_padding(void)
{
	struct fake fake;

	for (uint32_t length = 72; length < 80; length++) {
		bool all = true;

		fake = fake_open(256, 96, length);
		fake_sample(&fake, 1, length);
		fake_sample(&fake, 2, length);
		fake_publish(&fake);
		all = reads_sample(&fake, 1) && reads_sample(&fake, 2) &&
		      reads_end(&fake);
		ok(all, "a sample is read without its %u padding bytes",
		   (76 - length) % 8);
		fake_close(&fake);
	}
}

static void test_lost(void)
{
	static const uint64_t followed[] = { 5, 6, 7, 8 };
	struct fake fake = fake_open(1024, 0, EVENT_SIZE);
	bool all;

	fake_lost(&fake, 1);
	fake_lost(&fake, 1000);
	fake_lost(&fake, 0x700000000);
	fake_publish(&fake);
	fake.lost = 5;
	ok(reads_end(&fake) && fake.lost == 0x700000000 + 1006,
	   "LOST records are summed, added to what was lost before");
	fake.lost = 0;
	fake_sample(&fake, 1, EVENT_SIZE);
	fake_lost(&fake, 2);
	fake_lost(&fake, 3);
	fake_sample(&fake, 2, EVENT_SIZE);
	fake_lost(&fake, 4);
	fake_publish(&fake);
	all = reads_sample(&fake, 1) && fake.lost == 0;
	all = all && reads_sample(&fake, 2) && fake.lost == 5;
	all = all && reads_end(&fake) && fake.lost == 9;
	ok(all, "LOST records between samples are counted where they stand");

	fake.lost = 0;
	fake_header(&fake, PERF_RECORD_LOST, 8 + sizeof(followed));
	fake_put(&fake, followed, sizeof(followed));
	fake_publish(&fake);
	all = reads_end(&fake);
	ok(all && fake.lost == 6,
	   "a LOST record may be followed by a sample_id");
	fake_close(&fake);
}

static void test_lost_short(void)
{
	struct fake fake = fake_open(1024, 0, EVENT_SIZE);
	bool all;

	fake_header(&fake, PERF_RECORD_LOST, 16);
	fake_body(&fake, 0xff, 8);
	fake_header(&fake, PERF_RECORD_LOST, 8);
	fake_sample(&fake, 1, EVENT_SIZE);
	fake_publish(&fake);
	all = reads_damage(&fake) && reads_damage(&fake);
	ok(all && !fake.lost, "a LOST record that is too short is damaged");
	ok(reads_sample(&fake, 1) && reads_end(&fake),
	   "a short LOST record is passed over alone");
	fake_close(&fake);
}

static void test_other(void)
{
	static const uint32_t types[] = {
		0, 1, 3, 4, 8, 10, 11, 12345, 0x00090000, UINT32_MAX
	};
	struct fake fake = fake_open(4096, 8, EVENT_SIZE);
	bool all = true;

	for (size_t i = 0; i < LENGTH(types); i++) {
		fake_header(&fake, types[i], 8 + 8 * i);
		fake_body(&fake, 1, 8 * i);
		fake_sample(&fake, i, EVENT_SIZE);
	}
	fake_header(&fake, PERF_RECORD_THROTTLE, 32);
	fake_body(&fake, 1, 24);
	fake_publish(&fake);
	for (size_t i = 0; i < LENGTH(types); i++)
		all = all && reads_sample(&fake, i);
	ok(all && reads_end(&fake) && !fake.lost,
	   "records of other kinds are passed over");
	fake_close(&fake);
}

static void test_short(void)
{
	static const uint32_t lengths[] = { 0, 1, EVENT_SIZE - 4,
					    EVENT_SIZE - 1 };
	struct fake fake = fake_open(1024, 1000, EVENT_SIZE);
	bool all = true;

	for (size_t i = 0; i < LENGTH(lengths); i++) {
		fake_liar(&fake, lengths[i], EVENT_SIZE + 4);
		fake_sample(&fake, i, EVENT_SIZE);
	}
	fake_publish(&fake);
	for (size_t i = 0; i < LENGTH(lengths); i++)
		all = all && reads_damage(&fake) && reads_sample(&fake, i);
	ok(all && reads_end(&fake),
	   "a sample shorter than asked for is passed over alone");
	fake_close(&fake);
}

static void test_liar(void)
{
	static const uint32_t lengths[] = { EVENT_SIZE + 5, EVENT_SIZE + 8,
					    4096, 0x80000000, UINT32_MAX };
	struct fake fake = fake_open(2048, 2000, EVENT_SIZE);
	bool all = true;

	for (size_t i = 0; i < LENGTH(lengths); i++) {
		fake_liar(&fake, lengths[i], EVENT_SIZE + 4);
		fake_sample(&fake, i, EVENT_SIZE);
	}
	fake_publish(&fake);
	for (size_t i = 0; i < LENGTH(lengths); i++)
		all = all && reads_damage(&fake) && reads_sample(&fake, i);
	ok(all && reads_end(&fake),
	   "a sample longer than its record is passed over alone");

	fake_liar(&fake, EVENT_SIZE + 4, EVENT_SIZE + 4);
	fake_liar(&fake, EVENT_SIZE, EVENT_SIZE + 4);
	fake_publish(&fake);
	ok(reads_sample(&fake, 1) && reads_sample(&fake, 1) && reads_end(&fake),
	   "a sample that fills its record, or nearly, is read");

	fake_header(&fake, PERF_RECORD_SAMPLE, 8);
	fake_sample(&fake, 8, EVENT_SIZE);
	fake_publish(&fake);
	ok(reads_damage(&fake) && reads_sample(&fake, 8) && reads_end(&fake),
	   "a sample without room for its length is passed over alone");
	fake_close(&fake);
}

/* A header of that size, then 11 samples: the header is the ring's ruin. */
static bool gives_up(uint16_t size, uint32_t type)
{
	struct fake fake = fake_open(1024, 512, EVENT_SIZE);
	bool all;

	fake_header(&fake, type, size);
	for (int i = 0; i < 11; i++)
		fake_sample(&fake, i, EVENT_SIZE);
	fake_publish(&fake);
	all = reads_damage(&fake) && fake.ring.tail == fake.head &&
	      reads_end(&fake) && !fake.lost;
	fake_sample(&fake, 77, EVENT_SIZE);
	fake_publish(&fake);
	all = all && reads_sample(&fake, 77);
	fake_close(&fake);
	return all;
}

static void test_size(void)
{
	static const uint32_t types[] = { PERF_RECORD_SAMPLE, PERF_RECORD_LOST,
					  PERF_RECORD_MMAP };
	bool below = true, odd = true, left = true, ring = true, zero = true;

	for (size_t i = 0; i < LENGTH(types); i++) {
		zero = zero && gives_up(0, types[i]);
		for (uint16_t size = 1; size < 8; size++)
			below = below && gives_up(size, types[i]);
		for (uint16_t size = 9; size < 200; size++)
			odd = odd &&
			      (size % 8 == 0 || gives_up(size, types[i]));
		left = left && gives_up(8 + 11 * 88 + 8, types[i]) &&
		       gives_up(1024, types[i]);
		ring = ring && gives_up(1032, types[i]) &&
		       gives_up(0x8000, types[i]) && gives_up(0xfff8, types[i]);
	}
	ok(zero, "after a record of size 0 the rest is given up, then goes on");
	ok(below,
	   "after a record smaller than its header the rest is given up");
	ok(odd, "after a size that is no multiple of 8 the rest is given up");
	ok(left, "after a record larger than what is left all is given up");
	ok(ring, "after a record larger than the ring all is given up");
}

/* A good sample, and then a few bytes that are not even a header. */
static void test_rest(void)
{
	bool all = true;

	for (int rest = 1; rest < 8; rest++) {
		struct fake fake = fake_open(128, 120, EVENT_SIZE);

		fake_sample(&fake, rest, EVENT_SIZE);
		fake_header(&fake, PERF_RECORD_SAMPLE, 8);
		fake.head -= 8 - rest;
		fake_publish(&fake);
		all = all && reads_sample(&fake, rest) && reads_damage(&fake) &&
		      reads_end(&fake);
		fake_close(&fake);
	}
	ok(all, "a rest of 1 to 7 bytes is given up");
}

/* Samples and losses from `start` on, over and over. */
static bool counts_on(uint64_t start)
{
	struct fake fake = fake_open(256, start, EVENT_SIZE);
	uint64_t expected = start;
	bool all = true;

	for (int i = 0; i < 100; i++) {
		fake_sample(&fake, i, EVENT_SIZE);
		fake_lost(&fake, 1);
		fake_sample(&fake, ~i, EVENT_SIZE);
		fake_publish(&fake);
		all = all && reads_sample(&fake, i) &&
		      reads_sample(&fake, ~i) && reads_end(&fake);
		raw_ring_release(&fake.ring);
		expected += 88 + 24 + 88;
		all = all && fake.ring.page->data_tail == expected;
	}
	all = all && fake.lost == 100;
	fake_close(&fake);
	return all;
}

static void test_positions(void)
{
	ok(counts_on(0), "the ring is read around and around");
	ok(counts_on((1ULL << 32) - 1000), "positions go beyond 2^32");
	ok(counts_on((1ULL << 63) - 1000), "positions go beyond 2^63");
	ok(counts_on(0ULL - 1000), "positions go beyond 2^64");
}

/*
 * The ring is all records of some other kind, the head where no kernel would
 * put it. In a child: a reader that follows would be at it for years.
 */
static bool gives_up_head(uint64_t distance)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		struct fake fake = fake_open(256, 1 << 20, EVENT_SIZE);
		bool all;

		alarm(2);
		for (int i = 0; i < 16; i++) {
			fake_header(&fake, PERF_RECORD_MMAP, 16);
			fake_body(&fake, 1, 8);
		}
		fake.head = fake.ring.tail + distance;
		fake_publish(&fake);
		all = reads_damage(&fake) && reads_end(&fake);
		fake_close(&fake);
		_exit(!all);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

static void test_head(void)
{
	ok(gives_up_head(256 + 16),
	   "a head one record too far ahead is not believed");
	ok(gives_up_head(1ULL << 40), "a head far ahead is not believed");
	ok(gives_up_head(0ULL - 16), "a head behind the tail is not believed");
}

/* ------------------------------------------------------------------------
 * Hostile bytes, against a reader that does the same by other means
 */

static uint32_t get_u32(const unsigned char *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* From `left` bytes in a straight line; *used: how many of them it took. */
static int model_next(const unsigned char *bytes, size_t left, size_t *used,
		      unsigned char *sample, uint32_t size, uint64_t *lost)
{
	*used = 0;
	while (*used < left) {
		const unsigned char *record = bytes + *used;
		size_t rest = left - *used;
		size_t whole = rest < 8 ? 0 : record[6] | record[7] << 8;

		if (whole < 8 || whole & 7 || whole > rest) {
			*used = left;
			return -EBADMSG;
		}
		*used += whole;
		if (get_u32(record) == PERF_RECORD_LOST) {
			if (whole < 24)
				return -EBADMSG;
			*lost += get_u32(record + 16) +
				 ((uint64_t)get_u32(record + 20) << 32);
		}
		if (get_u32(record) == PERF_RECORD_SAMPLE) {
			if (whole < 12 || get_u32(record + 8) < size ||
			    get_u32(record + 8) > whole - 12)
				return -EBADMSG;
			memcpy(sample, record + 12, size);
			return 1;
		}
	}
	return 0;
}

/* Bytes that look like records, mostly. */
static void hostile_fill(unsigned char *bytes, size_t size, uint64_t *state)
{
	static const uint32_t types[] = {
		PERF_RECORD_SAMPLE, PERF_RECORD_SAMPLE, PERF_RECORD_SAMPLE,
		PERF_RECORD_LOST,   PERF_RECORD_LOST,	PERF_RECORD_MMAP
	};
	static const int lengths[] = { -20, -16, -13, -12, -12, -12, -11, -8 };
	size_t at = 0;

	for (size_t i = 0; i < size; i += 8)
		memcpy(bytes + i, &(uint64_t){ tap_random(state) }, 8);
	while (size - at >= 16) {
		uint64_t random = tap_random(state);
		struct perf_event_header header = {
			.type = types[random % LENGTH(types)],
			.size = 8 * (1 + (random >> 8) % 15),
		};
		uint32_t length = header.size + lengths[random >> 16 & 7];

		/* One in 16 lies about its size, one in 16 is random. */
		if ((random >> 24) % 16 == 0)
			header.size += (random >> 32) - 0x10;
		if ((random >> 24) % 16 != 1)
			memcpy(bytes + at, &header, sizeof(header));
		memcpy(bytes + at + sizeof(header), &length, sizeof(length));
		if (header.size < 8 || header.size > size - at)
			break;
		at += header.size;
	}
}

/* One state of a ring read to its end; the number of samples, or -1. */
static int hostile_run(uint64_t *state)
{
	size_t size = 64 << (tap_random(state) % 5), used, at = 0;
	uint64_t start = tap_random(state) >> (tap_random(state) % 64);
	size_t left = tap_random(state) % (size / 8 + 1) * 8;
	uint32_t want = 1 + tap_random(state) % 100;
	unsigned char *bytes = malloc(size), *sample = malloc(want);
	struct fake fake = fake_open(size, start & ~7ULL, want);
	int result, expected, samples = 0;
	uint64_t lost = 0;
	bool same = true;

	/* No kernel does that either: a head, or a start, off the grid. */
	if (left && tap_random(state) % 16 == 0)
		left -= tap_random(state) % 8;
	if (tap_random(state) % 16 == 0)
		fake.ring.tail = fake.head = start;
	start = fake.head;
	hostile_fill(bytes, size, state);
	fake_put(&fake, bytes, size);
	fake.head = start + left;
	fake_publish(&fake);
	/* No record is shorter than 8 bytes. */
	for (size_t calls = 0; same; calls++) {
		memset(sample, UNTOUCHED, want);
		expected = model_next(bytes + at, left - at, &used, sample,
				      want, &lost);
		result = fake_next(&fake);
		at += used;
		samples += result == 1;
		same = result == expected && fake.lost == lost &&
		       fake.ring.tail == start + at && calls <= left / 8 + 1 &&
		       !memcmp(sample, fake.sample, want);
		if (!result)
			break;
	}
	fake_close(&fake);
	free(bytes);
	free(sample);
	return same ? samples : -1;
}

static void test_hostile(void)
{
	const int states = tap_valgrind() ? 10000 : 120000;
	uint64_t state = 0x7463706163636570;
	int samples = 0, bad = 0;

	for (int i = 0; i < states; i++) {
		int count = hostile_run(&state);

		if (count < 0)
			bad++;
		else
			samples += count;
	}
	ok(!bad, "hostile bytes are read as another reader does, to the end");
	printf("# %d samples in %d states\n", samples, states);
	ok(samples > states / 4, "hostile bytes held enough good samples");
}

/* A record of a tap: a struct raw_tap, a length, and `room` bytes. */
static void fake_tap(struct fake *fake, uint32_t length, size_t room)
{
	const struct raw_tap tap = { 181, 182, 1234567890123 };

	fake_header(fake, PERF_RECORD_SAMPLE, 8 + sizeof(tap) + 4 + room);
	fake_put(fake, &tap, sizeof(tap));
	fake_put(fake, &length, sizeof(length));
	fake_body(fake, 9, room);
}

static int fake_find(struct fake *fake, unsigned long *from, uint32_t *length)
{
	return raw_ring_find(&fake->ring, sizeof(struct raw_tap), from, length,
			     &fake->lost);
}

static void test_tap(void)
{
	struct fake fake = fake_open(256, 256 - 16, EVENT_SIZE);
	struct raw_tap tap;
	unsigned long from = 0;
	uint32_t length = 0;

	fake_tap(&fake, 20, 20);
	fake_lost(&fake, 3);
	fake_tap(&fake, 12, 12);
	fake_publish(&fake);
	ok(fake_find(&fake, &from, &length) == 1 && length == 20,
	   "a tap's sample may have any size");
	raw_ring_copy(&fake.ring, from, &tap, sizeof(tap));
	ok(tap.pid == 181 && tap.tid == 182 && tap.time_ns == 1234567890123,
	   "what a tap has before it is read, also if it wraps");
	ok(fake_find(&fake, &from, &length) == 1 && length == 12 &&
		   fake.lost == 3 && !fake_find(&fake, &from, &length),
	   "so is the next one, and what was lost between");
	fake_tap(&fake, 13, 12);
	fake_liar(&fake, 4, 4);
	fake_publish(&fake);
	ok(fake_find(&fake, &from, &length) == -EBADMSG &&
		   fake_find(&fake, &from, &length) == -EBADMSG &&
		   !fake_find(&fake, &from, &length),
	   "one that is longer than its record, or too short, is damaged");
	fake_close(&fake);
}

int main(void)
{
	alarm(300);
	test_whole();
	test_snapshot();
	test_wrap();
	test_header_last();
	test_padding();
	test_lost();
	test_lost_short();
	test_other();
	test_short();
	test_liar();
	test_size();
	test_rest();
	test_positions();
	test_head();
	test_hostile();
	test_tap();
	return done();
}
