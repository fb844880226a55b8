/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * event.h - an event as text; pure functions
 */
#ifndef EVENT_H
#define EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "accept.h"

/* The longest row is 129 bytes: 14 digits of time, two whole addresses. */
#define EVENT_ROW_MAX 160

/* The header with its newline. */
const char *event_header(bool timestamp);

/*
 * One row with its newline into `row`, EVENT_ROW_MAX bytes; since_ns is for
 * the time column. Returns the length.
 */
size_t event_row(char *row, const struct accept_event *event, bool timestamp,
		 uint64_t since_ns);

#endif
