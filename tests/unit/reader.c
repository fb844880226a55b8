// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * reader.c - sources that this test plays, merged; spilled events; losses
 */
#include "attach/clock.h"
#include "trace/hotplug.h"
#include "trace/reader.h"

#include "tap.h"

/* A list of times, of which the first `came` have come. */
struct played {
	struct source source;
	const uint64_t *times;
	int came;
	int held;
	int taken;
	int ended;
};

static struct played *played_of(struct source *source)
{
	return source_owner(source, struct played, source);
}

static bool played_begin(struct source *source)
{
	struct played *played = played_of(source);

	played->held = played->came;
	return played->held > played->taken;
}

static bool played_next(struct source *source)
{
	struct played *played = played_of(source);

	if (played->taken == played->held)
		return false;
	source->event.ktime_ns = played->times[played->taken++];
	source->received++;
	return true;
}

static void played_end(struct source *source)
{
	played_of(source)->ended++;
}

static const struct source_kind played_kind = { played_begin, played_next,
						played_end };

#define PLAYED(times_, came_)                                          \
	{                                                              \
		.source = { .kind = &played_kind }, .times = (times_), \
		.came = (came_)                                        \
	}

/* Whether the next events are those, and no more. */
static bool gives(struct reader *reader, const uint64_t *times, int count)
{
	const struct accept_event *event;

	for (int i = 0; i < count; i++) {
		event = reader_next(reader);
		if (!event || event->ktime_ns != times[i])
			return false;
	}
	return !reader_next(reader);
}

#define GIVES(reader, ...)                               \
	gives(reader, (const uint64_t[]){ __VA_ARGS__ }, \
	      sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

static void test_order(void)
{
	static const uint64_t a[] = { 1, 4, 9, 10 }, b[] = { 2, 3, 11 },
			      c[] = { 5, 6, 7, 8 };
	struct played all[] = { PLAYED(a, 3), PLAYED(b, 3), PLAYED(c, 0) };
	struct reader reader = { .stopped = true };

	ok(!reader_begin(&reader) && !reader_next(&reader), "no source");
	for (int i = 0; i < 3; i++)
		reader_add(&reader, &all[i].source);
	ok(reader_begin(&reader), "there is something");
	ok(GIVES(&reader, 1, 2, 3, 4, 9, 11), "three sources, in order");
	all[0].came = 4;
	all[2].came = 4;
	ok(!reader_next(&reader), "what comes after the beginning waits");
	reader_end(&reader);
	ok(all[0].ended == 1 && all[1].ended == 1 && all[2].ended == 1,
	   "each gets its room back");
	ok(reader_begin(&reader) && GIVES(&reader, 5, 6, 7, 8, 10),
	   "a later look has it");
	reader_end(&reader);
	ok(!reader_begin(&reader), "there is nothing any more");
}

static void test_same_time(void)
{
	static const uint64_t times[] = { 7 };
	struct played first = PLAYED(times, 1), last = PLAYED(times, 1);
	struct reader reader = { .stopped = true };

	reader_add(&reader, &first.source);
	reader_add(&reader, &last.source);
	reader_begin(&reader);
	ok(reader_next(&reader) == &last.source.event &&
		   reader_next(&reader) == &first.source.event,
	   "of the same time: the source added last is first");
}

/* Rows are not shown before what is on its way. */
static void test_until(void)
{
	const uint64_t now = clock_ns();
	const uint64_t times[] = { now - 300, now - 200, now - 100 };
	struct played played = PLAYED(times, 3);
	/* Of two CPUs, and of the second copy of a program there. */
	struct accept_state states[4] = { 0 };
	struct cpu cpus[2] = { 0 };
	struct reader reader = {
		.cpus = cpus,
		.count = 2,
		.states = states,
		.state_count = 4,
	};

	reader_add(&reader, &played.source);
	states[1].in_flight = ACCEPT_IN_FLIGHT;
	ok(reader_begin(&reader) && !reader_next(&reader),
	   "nothing while a program has no time yet");
	reader_end(&reader);
	states[1].in_flight = 0;
	states[0].in_flight = now - 200;
	ok(reader_begin(&reader) && GIVES(&reader, now - 300),
	   "what is older than all that is in flight");
	reader_end(&reader);
	ok(reader_begin(&reader) && !reader_next(&reader),
	   "what is held is something");
	reader_end(&reader);
	states[0].in_flight = 0;
	states[3].in_flight = now - 100;
	ok(reader_begin(&reader) && GIVES(&reader, now - 200),
	   "the same of the second copy of a program");
	reader_end(&reader);
	states[3].in_flight = 0;
	ok(reader_begin(&reader) && GIVES(&reader, now - 100),
	   "the rest, once that has arrived");
	reader_end(&reader);
}

/* As that of a look, which is made when the sources are asked. */
static void test_alone(void)
{
	const uint64_t times[] = { clock_ns() + 1000000000 };
	struct played played = PLAYED(times, 1);
	struct reader reader = { 0 };

	reader_add(&reader, &played.source);
	ok(reader_begin(&reader) && GIVES(&reader, times[0]),
	   "of one source alone, what is younger than the question, too");
	reader_end(&reader);
}

/* Look until a row comes: whether it is this one. */
static bool comes(struct reader *reader, uint64_t time)
{
	const struct accept_event *event;
	uint64_t shown = 0;

	while (!shown) {
		reader_begin(reader);
		event = reader_next(reader);
		shown = event ? event->ktime_ns : 0;
		reader_end(reader);
	}
	return shown == time;
}

/* A task that is preempted in the program does not keep all rows back. */
static void test_late(void)
{
	const uint64_t start = clock_ns();
	const uint64_t times[] = { start, start + 1, start + READER_LATE_NS };
	struct played played = PLAYED(times, 1);
	struct accept_state states[1] = { 0 };
	struct cpu cpus[1] = { 0 };
	struct reader reader = {
		.cpus = cpus,
		.count = 1,
		.states = states,
		.state_count = 1,
	};

	reader_add(&reader, &played.source);
	states[0].in_flight = ACCEPT_IN_FLIGHT;
	ok(comes(&reader, times[0]) && clock_ns() - start >= READER_LATE_NS,
	   "a row waits so long for an event without a time, not longer");
	states[0].in_flight = 0;
	reader_begin(&reader);
	reader_end(&reader);
	played.came = 2;
	states[0].in_flight = ACCEPT_IN_FLIGHT;
	ok(reader_begin(&reader) && !reader_next(&reader),
	   "it waits anew for another one");
	reader_end(&reader);
	states[0].in_flight = start + 1;
	ok(comes(&reader, times[1]), "the same for one with a time");
	played.came = 3;
	states[0].in_flight = clock_ns() - 1;
	ok(comes(&reader, times[2]), "a younger one does not hold older rows");
}

static void spill(struct reader *reader, int cpu, uint64_t time)
{
	uint64_t slot = reader->states[cpu].spilled++ % ACCEPT_SPILL;

	reader->spilled[cpu * ACCEPT_SPILL + slot].ktime_ns = time;
}

static void test_spill(void)
{
	const uint64_t past = clock_ns() - 1000;
	const uint64_t times[] = { past + 15, past + 25 };
	struct accept_event slots[2 * ACCEPT_SPILL] = { 0 };
	struct accept_state states[2] = { 0 };
	struct played played = PLAYED(times, 2);
	struct cpu cpus[2] = { 0 };
	int count = 0;
	struct reader reader = {
		.cpus = cpus,
		.count = 2,
		.states = states,
		.state_count = 2,
		.spilled = slots,
	};

	cpus_open(&reader);
	reader_add(&reader, &played.source);
	spill(&reader, 0, past + 20);
	spill(&reader, 1, past + 30);
	states[0].in_flight = past + 15;
	ok(reader_begin(&reader) && !reader_next(&reader) &&
		   slots[0].ktime_ns == past + 20,
	   "an event that was not shown stays in its slot");
	reader_end(&reader);
	ok(reader.needs_rings && cpus[0].needs_ring, "its CPU needs a ring");
	spill(&reader, 0, past + 40);
	reader.stopped = true;
	ok(reader_begin(&reader) && GIVES(&reader, past + 15, past + 20,
					  past + 25, past + 30, past + 40),
	   "spilled events in order with the others");
	reader_end(&reader);
	ok(!slots[0].ktime_ns && !slots[1].ktime_ns &&
		   !slots[ACCEPT_SPILL].ktime_ns,
	   "the slots of what was shown are free");
	for (int i = 0; i < ACCEPT_SPILL; i++)
		spill(&reader, 0, 50 + i);
	reader_begin(&reader);
	while (reader_next(&reader))
		count++;
	ok(count == ACCEPT_SPILL, "all slots, around their end");
}

/* A spilled event of another CPU may be older than one that waits. */
static void test_older_spill(void)
{
	struct accept_event slots[2 * ACCEPT_SPILL] = { 0 };
	const uint64_t past = clock_ns() - 1000;
	struct accept_state states[2] = { { .in_flight = past + 5 } };
	struct cpu cpus[2] = { 0 };
	struct reader reader = {
		.cpus = cpus,
		.count = 2,
		.states = states,
		.state_count = 2,
		.spilled = slots,
	};

	cpus_open(&reader);
	spill(&reader, 0, past + 20);
	ok(reader_begin(&reader) && !reader_next(&reader), "one waits");
	reader_end(&reader);
	spill(&reader, 1, past + 10);
	states[0].in_flight = 0;
	ok(reader_begin(&reader) && GIVES(&reader, past + 10, past + 20),
	   "an older one that came later is first");
}

static void test_losses(void)
{
	static const uint64_t times[] = { 1, 2, 3 };
	struct accept_state states[2] = {
		{ .lost_full = 2, .lost_other = 1, .sent = 3 },
		{ .lost_full = 3, .vanished = 4, .sent = 2 },
	};
	struct played played = PLAYED(times, 3);
	struct reader reader = { .states = states,
				 .state_count = 2,
				 .count = 2 };

	reader_add(&reader, &played.source);
	ok(reader_losses(&reader).full == 5 &&
		   reader_losses(&reader).other == 1 &&
		   reader_losses(&reader).vanished == 4,
	   "the sums of what programs counted");
	played.source.lost = 7;
	ok(reader_losses(&reader).full == 7,
	   "what the source counted, if that is more");
	played.source.lost = 0;
	reader.stopped = true;
	reader_begin(&reader);
	while (reader_next(&reader))
		;
	ok(reader_losses(&reader).full == 5 + 5 - 3,
	   "at the end: what was sent and never came");
	played.source.damaged = 2;
	ok(reader_damaged(&reader) == 2, "damaged records");
}

/* A keeper that is stopped reads no requests. */
static void test_full_socket(void)
{
	const struct keeper_request request = { 0 };
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return;
	while (send(pair[0], &request, sizeof(request), MSG_DONTWAIT) > 0)
		;
	ok(keeper_publish(pair[0], 0) == -ETIMEDOUT,
	   "a socket that is full is not waited for");
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	test_order();
	test_same_time();
	test_until();
	test_alone();
	test_late();
	test_spill();
	test_older_spill();
	test_losses();
	test_full_socket();
	return done();
}
