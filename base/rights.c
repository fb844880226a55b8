// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rights.c - what this process may do
 */
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/rights.h"
#include "base/text.h"

bool has_capability(int capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = { 0 };

	syscall(SYS_capget, &header, data);
	return data[capability / 32].effective >> capability % 32 & 1;
}

bool in_user_namespace(void)
{
	char text[64];

	/* The initial one maps all IDs; a new one none, until that is set. */
	return fs_read(FS_PROC, "self/uid_map", text, sizeof(text)) >= 0 &&
	       !text_find(text, "4294967295");
}

void limit_raise(int resource)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (resource == RLIMIT_MEMLOCK && !prlimit(0, resource, &limit, NULL))
		return;
	if (prlimit(0, resource, NULL, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	prlimit(0, resource, &limit, NULL);
}
