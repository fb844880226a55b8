/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rights.h - what this process may do
 */
#ifndef RIGHTS_H
#define RIGHTS_H

#include <stdbool.h>

/* Whether it is in our effective set; CAP_* of capabilities(7). */
bool has_capability(int capability);
/* Whose capabilities are good for little; false if that cannot be told. */
bool in_user_namespace(void);

/*
 * Raise one of our limits (RLIMIT_*) as far as we may: up to the hard limit, by
 * prlimit(2). RLIMIT_MEMLOCK, against which maps and programs count before
 * 5.11, has no limit then if we have CAP_SYS_RESOURCE.
 */
void limit_raise(int resource);

#endif
