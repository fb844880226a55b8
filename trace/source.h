/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * source.h - where events come from: one by one, the oldest first
 *
 * The reader (reader.h) merges sources by time and knows nothing else about
 * them. A kind of source has these three functions; its data is a structure
 * with a struct source as a member (source_owner()).
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"

struct source;

struct source_kind {
	/*
	 * Note what the source holds now: next() gives that, and nothing
	 * later. Returns true if there is anything new.
	 */
	bool (*begin)(struct source *source);
	/*
	 * Put the next event into source->event. If source->has_event, the
	 * event that was there has been shown. Returns false if there is none.
	 */
	bool (*next)(struct source *source);
	/* Free what next() has read. May be NULL. */
	void (*end)(struct source *source);
};

struct source {
	const struct source_kind *kind;
	/* The next source in the reader's list. */
	struct source *after;
	/* A descriptor to poll(2): readable when an event has come; or -1. */
	int fd;
	/* The oldest event that was not shown yet, if has_event. */
	struct accept_event event;
	bool has_event;
	/* Events that next() gave, and that the programs count as `sent`. */
	uint64_t received;
	/* Events that the source itself reports as lost. */
	uint64_t lost;
	/* Records that made no sense. */
	uint64_t damaged;
};

/* The structure of that type which has the source as its `member`. */
#define source_owner(source, type, member) \
	((type *)((char *)(source)-offsetof(type, member)))

#endif
