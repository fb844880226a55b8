// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * map.c - creating BPF maps on old and new kernels
 */
#include <sys/resource.h>

#include "bpf_raw.h"
#include "base/rights.h"
#include "attach/map.h"
#include "attach/token.h"

/* Create a map, without the name if the kernel refuses that. */
static int create(const char *name, enum bpf_map_type type, uint32_t key_size,
		  uint32_t value_size, uint32_t entries, uint32_t flags)
{
	static bool nameless;
	int fd;

	if (!nameless) {
		fd = raw_map_create(name, type, key_size, value_size, entries,
				    flags);
		if (fd != -EINVAL)
			return fd;
	}
	fd = raw_map_create(NULL, type, key_size, value_size, entries, flags);
	/* The name was the reason: the kernel is older than 4.15. */
	if (fd >= 0)
		nameless = true;
	return fd;
}

int map_create(const char *name, enum bpf_map_type type, uint32_t key_size,
	       uint32_t value_size, uint32_t entries, uint32_t flags,
	       struct reason *reason)
{
	int fd = create(name, type, key_size, value_size, entries, flags);

	/* Before 5.5 arrays cannot be mapped. */
	if (fd == -EINVAL && flags & BPF_F_MMAPABLE) {
		flags &= ~BPF_F_MMAPABLE;
		fd = create(name, type, key_size, value_size, entries, flags);
	}
	/* Before 5.11 maps and programs count as locked memory. */
	if (fd == -EPERM) {
		limit_raise(RLIMIT_MEMLOCK);
		fd = create(name, type, key_size, value_size, entries, flags);
	}
	if (fd == -EPERM && token_open())
		fd = create(name, type, key_size, value_size, entries, flags);
	if (fd < 0)
		return reason_set(reason, STEP_MAP, fd,
				  "cannot create a BPF map");
	return fd;
}

int map_create_lru(const char *name, uint32_t key_size, uint32_t value_size,
		   uint32_t entries, struct reason *reason)
{
	int map = map_create(name, BPF_MAP_TYPE_LRU_HASH, key_size, value_size,
			     entries, 0, reason);

	if (map == -EINVAL)
		map = map_create(name, BPF_MAP_TYPE_HASH, key_size, value_size,
				 entries, 0, reason);
	return map;
}
