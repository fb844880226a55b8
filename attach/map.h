/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * map.h - creating BPF maps on old and new kernels
 */
#ifndef MAP_H
#define MAP_H

#include <stdint.h>

#include <linux/bpf.h>

#include "base/message.h"

/*
 * Create a map; sizes are in bytes. The name, as in raw_map_create() but not
 * NULL, is left out before 4.15, and BPF_F_MMAPABLE before 5.5. Returns a
 * descriptor, or -errno with the reason.
 */
int map_create(const char *name, enum bpf_map_type type, uint32_t key_size,
	       uint32_t value_size, uint32_t entries, uint32_t flags,
	       struct reason *reason);

/*
 * Create a hash map whose keys are kernel objects or threads. Since 4.10 it
 * drops its oldest entries when it is full: those whose end was never seen.
 * Before, it refuses new ones. Returns as map_create() does.
 */
int map_create_lru(const char *name, uint32_t key_size, uint32_t value_size,
		   uint32_t entries, struct reason *reason);

#endif
