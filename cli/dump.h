/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dump.h - what the set-up found, for developers; only of make DEBUG=1
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdbool.h>

#include "attach/tracer.h"

/*
 * Set up tracing, print to stdout what was found and loaded on the way, and
 * end it. Dies as tracer_open() does; false if stdout could not be written.
 */
bool dump(const struct request *request);

#endif
