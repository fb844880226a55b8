/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * helpers.h - the kernel's helpers, and what clang and old verifiers need
 */
#ifndef BPF_HELPERS_H
#define BPF_HELPERS_H

#include <linux/bpf.h>
#include <stdbool.h>

#include "accept.h"
#include "bpf/symbols.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NTOHS(be) __builtin_bswap16(be)
#define NTOHL(be) __builtin_bswap32(be)
#else
#define NTOHS(be) (be)
#define NTOHL(be) (be)
#endif

/* Helpers, by number; bpf-helpers(7). */
/* clang-format off */
static void *(*const map_lookup_elem)(const void *map, const void *key) =
	(void *)BPF_FUNC_map_lookup_elem;
/* The loader replaces it by probe_read where a kernel before 5.5 lacks it. */
static long (*const probe_read)(void *to, uint32_t size, const void *from) =
	(void *)BPF_FUNC_probe_read_kernel;
static uint64_t (*const ktime_get_ns)(void) = (void *)BPF_FUNC_ktime_get_ns;
static uint32_t (*const get_smp_processor_id)(void) =
	(void *)BPF_FUNC_get_smp_processor_id;
static uint64_t (*const get_current_pid_tgid)(void) =
	(void *)BPF_FUNC_get_current_pid_tgid;
static long (*const get_current_comm)(void *to, uint32_t size) =
	(void *)BPF_FUNC_get_current_comm;
static const char *(*const get_current_task)(void) =
	(void *)BPF_FUNC_get_current_task;
static long (*const map_update_elem)(const void *map, const void *key,
				     const void *value, uint64_t flags) =
	(void *)BPF_FUNC_map_update_elem;
static long (*const map_delete_elem)(const void *map, const void *key) =
	(void *)BPF_FUNC_map_delete_elem;
static uint64_t (*const get_current_uid_gid)(void) =
	(void *)BPF_FUNC_get_current_uid_gid;
/* Since 4.18 and 4.8; called only if they are wanted. */
static uint64_t (*const get_current_cgroup_id)(void) =
	(void *)BPF_FUNC_get_current_cgroup_id;
static long (*const current_task_under_cgroup)(const void *map,
					       uint32_t index) =
	(void *)BPF_FUNC_current_task_under_cgroup;
/* Since 5.7; called only in a PID namespace. */
static long (*const get_ns_current_pid_tgid)(uint64_t device, uint64_t inode,
					     struct bpf_pidns_info *ids,
					     uint32_t size) =
	(void *)BPF_FUNC_get_ns_current_pid_tgid;
static long (*const perf_event_output)(void *ctx, const void *map,
				       uint64_t flags, const void *data,
				       uint64_t size) =
	(void *)BPF_FUNC_perf_event_output;
/* Since 5.8. */
static void *(*const sk_storage_get)(const void *map, void *sk, void *value,
				     uint64_t flags) =
	(void *)BPF_FUNC_sk_storage_get;
static long (*const ringbuf_output)(const void *map, const void *data,
				    uint64_t size, uint64_t flags) =
	(void *)BPF_FUNC_ringbuf_output;
/* clang-format on */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/*
 * Keeps clang from merging what comes before it with similar code.
 *
 * Stores to a map's value need it: merged, two of them go through a pointer to
 * the member, which verifiers before 4.9 do not accept as one into the value
 * (PTR_TO_MAP_VALUE_ADJ in kernel/bpf/verifier.c).
 */
#define APART() __asm__ volatile("" ::"i"(__COUNTER__) : "memory")

/* Add one to a member of a struct accept_state. */
#define COUNT(state, member)       \
	do {                       \
		(state)->member++; \
		APART();           \
	} while (0)

/*
 * The same for programs that may be preempted, by another that counts the same.
 */
#define COUNT_SHARED(state, member) \
	__sync_fetch_and_add((uint64_t *)&(state)->member, 1)

/* Load a word of the context; the loader replaces the offset. */
ALWAYS_INLINE uint64_t ctx_word(const void *ctx, enum accept_ctx which)
{
	return *(const volatile uint64_t *)((const char *)ctx + which);
}

#endif
