// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * netstat.c - what the kernel counts of this network namespace
 */
#include <stdbool.h>
#include <string.h>

#include "base/file.h"
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

/*
 * In a file with a line of names and one of values for each group (net/ipv4/
 * proc.c), find both of the group "NAME:". False if they are not there.
 */
static bool find_group_of(const char *text, const char *group,
			  const char **names, const char **values)
{
	*names = text_find(text, group);
	*values = *names ? text_find(*names + 1, group) : NULL;
	return *values;
}

struct netstat netstat_read(void)
{
	char text[8192];
	const char *names, *values;
	struct netstat netstat = { 0 };

	fs_read(FS_PROC, "self/net/netstat", text, sizeof(text));
	if (!find_group_of(text, "TcpExt:", &names, &values))
		return netstat;
	netstat.overflows = number_of(names, values, " ListenOverflows ");
	netstat.drops = number_of(names, values, " ListenDrops ");
	return netstat;
}

uint64_t netstat_opens(int proc)
{
	const char *names, *values;
	char text[8192];

	file_read(proc, "self/net/snmp", text, sizeof(text));
	return find_group_of(text, "Tcp:", &names, &values) ?
		       number_of(names, values, " PassiveOpens ") :
		       UINT64_MAX;
}
