/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * options.h - the command line
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "attach/filter.h"
#include "attach/tracer.h"
#include "cli/row.h"

struct options {
	bool check;
#ifdef DEBUG
	bool dump;
#endif
	struct request request;
	struct filters filters;
	struct view view;
	/* 0: until a signal comes. */
	uint32_t duration_s;
	/* 0: without end. */
	uint64_t rows;
	/* Counts instead of rows, each so many seconds; 0: once at the end. */
	bool counting;
	uint32_t interval_s;
};

/*
 * Dies of wrong usage (exit 2); does not return either where -h or -V was
 * asked for. request.filters leads into *options.
 */
void options_parse(struct options *options, int argc, char **argv);

#endif
