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
	/* All columns of the table but those of the counts. */
	struct view view;
	/* Those that make the groups. */
	struct view groups;
	/* Since when rows are counted. CLOCK_MONOTONIC. */
	uint64_t since_ns;
	/* The user was told that there were more groups than room. */
	bool overflowed;
	struct summary summary;
};

/*
 * Write the header; call it when no accept is missed any more. *counts is all
 * zeros before. Dies if there is no memory.
 */
void counts_header(struct counts *counts, struct output *output);

/* Count the row of an event. */
void counts_event(struct counts *counts, struct output *output,
		  const struct accept_event *event);

/*
 * Add the counts since the last time to the buffer, and start them from 0.
 * now_ns: CLOCK_MONOTONIC.
 */
void counts_show(struct counts *counts, struct output *output, uint64_t now_ns);

#endif
