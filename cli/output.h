/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.h - writes rows to stdout
 *
 * Rows gather in a buffer until output_flush(), which writes them to a file at
 * once, and to a pipe or socket in pieces of whole lines that do not block. To
 * a terminal each line is written as it comes.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"
#include "trace/cgroup.h"
#include "cli/row.h"
#include "cli/zone.h"

#define OUTPUT_SIZE (64 << 10)

struct output {
	char text[OUTPUT_SIZE];
	size_t length;
	/* A descriptor that is readable once a signal came. */
	int signals;
	/*
	 * While stdout has no room, `report` is called with `reporter` once
	 * this descriptor is readable, if it is not negative: between two rows
	 * of a batch, if stderr has room. It must not write to stdout.
	 */
	int report_signal;
	void (*report)(void *reporter);
	void *reporter;
	/* stdout is a regular file. */
	bool file;
	/* stdout is a terminal. */
	bool terminal;
	/* The height of the terminal; 0 if it is not known. */
	uint32_t lines;
	/* stdout is a pipe or a socket. */
	bool pipe;
	/* stdout is a socket. */
	bool socket;
	/* A signal came, or the time is over: wait STALL_MS at most. */
	bool ending;
	/* When it is time to end, or 0. CLOCK_MONOTONIC. */
	uint64_t ends_ns;
	/* There is a column EXE. */
	bool exe;
	/* When to ask for column EXE again, or 0: the keeper did not answer. */
	uint64_t exe_again_ns;
	/* errno of the write that failed, or 0. */
	int error;
	/* Nothing more can be written. */
	bool closed;
	/* There was an event. */
	bool started;
	/* There were rows_max rows. */
	bool done;
	/* Rows need CLOCK_REALTIME. */
	bool real;
	/* Rows need the local time. */
	bool local;
	/* WAIT(ms) is shown, and the kernel can give it. */
	bool waits;
	struct view view;
	/* How many rows there were. */
	uint64_t rows;
	/* How many rows the user wants; 0: without end. */
	uint64_t rows_max;
	/* Rows that could not be written. */
	uint64_t unwritten;
	/* Rows whose WAIT(ms) is not known. */
	uint64_t waits_unknown;
	/* When the first row's connection was accepted. CLOCK_MONOTONIC. */
	uint64_t first_ns;
	/*
	 * How far CLOCK_REALTIME is ahead of CLOCK_MONOTONIC; 0 if that has to
	 * be measured again.
	 */
	uint64_t ahead_ns;
	struct cgroups cgroups;
	/* For TIME; open it before output_open(). */
	struct zone zone;
};

/*
 * How long it is until then_ns (CLOCK_MONOTONIC), for poll(2): milliseconds, or
 * -1, which is for ever, if then_ns is 0.
 */
int wait_ms(uint64_t then_ns);

/*
 * Look what stdout is; call this first. signals: a descriptor that is readable
 * once it is time to end.
 */
void output_open(struct output *output, const struct view *view, int signals);

/* Write the header; call it when no accept is missed any more. */
void output_header(struct output *output);

/*
 * Write another header, which is in the buffer: `length` bytes at
 * output_room().
 */
void output_head(struct output *output, size_t length);

/* Add the row of an event to the buffer. */
void output_event(struct output *output, const struct accept_event *event);

/* Write the buffer. What cannot be written is counted in `unwritten`. */
void output_flush(struct output *output);

/*
 * Make room in the buffer for ROW_MAX bytes, and return where to write them;
 * then call output_took() with how many they are: whole lines.
 */
char *output_room(struct output *output);
void output_took(struct output *output, size_t length);

/*
 * What a row needs besides its event, as far as it is shown. ktime_ns: when it
 * was accepted, CLOCK_MONOTONIC.
 */
struct row_context output_context(struct output *output, uint64_t ktime_ns);

#endif
