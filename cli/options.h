/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * options.h - the command line
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "attach/filter.h"
#include "attach/tracer.h"
#include "cli/row.h"

/* --pace: milliseconds, by default and at most. */
#define PACE_MS 10
#define PACE_MAX 1000
/* The same by default for the rung poll, which may look that often. */
#define LOOK_PACE_MS 100

struct options {
	bool check;
	/* Show who listens, and exit. */
	bool listeners;
#ifdef DEBUG
	bool dump;
#endif
	/* Drop notes. */
	bool quiet;
	/* Exit with 3 if anything is missing. */
	bool strict;
	struct request request;
	struct filters filters;
	struct view view;
	/* End after so many nanoseconds; 0: when a signal comes. */
	uint64_t duration_ns;
	/* End after so many rows; 0: no limit. */
	uint64_t rows;
	/* Show counts instead of rows. */
	bool counting;
	/* How often to show counts, in nanoseconds; 0: once at the end. */
	uint64_t interval_ns;
	/*
	 * While events come, how often to look at the rings, in milliseconds;
	 * 0: each event wakes the reader.
	 */
	uint32_t pace_ms;
};

/* What -V prints. */
extern const char version_line[];

/*
 * Read the command line into *options, which is all zeros; request.filters then
 * points into it. For -h, -V and the like it prints and exits with 0; for wrong
 * usage it dies with 2.
 */
void options_parse(struct options *options, int argc, char **argv);

#endif
