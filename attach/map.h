/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * map.h - BPF maps on kernels old and new
 */
#ifndef MAP_H
#define MAP_H

#include <stdint.h>

#include <linux/bpf.h>

#include "base/message.h"

/*
 * A descriptor, or -errno with the reason. Sizes are in bytes; name as
 * raw_map_create() wants it, not NULL. Without the name or BPF_F_MMAPABLE where
 * the kernel does not know that (before 4.15, before 5.5).
 */
int map_create(const char *name, enum bpf_map_type type, uint32_t key_size,
	       uint32_t value_size, uint32_t entries, uint32_t flags,
	       struct reason *reason);

/*
 * One with a struct of the kernel's, or a thread, as key: as map_create().
 * Since 4.10 a map can forget its oldest by itself; in it longest is what the
 * kernel kept from us that it is gone.
 */
int map_create_lru(const char *name, uint32_t key_size, uint32_t value_size,
		   uint32_t entries, struct reason *reason);

#endif
