// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * looker.c - a source: looks at /proc/net/tcp, which the keeper makes
 */
#include "bpf_raw.h"
#include "attach/clock.h"
#include "attach/sockets.h"
#include "trace/keeper_calls.h"
#include "trace/looker.h"

/* Where many sockets make a look slow, it has this part of the time at most. */
#define LOOK_SHARE 10

static struct looker *looker_of(struct source *source)
{
	return source_owner(source, struct looker, source);
}

/* Release: the events were copied. */
static void have_read(const struct looker *looker)
{
	raw_half_store(&looker->look->taken, looker->number);
}

static void look_now(struct looker *looker)
{
	const uint64_t before = clock_ns();
	uint64_t pause;

	/* If the keeper does not answer, the next look has what this missed. */
	if (looker->keeper >= 0)
		keeper_look(looker->keeper);
	else
		sockets_look();
	pause = (clock_ns() - before) * LOOK_SHARE;
	if (pause < looker->period_ns)
		pause = looker->period_ns;
	/* There was no room for all. */
	if (looker->look->count == LOOK_EVENTS)
		pause = 0;
	looker->due_ns = before + pause;
}

static bool looker_begin(struct source *source)
{
	struct looker *looker = looker_of(source);
	struct look *look = looker->look;
	uint32_t number;

	if (looker->read < looker->count)
		return true;
	if (clock_ns() >= looker->due_ns)
		look_now(looker);
	/* Acquire: what belongs to it is there. */
	number = raw_half_load(&look->number);
	if (number == looker->number)
		return false;
	looker->number = number;
	looker->read = 0;
	looker->count = look->count;
	if (!looker->count)
		have_read(looker);
	return looker->count;
}

static bool looker_next(struct source *source)
{
	struct looker *looker = looker_of(source);

	if (looker->read == looker->count)
		return false;
	source->event = looker->look->events[looker->read++];
	source->received++;
	if (looker->read == looker->count)
		have_read(looker);
	return true;
}

void looker_open(struct looker *looker, struct look *look, int keeper,
		 uint32_t period_ms)
{
	static const struct source_kind kind = { looker_begin, looker_next,
						 NULL };

	looker->source.kind = &kind;
	looker->source.fd = -1;
	looker->look = look;
	looker->keeper = keeper;
	looker->number = look->number;
	looker->period_ns = period_ms * 1000000ULL;
	looker->due_ns = clock_ns() + looker->period_ns;
}
