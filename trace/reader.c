// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reader.c - merges all sources of events, in order of time
 *
 * Sections: merge, losses, set-up.
 */
#include "attach/clock.h"
#include "attach/sockets.h"
#include "trace/keeper_calls.h"
#include "trace/reader.h"

/* ------------------------------------------------------------------------
 * Merge
 */

/*
 * Before Linux 5.5 we cannot see which programs are at work: while an event is
 * younger than this, an older one may be on its way into another ring.
 */
#define HOLD_NS 1000000

/*
 * Other CPUs see a CPU's stores almost at once; but programs have no barrier
 * that would say when, and the stores of one CPU may be seen out of order. This
 * is many times longer than they need.
 */
#define VISIBLE_NS 2000

static void let_stores_arrive(void)
{
	const uint64_t until = clock_ns() + VISIBLE_NS;

	while (clock_ns() < until)
		;
}

/*
 * Until when nothing is on its way on a CPU; now if there is nothing.
 * untimed_ns: that of struct cpu.
 */
static uint64_t quiet_ns(const uint64_t *in_flight, uint64_t *untimed_ns,
			 uint64_t now)
{
	const uint64_t time = raw_shared_load(in_flight);

	if (time != ACCEPT_IN_FLIGHT)
		*untimed_ns = 0;
	else if (!*untimed_ns)
		*untimed_ns = now;
	if (time == ACCEPT_IN_FLIGHT)
		return now - *untimed_ns < READER_LATE_NS ? 0 : now;
	return time && time <= now && now - time < READER_LATE_NS ? time - 1 :
								    now;
}

/* All events up to this time are in the sources; ask before reading these. */
static uint64_t settled_ns(const struct reader *reader)
{
	const uint64_t now = clock_ns();
	uint64_t until = now, quiet;
	struct cpu *cpu;

	/*
	 * One source has its events in order, and none of them is announced.
	 * Those of a look come after this, and would be late.
	 */
	if (!reader->cpus)
		return UINT64_MAX;
	if (!reader->states)
		return now - HOLD_NS;
	/* The store of in_flight, by a program that read the clock earlier. */
	let_stores_arrive();
	for (int i = 0; i < reader->state_count; i++) {
		cpu = &reader->cpus[i % reader->count];
		quiet = quiet_ns(&reader->states[i].in_flight,
				 &cpu->untimed_ns[i >= reader->count], now);
		if (quiet < until)
			until = quiet;
	}
	/* Stores to the ring, by a program that then set in_flight to 0. */
	let_stores_arrive();
	return until;
}

static void source_next(struct source *source)
{
	source->has_event = source->kind->next(source);
}

bool reader_begin(struct reader *reader)
{
	bool any = false;

	reader->until_ns = reader->stopped ? UINT64_MAX : settled_ns(reader);
	for (struct source *s = reader->sources; s; s = s->after) {
		any |= s->kind->begin(s);
		if (!s->has_event)
			source_next(s);
		any |= s->has_event;
	}
	return any;
}

/* The event that reader_next() returned last has been shown: drop it. */
static void finish_shown(struct reader *reader)
{
	if (reader->shown)
		source_next(reader->shown);
	reader->shown = NULL;
}

const struct accept_event *reader_next(struct reader *reader)
{
	struct source *oldest = NULL;

	finish_shown(reader);
	for (struct source *s = reader->sources; s; s = s->after)
		if (s->has_event &&
		    (!oldest || s->event.ktime_ns < oldest->event.ktime_ns))
			oldest = s;
	if (!oldest || oldest->event.ktime_ns > reader->until_ns)
		return NULL;
	reader->shown = oldest;
	return &oldest->event;
}

void reader_end(struct reader *reader)
{
	finish_shown(reader);
	for (struct source *s = reader->sources; s; s = s->after)
		if (s->kind->end)
			s->kind->end(s);
}

/* ------------------------------------------------------------------------
 * Losses
 */

void reader_ask(struct reader *reader)
{
	keeper_counts(reader->keeper, &reader->counts);
}

int reader_stop(struct reader *reader)
{
	reader->stopped = true;
	/* The keeper's last look is one of its own. */
	reader->looker.due_ns = UINT64_MAX;
	/* Read spilled events even where each costs a bpf(2) call. */
	reader->needs_rings = true;
	return keeper_detach(reader->keeper, &reader->counts);
}

/* Load a CPU's counters. False if that needs bpf(2) and tracing still runs. */
static bool state_load(const struct reader *reader, int number,
		       struct accept_state *state)
{
	if (reader->states)
		*state = reader->states[number];
	return reader->states || (reader->stopped &&
				  !keeper_state(reader->keeper, number, state));
}

/*
 * How many connections were not seen by the rung poll, though none is left that
 * waits: they had been accepted, or had ended in a queue.
 */
static uint64_t count_unseen(const struct look *look)
{
	uint64_t all, known;

	if (!look || look->opened == UINT64_MAX)
		return 0;
	all = look->opened + look->waited;
	known = look->accepted + look->waiting;
	return all > known ? all - known : 0;
}

/*
 * Losses in a full ring are counted twice: by the program, which only Linux 5.2
 * and later inform of them, and by LOST records, which are missing for the last
 * ones. The larger count is right. At the end, on any kernel, what was sent and
 * not received is lost, too.
 */
struct losses reader_losses(const struct reader *reader)
{
	struct losses losses = {
		.skipped = reader->counts.skipped,
		.missed = reader->counts.missed,
		.untapped = reader->counts.untapped,
		.unseen = count_unseen(reader->looker.look),
	};
	uint64_t sent = 0, received = 0, lost = 0, taken = 0;
	struct accept_state state;

	for (int i = 0; i < reader->state_count; i++) {
		if (reader->without_bpf || !state_load(reader, i, &state))
			continue;
		losses.full += state.lost_full;
		losses.other += state.lost_other;
		losses.vanished += state.vanished;
		losses.cgroup += state.cgroup_unknown;
		losses.queued += state.queued;
		losses.late += state.late;
		/* Test accepts have no row. */
		taken += state.taken + state.own;
		sent += state.sent;
	}
	for (struct source *s = reader->sources; s; s = s->after) {
		received += s->received;
		lost += s->lost;
	}
	sent += reader->counts.hits;
	if (reader->stopped && sent > received)
		losses.full += sent - received;
	if (losses.full < lost)
		losses.full = lost;
	if (!reader->cpus && losses.queued > taken)
		losses.untaken = losses.queued - taken;
	return losses;
}

uint64_t reader_damaged(const struct reader *reader)
{
	uint64_t damaged = 0;

	for (struct source *s = reader->sources; s; s = s->after)
		damaged += s->damaged;
	return damaged;
}

/* ------------------------------------------------------------------------
 * Set-up
 */

void reader_wake(const struct reader *reader, bool wake)
{
	for (int i = 0; reader->states && i < reader->state_count; i++)
		raw_shared_store(&reader->states[i].wake, wake);
}

void reader_add(struct reader *reader, struct source *source)
{
	source->after = reader->sources;
	reader->sources = source;
}

static void take_ringbuf(struct reader *reader, const struct tracer *tracer)
{
	const struct cgroup_hooks *cgroup = &tracer->probe.cgroup;
	const int error = ringbuf_source_open(&reader->ringbuf, cgroup->ringbuf,
					      cgroup->size, tracer->event_size);

	if (error)
		die(-error, hint_for(STEP_OTHER, -error),
		    "cannot map the BPF ring buffer");
	reader->uevents = -1;
	reader_add(reader, &reader->ringbuf.source);
}

void reader_take(struct reader *reader, const struct tracer *tracer, int keeper)
{
	const struct rings *rings = &tracer->rings;

	memset(reader, 0, sizeof(*reader));
	reader->count = rings->count;
	reader->state_count = rings->state_count;
	reader->ring_size = rings->size;
	reader->states = rings->mapped;
	reader->spilled = rings->spilled;
	reader->keeper = keeper;
	reader->without_bpf = tracer->probe.rung->without_bpf;
	if (tracer->probe.look) {
		reader->uevents = -1;
		looker_open(&reader->looker, tracer->probe.look, keeper,
			    tracer->request.look_ms);
		reader_add(reader, &reader->looker.source);
		return;
	}
	if (tracer->probe.rung->without_perf) {
		take_ringbuf(reader, tracer);
		return;
	}
	/* No program writes there. */
	if (reader->without_bpf)
		reader->states = NULL;
	reader->uevents = rings->uevents;
	reader->cpus = mmap(NULL, rings->count * sizeof(*reader->cpus),
			    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
	if (reader->cpus == MAP_FAILED)
		die(errno, hint_for(STEP_OTHER, errno),
		    "cannot keep the perf rings");
	/* In reverse: of events of the same time the lowest CPU comes first. */
	for (int i = rings->count - 1; i >= 0; i--) {
		perf_source_open(&reader->cpus[i], &rings->cpus[i].ring,
				 tracer->event_size);
		reader->cpus[i].samples = reader->without_bpf ? tracer : NULL;
		reader_add(reader, &reader->cpus[i].source);
	}
}
