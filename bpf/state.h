/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * state.h - the state of the CPU that a program runs on
 */
#ifndef BPF_STATE_H
#define BPF_STATE_H

#include "bpf/helpers.h"

/* This CPU's number, by which it has its slots in the maps. */
ALWAYS_INLINE uint32_t current_cpu(void)
{
	const uint32_t zero = 0;
	const uint64_t *cpu;

	if (!K(CPU_BY_MAP))
		return get_smp_processor_id();
	cpu = map_lookup_elem(cpu_numbers, &zero);
	return cpu ? *cpu : 0;
}

/* A CPU's state; NULL if the kernel has more CPUs than it said at the start. */
ALWAYS_INLINE volatile struct accept_state *state_of(uint32_t cpu)
{
	if (K(STATES_AT))
		cpu += K(STATES_AT);
	/* The pointer is into the map, not to `cpu`. */
	/* cppcheck-suppress returnDanglingLifetime */
	return map_lookup_elem(states, &cpu);
}

ALWAYS_INLINE volatile struct accept_state *current_state(void)
{
	return state_of(current_cpu());
}

/* Add one to a member of this CPU's state. */
#define COUNT_HERE(member)                                           \
	do {                                                         \
		volatile struct accept_state *own = current_state(); \
		if (own)                                             \
			COUNT(own, member);                          \
	} while (0)

#endif
