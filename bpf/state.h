/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * state.h - the state of the CPU that a program runs on
 */
#ifndef BPF_STATE_H
#define BPF_STATE_H

#include "bpf/helpers.h"

/* The CPU's number, as the slots of the maps count. */
ALWAYS_INLINE uint32_t current_cpu(void)
{
	const uint32_t zero = 0;
	const uint64_t *cpu;

	if (!K(CPU_BY_MAP))
		return get_smp_processor_id();
	cpu = map_lookup_elem(cpu_numbers, &zero);
	return cpu ? *cpu : 0;
}

/* This CPU's, or NULL: the kernel has more CPUs than it said at our start. */
ALWAYS_INLINE volatile struct accept_state *current_state(void)
{
	uint32_t cpu = current_cpu();

	/* It leads into the map. */
	/* cppcheck-suppress returnDanglingLifetime */
	return map_lookup_elem(states, &cpu);
}

/* One more in a member of this CPU's. */
#define COUNT_HERE(member)                                           \
	do {                                                         \
		volatile struct accept_state *own = current_state(); \
		if (own)                                             \
			COUNT(own, member);                          \
	} while (0)

#endif
