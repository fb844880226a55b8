/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rights.h - what this process may do
 */
#ifndef RIGHTS_H
#define RIGHTS_H

#include <stdbool.h>

/* Whether CAP_* of capabilities(7) is in our effective set. */
bool has_capability(int capability);
/*
 * Whether we are in a user namespace but the initial one, where capabilities do
 * little. False if /proc does not show it.
 */
bool in_user_namespace(void);

/*
 * Raise one of our limits (RLIMIT_*) to the hard limit, by prlimit(2). With
 * CAP_SYS_RESOURCE, RLIMIT_MEMLOCK becomes unlimited: before 5.11 maps and
 * programs count against it.
 */
void limit_raise(int resource);

#endif
