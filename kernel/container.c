// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * container.c - finds a container's ID in the path of its cgroup
 */
#include <string.h>

#include "kernel/container.h"

const char *container_find(const char *path)
{
	static const char digits[] = "0123456789abcdef";
	static const char monitor[] = "conmon-";
	const size_t before = strlen(monitor);
	const char *found = NULL, *at = path;
	size_t length;

	for (; *at; at += length + !!at[length]) {
		length = strspn(at, digits);
		if (length == CONTAINER_ID &&
		    ((size_t)(at - path) < before ||
		     strncmp(at - before, monitor, before)))
			found = at;
	}
	return found;
}
