/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * json.h - turns an event into a line of JSON Lines
 */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>

#include "accept.h"
#include "cli/view.h"

/*
 * Write a string of at most `length` bytes, up to its NUL, in quotes: up to six
 * bytes for each. Returns its end.
 */
char *json_string(char *to, const char *text, int length);

/* Write the beginning of an object: the time. Returns its end. */
char *json_begin(char *to, const struct row_context *context);

/* Write a comma, key and value for each of the columns. Returns their end. */
char *json_columns(char *to, const struct accept_event *event,
		   const struct view *view, const struct row_context *context);

/* Write a row with its newline to `to`, which has ROW_MAX bytes. */
size_t json_row(char *to, const struct accept_event *event,
		const struct view *view, const struct row_context *context);

#endif
