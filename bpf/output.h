/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * output.h - send an event to the ring, or to a slot of the map `spill`
 */
#ifndef BPF_OUTPUT_H
#define BPF_OUTPUT_H

#include "bpf/state.h"

#define ENOSPC 28

/* Put it into a slot: a CPU that has just come online has no ring yet. */
ALWAYS_INLINE void spill_event(volatile struct accept_state *state,
			       uint32_t cpu, const struct accept_event *event,
			       bool whole)
{
	uint64_t spilled = state->spilled;
	uint32_t slot = cpu * ACCEPT_SPILL + spilled % ACCEPT_SPILL;
	struct accept_event *to = map_lookup_elem(spill, &slot);

	if (!to || to->ktime_ns) {
		COUNT(state, lost_other);
		return;
	}
	__builtin_memcpy(to, event, ACCEPT_EVENT_BASE);
	if (whole)
		__builtin_memcpy(&to->cgroup, &event->cgroup,
				 sizeof(*event) - ACCEPT_EVENT_BASE);
	state->spilled = spilled + 1;
	APART();
}

/*
 * Send the event. in_flight shows the reader, which merges the rings by time,
 * that an event of that time is still to come.
 */
ALWAYS_INLINE void output_event(void *ctx, struct accept_event *event,
				bool whole)
{
	const uint32_t cpu = current_cpu();
	volatile struct accept_state *state = state_of(cpu);
	uint64_t slot;
	long error;

	if (!state)
		return;
	state->in_flight = ACCEPT_IN_FLIGHT;
	event->ktime_ns = ktime_get_ns();
	state->in_flight = event->ktime_ns;
	/* Not BPF_F_CURRENT_CPU, which kernels before 4.7 do not know. */
	slot = ACCEPT_RING(cpu, state->wake & 1);
	error = perf_event_output(ctx, rings, slot, event,
				  whole ? sizeof(*event) : ACCEPT_EVENT_BASE);
	if (error == -ENOSPC) {
		COUNT(state, lost_full);
	} else if (error && K(STATES_AT)) {
		/* The slots are of the other copy, which may just use them. */
		COUNT(state, lost_other);
	} else if (error) {
		spill_event(state, cpu, event, whole);
	} else {
		COUNT(state, sent);
	}
	state->in_flight = 0;
	APART();
}

/*
 * Send the event to the ring buffer, which all CPUs share. The program may be
 * preempted on the way: the order of the events is that of the ring.
 */
ALWAYS_INLINE void output_shared(struct accept_event *event, bool whole)
{
	volatile struct accept_state *state = current_state();

	if (!state)
		return;
	event->ktime_ns = ktime_get_ns();
	if (ringbuf_output(
		    ringbuf, event, whole ? sizeof(*event) : ACCEPT_EVENT_BASE,
		    state->wake & 1 ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP))
		COUNT_SHARED(state, lost_full);
	else if (K(BY_RELEASE))
		COUNT_SHARED(state, late);
}

#endif
