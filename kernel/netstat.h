/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * netstat.h - what the kernel counts of this network namespace
 */
#ifndef NETSTAT_H
#define NETSTAT_H

#include <stdint.h>

struct netstat {
	/* ListenOverflows: requests dropped as an accept queue was full. */
	uint64_t overflows;
	/* ListenDrops: these, and those dropped for other reasons. */
	uint64_t drops;
};

/* Read /proc/self/net/netstat; zeros without it. */
struct netstat netstat_read(void);

/*
 * How many connections were established to listeners so far, by PassiveOpens of
 * self/net/snmp below proc; UINT64_MAX if it does not show that.
 */
uint64_t netstat_opens(int proc);

#endif
