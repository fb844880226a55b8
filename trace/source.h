/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * source.h - a place that events come from, one by one, oldest first
 *
 * The reader (reader.h) merges sources by time and knows no more of them than
 * this. A kind of source is these three functions; its own data lies around the
 * struct source that it has as a member (source_owner()).
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"

struct source;

struct source_kind {
	/* Note what there is now: next() gives that, and nothing later. True if
	 * there is anything new.
	 */
	bool (*begin)(struct source *source);
	/* Put the next event into source->event; what was there was shown if
	 * source->has_event. False if there is none.
	 */
	bool (*next)(struct source *source);
	/* All that next() took may be overwritten; or NULL. */
	void (*end)(struct source *source);
};

struct source {
	const struct source_kind *kind;
	/* The next one in the reader's list. */
	struct source *after;
	/* Readable, for poll(2), when an event has come; or -1. */
	int fd;
	/* The oldest event that was not shown yet, if any. */
	struct accept_event event;
	bool has_event;
	/* Events taken, of those that programs count as `sent`; events that the
	 * source itself reports as lost; records that made no sense.
	 */
	uint64_t received;
	uint64_t lost;
	uint64_t damaged;
};

/* The structure of that type whose `member` the source is. */
#define source_owner(source, type, member) \
	((type *)((char *)(source)-offsetof(type, member)))

#endif
