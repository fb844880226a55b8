/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * row.h - turns an event into text: columns of a table, or JSON
 *
 * These functions depend on nothing but their arguments.
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
	/* In order. With `json` they are added to the keys of every row. */
	enum column columns[COLUMN_COUNT];
	int count;
	/* Columns of addresses have room for any IPv6 address. */
	bool wide;
	bool json;
	/* Something else follows the last column. */
	bool followed;
};

/* What a row needs besides its event. */
struct row_context {
	/* When it was accepted: since the first row. */
	uint64_t since_ns;
	/* When it was accepted: CLOCK_REALTIME. */
	uint64_t real_ns;
	/* When it was accepted: seconds since midnight, local time. */
	int local_s;
	/* The path of event->cgroup, or NULL if it is not known. */
	const char *cgroup;
};

/* The longest row: JSON, with six bytes for each byte of path and names. */
#define ROW_MAX 3800

/* The longest text of the columns that make groups, CGROUP aside. */
#define ROW_GROUP_MAX 160

/* Whether it is an IPv4 address mapped into IPv6: ::ffff:a.b.c.d. */
bool address_is_mapped(const uint8_t *bytes);

/* The column of that name, in upper or lower case; -1 if there is none. */
int column_find(const char *name, size_t length);
const char *column_name(enum column column);

/* What the columns that the user named need: bits of enum accept_wants. */
uint32_t view_names(const struct view *view);
/* What they and the keys of every JSON row need. */
uint32_t view_wants(const struct view *view);
bool view_has(const struct view *view, enum column column);

/*
 * Write the header, or a row, with its newline to `to`, which has ROW_MAX
 * bytes. Return the length; JSON has no header: 0.
 */
size_t row_header(char *to, const struct view *view);
size_t row_format(char *to, const struct accept_event *event,
		  const struct view *view, const struct row_context *context);

/* Write only the columns of a row, or of the header, without a newline. */
size_t row_columns(char *to, const struct accept_event *event,
		   const struct view *view, const struct row_context *context);
size_t row_names(char *to, const struct view *view);

/*
 * Return the event with zeros for all that the columns do not show: two events
 * that belong to the same group are then the same in every byte. CGROUP is not
 * looked at.
 */
struct accept_event row_group(const struct accept_event *event,
			      const struct view *view);

#endif
