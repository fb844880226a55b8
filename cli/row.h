/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * row.h - an event as text: columns of a table, or JSON; pure functions
 */
#ifndef ROW_H
#define ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"
#include "trace/keeper_calls.h"

enum column {
	COLUMN_TIME,
	COLUMN_SECONDS,
	COLUMN_PID,
	COLUMN_TID,
	COLUMN_COMM,
	COLUMN_PCOMM,
	COLUMN_UID,
	COLUMN_IP,
	COLUMN_RADDR,
	COLUMN_RPORT,
	COLUMN_LADDR,
	COLUMN_LPORT,
	COLUMN_BACKLOG,
	COLUMN_WAIT,
	COLUMN_NETNS,
	COLUMN_CGROUP,
	COLUMN_COUNT,
};

/* How rows look. */
struct view {
	/* In their order. With `json`: beside those that are always there. */
	enum column columns[COLUMN_COUNT];
	int count;
	/* Room for any IPv6 address. */
	bool wide;
	bool json;
	/* Something else follows the last column. */
	bool followed;
};

/* What of a row is not in its event. */
struct row_context {
	/* Since the first row. */
	uint64_t since_ns;
	/* When it was accepted: CLOCK_REALTIME; local time of day in seconds.
	 */
	uint64_t real_ns;
	int local_s;
	/* The path of event->cgroup, or NULL if it is not known. */
	const char *cgroup;
};

/* The longest row: JSON, with six bytes for each of path and names. */
#define ROW_MAX 3800

/* The columns that make groups, CGROUP aside, as text. */
#define ROW_GROUP_MAX 160

/* Whether it is as an IPv6 socket has an IPv4 address: ::ffff:a.b.c.d. */
bool address_is_mapped(const uint8_t *bytes);

/* The column of that name, in capitals or not; or -1. */
int column_find(const char *name, size_t length);
const char *column_name(enum column column);

/*
 * Bits of enum accept_wants: what the columns need, and what those and the keys
 * of JSON that are always there need.
 */
uint32_t view_names(const struct view *view);
uint32_t view_wants(const struct view *view);
bool view_has(const struct view *view, enum column column);

/*
 * The header, or a row, with its newline into `to`, ROW_MAX bytes.
 * Returns the length; that of the header of JSON is 0.
 */
size_t row_header(char *to, const struct view *view);
size_t row_format(char *to, const struct accept_event *event,
		  const struct view *view, const struct row_context *context);

/* The columns of a row alone, or of the header, without a newline. */
size_t row_columns(char *to, const struct accept_event *event,
		   const struct view *view, const struct row_context *context);
size_t row_names(char *to, const struct view *view);

/*
 * What of an event the columns show, whole, and zeros: of two accepts in one
 * group the bytes are the same, and make the same columns. CGROUP is beside it.
 */
struct accept_event row_group(const struct accept_event *event,
			      const struct view *view);

#endif
