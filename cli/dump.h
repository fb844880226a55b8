/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dump.h - prints what the set-up found, for developers; with make DEBUG=1
 */
#ifndef DUMP_H
#define DUMP_H

#include <stdbool.h>

#include "attach/tracer.h"

/*
 * Set up tracing, print to stdout what was found and loaded, and stop tracing.
 * Returns false if stdout could not be written. Dies as tracer_open() does.
 */
bool dump(const struct request *request);

#endif
