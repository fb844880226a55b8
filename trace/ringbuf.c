// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ringbuf.c - a source: the BPF ring buffer, which all CPUs share
 */
#include "bpf_raw.h"
#include "kernel/machine.h"
#include "trace/ringbuf.h"

static struct ringbuf *ringbuf_of(struct source *source)
{
	return source_owner(source, struct ringbuf, source);
}

/*
 * Acquire: the lengths of the records before that position are there. Another
 * word of the kernel's follows a position of 4 bytes.
 */
static uint64_t position_load(const struct ringbuf *ringbuf)
{
	if (ringbuf->narrow)
		return raw_half_load((const uint32_t *)ringbuf->written);
	return raw_shared_load(ringbuf->written);
}

/* Release: our reads are done before programs may write there again. */
static void ringbuf_end(struct source *source)
{
	struct ringbuf *ringbuf = ringbuf_of(source);

	if (ringbuf->narrow)
		raw_half_store((uint32_t *)ringbuf->read, ringbuf->tail);
	else
		raw_shared_store(ringbuf->read, ringbuf->tail);
}

/* How much there is to read, in bytes. */
static uint64_t unread(const struct ringbuf *ringbuf)
{
	const uint64_t length = ringbuf->head - ringbuf->tail;

	return ringbuf->narrow ? (uint32_t)length : length;
}

static bool ringbuf_begin(struct source *source)
{
	struct ringbuf *ringbuf = ringbuf_of(source);

	ringbuf->head = position_load(ringbuf);
	return unread(ringbuf);
}

static bool ringbuf_next(struct source *source)
{
	struct ringbuf *ringbuf = ringbuf_of(source);
	uint64_t left, whole;
	const unsigned char *at;
	uint32_t length;

	while ((left = unread(ringbuf))) {
		at = ringbuf->data + (ringbuf->tail & (ringbuf->size - 1));
		/* Acquire: what is written before the bit is cleared. */
		length = raw_half_load((const uint32_t *)at);
		if (length & BPF_RINGBUF_BUSY_BIT)
			return false;
		whole = (length & ~BPF_RINGBUF_DISCARD_BIT) + 7ULL;
		whole = (whole & ~7ULL) + BPF_RINGBUF_HDR_SZ;
		/* The kernel never has more unread than the ring holds. */
		if (left > ringbuf->size || whole > left) {
			ringbuf->tail = ringbuf->head;
			source->damaged++;
			return false;
		}
		ringbuf->tail += whole;
		if (length & BPF_RINGBUF_DISCARD_BIT)
			continue;
		if (length < ringbuf->event_size) {
			source->damaged++;
			continue;
		}
		memcpy(&source->event, at + BPF_RINGBUF_HDR_SZ,
		       ringbuf->event_size);
		/* A program was preempted, while others wrote later ones. */
		if (source->event.ktime_ns < ringbuf->latest_ns)
			source->event.ktime_ns = ringbuf->latest_ns;
		ringbuf->latest_ns = source->event.ktime_ns;
		source->received++;
		return true;
	}
	return false;
}

int ringbuf_source_open(struct ringbuf *ringbuf, int map, size_t size,
			uint32_t event_size)
{
	static const struct source_kind kind = { ringbuf_begin, ringbuf_next,
						 ringbuf_end };
	const size_t page = getpagesize();
	void *ours, *theirs;

	ours = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	theirs = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, map, page);
	if (ours == MAP_FAILED || theirs == MAP_FAILED)
		return -errno;
	ringbuf->source.kind = &kind;
	ringbuf->source.fd = map;
	ringbuf->read = ours;
	ringbuf->written = theirs;
	ringbuf->data = (const unsigned char *)theirs + page;
	ringbuf->size = size;
	ringbuf->event_size = event_size;
	ringbuf->narrow = machine_word() == 4;
	return 0;
}
