/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.h - rows, or counts of them, to stdout
 *
 * Rows gather in the buffer until output_flush(): one write(2) to a file,
 * pieces of whole lines that do not block to a pipe or socket, a line each to a
 * terminal.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"
#include "trace/cgroup.h"
#include "cli/row.h"
#include "cli/summary.h"
#include "cli/zone.h"

#define OUTPUT_SIZE (64 << 10)

struct output {
	char text[OUTPUT_SIZE];
	size_t length;
	/* What stdout is, a socket being a pipe too, and what readable means
	 * that a signal came; after that it is `ending`: wait STALL_MS at most.
	 */
	int signals;
	bool file;
	bool terminal;
	bool pipe;
	bool socket;
	bool ending;
	/* It is time to end then, if not 0; CLOCK_MONOTONIC. */
	uint64_t ends_ns;
	/* Nothing can be written any more; errno of why, or 0. */
	int error;
	bool closed;
	/* There was a row; there were all. */
	bool started;
	bool done;
	/* Rows are counted instead of shown. */
	bool counting;
	/* They take the time of day; in the local zone. */
	bool real;
	bool local;
	/* WAIT(ms) is asked for, and can be told. */
	bool waits;
	struct view view;
	/* Rows, and of these: as many as are asked for, if not 0; made but not
	 * written; without WAIT(ms).
	 */
	uint64_t rows;
	uint64_t rows_max;
	uint64_t unwritten;
	uint64_t waits_unknown;
	/* When the first row's connection was accepted. */
	uint64_t first_ns;
	/* CLOCK_REALTIME is so much ahead of CLOCK_MONOTONIC; or 0 if that is
	 * to be looked at anew.
	 */
	uint64_t ahead_ns;
	/* Counts, by which columns, and from when on. */
	struct view counted;
	uint64_t since_ns;
	/* It was told that there were more groups than room. */
	bool overflowed;
	struct summary summary;
	struct cgroups cgroups;
	/* For TIME; opened before output_open(). */
	struct zone zone;
};

/* How long until then for poll(2), milliseconds; -1, which is for ever, for 0.
 */
int wait_ms(uint64_t then_ns);

/* signals: a descriptor that is readable once it is time to end. */
void output_open(struct output *output, const struct view *view, int signals);
/* Once every accept is seen. */
void output_header(struct output *output);
void output_event(struct output *output, const struct accept_event *event);
void output_flush(struct output *output);
/* What was counted from the last time up to now_ns, and begin anew. */
void output_summary(struct output *output, uint64_t now_ns);
/* An empty line. */
void output_line(struct output *output);

#endif
