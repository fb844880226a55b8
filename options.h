/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * options.h - the command line
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>

#include "probe.h"

struct options {
	bool timestamp;
	bool check;
	struct request request;
};

/*
 * Dies of wrong usage (exit 2); does not return either where -h or -V was
 * asked for.
 */
struct options options_parse(int argc, char **argv);

#endif
