// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * container.c - finds a container's ID in the path of its cgroup
 */
#include <string.h>

#include "kernel/container.h"

const char *container_find(const char *path, size_t size)
{
	static const char monitor[] = "conmon-";
	const char *const end = path + strnlen(path, size);
	const size_t before = strlen(monitor);
	const char *found = NULL, *at = path;

	for (const char *start = path; at <= end; start = ++at) {
		while (at < end && *at && strchr("0123456789abcdef", *at))
			at++;
		if (at - start == CONTAINER_ID &&
		    ((size_t)(start - path) < before ||
		     strncmp(start - before, monitor, before)))
			found = start;
	}
	return found;
}
