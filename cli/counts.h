/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * counts.h - counts rows by group, and writes the counts
 *
 * These functions take the place of output_header() and output_event().
 */
#ifndef COUNTS_H
#define COUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "accept.h"
#include "cli/output.h"
#include "cli/summary.h"
#include "cli/view.h"

struct counts {
	/* All columns of the view but those that are measured. */
	struct view view;
	/* Those that make the groups. */
	struct view groups;
	/* BL and WAIT(ms) are measured. */
	bool backlogs;
	bool waits;
	/* The header was repeated, or need not be. */
	bool headed;
	/* The user was told that there were more groups than room. */
	bool overflowed;
	/* How many groups to show; 0: all. */
	uint32_t most;
	/* Since when rows are counted. CLOCK_MONOTONIC. */
	uint64_t since_ns;
	/* How many rows were counted since then. */
	uint64_t rows;
	struct summary summary;
	/* Of each group, by its number, if anything is measured. */
	struct measure *measures;
};

/* What happened since the counts were shown last, besides rows. */
struct meanwhile {
	/* Rows that are lost. */
	uint64_t lost;
	/* Rows that may be missing. */
	uint64_t missed;
	/* Connections that were not accepted, as a queue was full. */
	uint64_t dropped;
};

/*
 * Write the header; call it when no accept is missed any more. *counts is all
 * zeros before, but for `most`. Dies if there is no memory.
 */
void counts_header(struct counts *counts, struct output *output);

/* Count the row of an event. */
void counts_event(struct counts *counts, struct output *output,
		  const struct accept_event *event);

/*
 * Add a line about the interval and the counts to the buffer, and start them
 * from 0. now_ns: CLOCK_MONOTONIC.
 */
void counts_show(struct counts *counts, struct output *output, uint64_t now_ns,
		 const struct meanwhile *meanwhile);

#endif
