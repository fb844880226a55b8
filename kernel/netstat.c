// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * netstat.c - what the kernel counts of this network namespace
 */
#include <string.h>

#include "base/fs.h"
#include "base/text.h"
#include "kernel/netstat.h"

/* The number below a name, which has a blank on either side; 0 if not there. */
static uint64_t number_of(const char *names, const char *values,
			  const char *name)
{
	const char *at = text_find(names, name);

	for (; at && names <= at; names++)
		if (*names == ' ')
			values = strchr(values, ' ') + 1;
	return at ? text_number(&values) : 0;
}

struct netstat netstat_read(void)
{
	char text[8192];
	const char *names, *values = NULL;
	struct netstat netstat = { 0 };

	/* A line of names, and one of values (net/ipv4/proc.c). */
	fs_read(FS_PROC, "self/net/netstat", text, sizeof(text));
	names = text_find(text, "TcpExt:");
	if (names)
		values = text_find(names + 1, "TcpExt:");
	if (!values)
		return netstat;
	netstat.overflows = number_of(names, values, " ListenOverflows ");
	netstat.drops = number_of(names, values, " ListenDrops ");
	return netstat;
}
