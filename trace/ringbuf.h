/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ringbuf.h - a source: the BPF ring buffer, which all CPUs share
 *
 * bpf(2), BPF_MAP_TYPE_RINGBUF, since Linux 5.8. A page that we write, with how
 * far we have read; a page with how far programs have written; the data, 2^n
 * pages that are mapped twice in a row, so that no record wraps. Both positions
 * only grow. A record is 8-aligned: a word with its length, of which two bits
 * say that it is still written or was given up; another word; its bytes.
 */
#ifndef RINGBUF_H
#define RINGBUF_H

#include "trace/source.h"

struct ringbuf {
	struct source source;
	/* Positions, unsigned longs of the kernel's; NULL: not mapped. */
	uint64_t *read;
	const uint64_t *written;
	const unsigned char *data;
	size_t size;
	/* How far we have read, and how far programs had written. */
	uint64_t tail;
	uint64_t head;
	/* The time of the last event, which no later one precedes. */
	uint64_t latest_ns;
	/* Size of an event, in bytes. */
	uint32_t event_size;
	/* The kernel's unsigned long has 4 bytes. */
	bool narrow;
};

/*
 * Map the ring buffer of a map's descriptor, with `size` bytes of data, and set
 * up ringbuf->source; `ringbuf` must be all zeros. Returns 0, or -errno.
 */
int ringbuf_source_open(struct ringbuf *ringbuf, int map, size_t size,
			uint32_t event_size);

#endif
