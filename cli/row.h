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
#include "cli/view.h"

/* The longest row: JSON, with six bytes for each byte of path and names. */
#define ROW_MAX 5500

/* The longest text of the columns that make groups, CGROUP aside. */
#define ROW_GROUP_MAX 176

/*
 * The column of that name, or of that key of a JSON row but "ts", in upper or
 * lower case; -1 if there is none.
 */
int column_find(const char *name, size_t length);
const char *column_name(enum column column);

/* What the columns that the user named need: bits of enum accept_wants. */
uint32_t view_names(const struct view *view);
/* What they and the keys of every JSON row need. */
uint32_t view_wants(const struct view *view);

/*
 * Write the header, or a row, with its newline to `to`, which has ROW_MAX
 * bytes. Return the length; 0 if there is no header, as with JSON.
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
