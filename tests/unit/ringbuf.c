// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ringbuf.c - the source of trace/ringbuf.c over a ring that this test fills
 *
 * A file in memory stands for the map: the reader's page, the writer's page,
 * and the data twice, which the kernel has only once.
 */
#include <sys/mman.h>

#include "accept.h"
#include "bpf_raw.h"
#include "trace/ringbuf.h"
#include "tap.h"

#define SIZE 4096
#define EVENT ACCEPT_EVENT_BASE
/* Of a record, in the ring. */
#define WHOLE (EVENT + BPF_RINGBUF_HDR_SZ)

struct fake {
	struct ringbuf ringbuf;
	unsigned char *memory;
	size_t page;
	/* Up to where programs, which are us, have written. */
	uint64_t head;
};

static uint64_t *position(const struct fake *fake, int page)
{
	return (uint64_t *)(fake->memory + page * fake->page);
}

/* An empty ring that begins at `start`. */
static struct fake fake_open(uint64_t start)
{
	struct fake fake = { .page = getpagesize(), .head = start };
	const size_t all = 2 * fake.page + 2 * SIZE;
	int fd = memfd_create("ring", 0);

	if (fd < 0 || ftruncate(fd, all))
		abort();
	fake.memory =
		mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (fake.memory == MAP_FAILED ||
	    ringbuf_source_open(&fake.ringbuf, fd, SIZE, EVENT))
		abort();
	close(fd);
	fake.ringbuf.tail = *position(&fake, 0) = *position(&fake, 1) = start;
	return fake;
}

/* Put a word, or an event, at a position of the ring. */
static void put(const struct fake *fake, uint64_t at, const void *bytes,
		size_t length)
{
	unsigned char *data = fake->memory + 2 * fake->page;

	for (size_t i = 0; i < length; i++) {
		const size_t place = (at + i) % SIZE;

		data[place] = data[place + SIZE] =
			((const unsigned char *)bytes)[i];
	}
}

/* Write a record that claims that length, with an event of that time. */
static uint64_t record(struct fake *fake, uint32_t length, uint64_t ktime_ns)
{
	const struct accept_event event = { .ktime_ns = ktime_ns, .pid = 7 };
	const uint64_t at = fake->head;

	put(fake, at, &length, sizeof(length));
	put(fake, at + BPF_RINGBUF_HDR_SZ, &event, EVENT);
	fake->head += WHOLE;
	*position(fake, 1) = fake->head;
	return at;
}

/* The next event's time, or 0 if there is none. */
static uint64_t next(struct fake *fake)
{
	struct source *source = &fake->ringbuf.source;

	return source->kind->next(source) ? source->event.ktime_ns : 0;
}
static bool begin(struct fake *fake)
{
	return fake->ringbuf.source.kind->begin(&fake->ringbuf.source);
}

static void test_events(uint64_t start)
{
	struct fake fake = fake_open(start);
	bool all = !begin(&fake) && !next(&fake);

	/* Several times around. */
	for (uint64_t i = 1; i < 500; i += 2) {
		record(&fake, EVENT, i);
		record(&fake, EVENT, i + 1);
		all = all && begin(&fake) && next(&fake) == i &&
		      fake.ringbuf.source.event.pid == 7 &&
		      next(&fake) == i + 1 && !next(&fake);
		all = all && *position(&fake, 0) != fake.head;
		fake.ringbuf.source.kind->end(&fake.ringbuf.source);
		all = all && *position(&fake, 0) == fake.head;
	}
	ok(all && fake.ringbuf.source.received == 500 &&
		   !fake.ringbuf.source.damaged,
	   "from %#llx on: each event comes once, and its room is given back",
	   (unsigned long long)start);
}

static void test_snapshot(void)
{
	struct fake fake = fake_open(0);

	record(&fake, EVENT, 1);
	begin(&fake);
	record(&fake, EVENT, 2);
	ok(next(&fake) == 1 && !next(&fake) && begin(&fake) && next(&fake) == 2,
	   "what is written after begin() comes after the next begin()");
}

static void test_busy(void)
{
	const uint32_t length = EVENT;
	struct fake fake = fake_open(0);
	uint64_t at = record(&fake, EVENT | BPF_RINGBUF_BUSY_BIT, 1);

	record(&fake, EVENT, 2);
	ok(begin(&fake) && !next(&fake) && !next(&fake),
	   "an event that is still written holds back later ones");
	put(&fake, at, &length, sizeof(length));
	ok(next(&fake) == 1 && next(&fake) == 2, "until it is complete");
	record(&fake, EVENT | BPF_RINGBUF_DISCARD_BIT, 3);
	record(&fake, EVENT, 4);
	ok(begin(&fake) && next(&fake) == 4 && !next(&fake) &&
		   !fake.ringbuf.source.damaged,
	   "one that was given up is skipped");
}

static void test_times(void)
{
	struct fake fake = fake_open(0);

	record(&fake, EVENT, 20);
	record(&fake, EVENT, 10);
	record(&fake, EVENT, 30);
	begin(&fake);
	ok(next(&fake) == 20 && next(&fake) == 20 && next(&fake) == 30,
	   "no event has an earlier time than the one before");
}

static void test_damaged(void)
{
	struct fake fake = fake_open(0);

	record(&fake, EVENT - 1, 1);
	record(&fake, EVENT, 2);
	ok(begin(&fake) && next(&fake) == 2 && fake.ringbuf.source.damaged == 1,
	   "a record that is too short for an event is skipped and counted");
	record(&fake, EVENT + 1, 3);
	ok(begin(&fake) && !next(&fake) && fake.ringbuf.source.damaged == 2,
	   "one that is longer than what is written is counted");
	record(&fake, EVENT, 4);
	ok(begin(&fake) && next(&fake) == 4, "and what comes after it is read");
	fake.head += 2 * SIZE;
	*position(&fake, 1) = fake.head;
	ok(begin(&fake) && !next(&fake) && fake.ringbuf.source.damaged == 3,
	   "so is more than the ring holds");
}

int main(void)
{
	test_events(0);
	test_events(UINT32_MAX - 7 - 8 * WHOLE);
	test_events(UINT64_MAX - 7 - 8 * WHOLE);
	test_snapshot();
	test_busy();
	test_times();
	test_damaged();
	return done();
}
