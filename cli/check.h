/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * check.h - whether and how accepts can be traced here, line by line
 */
#ifndef CHECK_H
#define CHECK_H

#include "attach/tracer.h"

/*
 * Tell on stdout, and try it: an accept of our own must come back. True if
 * tracing works as it is asked for; the process ID of that is left aside.
 * signals: readable once it is time to end.
 */
bool check(const struct request *request, int signals);

#endif
