/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * view.h - how rows look, and what they need besides their events
 */
#ifndef VIEW_H
#define VIEW_H

#include <stdbool.h>
#include <stdint.h>

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
	COLUMN_DROPS,
	COLUMN_NETNS,
	COLUMN_CGROUP,
	COLUMN_CONTAINER,
	COLUMN_EXE,
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
	/* Columns have tabs between them instead of blanks. */
	bool tsv;
	/* TIME has the date, milliseconds and the offset, too. */
	bool iso;
	/* The table has no header. */
	bool no_header;
	/* Something else follows the last column. */
	bool followed;
};

static inline bool view_has(const struct view *view, enum column column)
{
	for (int i = 0; i < view->count; i++)
		if (view->columns[i] == column)
			return true;
	return false;
}

/* What a row needs besides its event. */
struct row_context {
	/* When it was accepted: since the first row. */
	uint64_t since_ns;
	/* When it was accepted: CLOCK_REALTIME. */
	uint64_t real_ns;
	/* When it was accepted: seconds since midnight, local time. */
	int local_s;
	/* How far local time is east of UTC, in seconds. */
	int offset_s;
	/* As in struct view. */
	bool iso;
	/* The path of event->cgroup, or NULL if it is not known. */
	const char *cgroup;
	/* The path of what event->pid runs, or NULL if it is not known. */
	const char *exe;
};

#endif
