/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check.h - reports whether and how accepts can be traced on this machine
 */
#ifndef CHECK_H
#define CHECK_H

#include "attach/tracer.h"

/*
 * Report on stdout: the verdict, a line for each subject, and the verdict
 * again; with json, an object. Try it: the event of a test accept must arrive.
 * Returns true if tracing as requested works; the request's process ID is
 * ignored. version_line: what -V prints. signals: a descriptor that is readable
 * once it is time to end. Dies if stdout cannot be written.
 */
bool check(const struct request *request, int signals, const char *version_line,
	   bool json);

#endif
