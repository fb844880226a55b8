/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * looker.h - a source: looks at /proc/net/tcp, which the keeper makes
 */
#ifndef LOOKER_H
#define LOOKER_H

#include "trace/source.h"

struct look;

struct looker {
	struct source source;
	/* Memory that is shared with the keeper; NULL if this is not used. */
	struct look *look;
	/* The keeper's socket; -1: this process looks itself. */
	int keeper;
	/* The look whose events are read, how many it has, and were read. */
	uint32_t number;
	uint32_t count;
	uint32_t read;
	/*
	 * The least time from one look to the next, in nanoseconds; and when
	 * the next is due, or UINT64_MAX. CLOCK_MONOTONIC.
	 */
	uint64_t period_ns;
	uint64_t due_ns;
};

/* Set up looker->source; `looker` must be all zeros. */
void looker_open(struct looker *looker, struct look *look, int keeper,
		 uint32_t period_ms);

/* Whether there is a looker: when the next look is due, else 0. */
static inline uint64_t looker_due_ns(const struct looker *looker)
{
	return looker->look ? looker->due_ns : 0;
}

#endif
