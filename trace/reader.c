// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reader.c - up to when the rings are whole, and what they lack
 */
#include "attach/clock.h"
#include "trace/keeper_calls.h"
#include "trace/reader.h"

/*
 * Without a view of what is in flight (before 5.5), an event younger than this
 * may have an elder on its way into another ring.
 */
#define HOLD_NS 1000000

/*
 * What a CPU stores, others see at once, or nearly; but programs have no
 * barrier that would say when, and stores of one CPU need not be seen in their
 * order. This is many times what it takes.
 */
#define VISIBLE_NS 2000

int tracer_detach(struct tracer *tracer)
{
	struct keeper_counts counts;
	int error = keeper_detach(tracer->keeper, &counts);

	if (error)
		return error;
	tracer->kept.skipped = counts.skipped;
	tracer->kept.missed = counts.missed;
	tracer->dead = counts.dead;
	return 0;
}

void tracer_ask_skipped(struct tracer *tracer)
{
	keeper_skipped(tracer->keeper, &tracer->kept.skipped);
}

static void let_stores_arrive(void)
{
	const uint64_t until = clock_ns() + VISIBLE_NS;

	while (clock_ns() < until)
		;
}

uint64_t tracer_settled(const struct tracer *tracer, uint64_t now_ns)
{
	uint64_t until = now_ns, in_flight;

	if (!tracer->rings.mapped)
		return now_ns - HOLD_NS;
	/* That of in_flight, by a program that took its time before now_ns. */
	let_stores_arrive();
	for (int i = 0; i < tracer->rings.count; i++) {
		in_flight = raw_shared_load(&tracer->rings.mapped[i].in_flight);
		if (in_flight == ACCEPT_IN_FLIGHT)
			return 0;
		if (in_flight && in_flight <= until)
			until = in_flight - 1;
	}
	/* Those to the ring, by one that then set in_flight back to 0. */
	let_stores_arrive();
	return until;
}

/*
 * A full ring is counted twice, by the program (not before 5.2, where it is
 * not told) and by LOST records (not for the last ones): the larger is right.
 * At the end what was sent and not received is lost, too, on any kernel.
 */
struct losses tracer_losses(const struct tracer *tracer, bool last)
{
	struct losses losses = tracer->kept;
	struct accept_state state;
	uint64_t sent = 0;

	for (int i = 0; i < tracer->rings.count; i++) {
		if (tracer->rings.mapped)
			state = tracer->rings.mapped[i];
		else if (!last || keeper_state(tracer->keeper, i, &state))
			continue;
		losses.full += state.lost_full;
		losses.other += state.lost_other;
		losses.vanished += state.vanished;
		losses.cgroup += state.cgroup_unknown;
		losses.queued += state.queued;
		sent += state.sent;
	}
	if (last && sent > tracer->received)
		losses.full += sent - tracer->received;
	if (losses.full < tracer->ring_lost)
		losses.full = tracer->ring_lost;
	return losses;
}
