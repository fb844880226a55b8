// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hotplug.c - CPUs that come and go: their rings, and events that found none
 *
 * Sections: hot-plug, spill.
 */
#include <poll.h>
#include <sys/socket.h>

#include "base/text.h"
#include "attach/clock.h"
#include "attach/tracer.h"
#include "trace/hotplug.h"
#include "trace/keeper_calls.h"

/* ------------------------------------------------------------------------
 * Hot-plug
 */

/* "online@/devices/system/cpu/cpu1": the number, or -1. */
static int uevent_cpu(const char *text)
{
	static const char start[] = "online@/devices/system/cpu/cpu";
	size_t length = strlen(start);

	if (strncmp(text, start, length))
		return -1;
	text += length;
	return *text >= '0' && *text <= '9' ? (int)text_number(&text) : -1;
}

static void cpu_came(struct tracer *tracer, int number)
{
	if (number < 0 || number >= tracer->rings.count)
		return;
	tracer->rings.cpus[number].came = true;
	tracer->rings.came = true;
}

/* poll(2) tells of an event whose CPU has gone: POLLHUP. */
static bool is_alive(const struct raw_ring *ring)
{
	struct pollfd polled = { .fd = ring->fd };

	return ring->fd >= 0 && !poll(&polled, 1, 0);
}

void cpus_hear(struct tracer *tracer)
{
	char text[256];
	ssize_t length;

	for (;;) {
		length = recv(tracer->rings.uevents, text, sizeof(text) - 1, 0);
		if (length < 0 && errno != ENOBUFS)
			return;
		/* Some were dropped: of any CPU without a living ring. */
		for (int i = 0; length < 0 && i < tracer->rings.count; i++)
			if (!is_alive(&tracer->rings.cpus[i].ring))
				cpu_came(tracer, i);
		if (length < 0)
			continue;
		text[length] = '\0';
		cpu_came(tracer, uevent_cpu(text));
	}
}

/*
 * Whether the old ring is read to its end. Programs that ran as it was replaced
 * may still write to it: they take no 10 ms, and say so in the state.
 */
static bool is_done(const struct tracer *tracer, struct cpu *cpu)
{
	const int number = cpu - tracer->rings.cpus;
	uint64_t in_flight = 0;

	if (clock_ns() - cpu->replaced_ns < 10000000)
		return false;
	/* First: what it wrote before it was done is seen then. */
	if (tracer->rings.mapped)
		in_flight = raw_shared_load(
			&tracer->rings.mapped[number].in_flight);
	return !in_flight && !raw_ring_snapshot(&cpu->old);
}

/* A ring that the keeper opens and we map. 0, or -errno. */
static int ring_take(const struct tracer *tracer, int number,
		     struct raw_ring *ring)
{
	int error;

	memset(ring, 0, sizeof(*ring));
	ring->fd = error = keeper_ring(tracer->keeper, number);
	ring->bell = -1;
	if (error >= 0)
		error = raw_ring_map(ring, tracer->rings.size);
	if (error)
		raw_ring_close(ring);
	return error;
}

/* True if it did something, or has yet to. */
static bool cpu_adopt(struct tracer *tracer, struct cpu *cpu)
{
	int number = cpu - tracer->rings.cpus;
	struct raw_ring ring;
	int error;

	if (cpu->old.page && is_done(tracer, cpu))
		raw_ring_close(&cpu->old);
	if (cpu->old.page || !cpu->came)
		return cpu->old.page;
	error = ring_take(tracer, number, &ring);
	/* Descriptors or memory may be had later; ENODEV: it is gone again. */
	if (error && error != -ENODEV) {
		if (!cpu->told)
			say("cannot open the perf ring of CPU %d, which came "
			    "online: %s",
			    number, strerror(-error));
		cpu->told = true;
		return false;
	}
	cpu->came = cpu->told = false;
	if (error)
		return false;
	/* The kernel detaches the event of a CPU that goes, for good. */
	cpu->old = cpu->ring;
	cpu->ring = ring;
	cpu->replaced_ns = clock_ns();
	keeper_publish(tracer->keeper, number);
	return true;
}

bool cpus_adopt(struct tracer *tracer)
{
	bool any = false;

	tracer->rings.wanting = false;
	for (int i = 0; i < tracer->rings.count; i++) {
		any |= cpu_adopt(tracer, &tracer->rings.cpus[i]);
		tracer->rings.wanting |= tracer->rings.cpus[i].came;
	}
	tracer->rings.came = any;
	return any;
}

/* ------------------------------------------------------------------------
 * Spill: events of a CPU that has no ring yet
 */

/* The slot of its next spilled event that was not taken. */
static uint32_t spill_slot(const struct tracer *tracer, int number)
{
	return number * ACCEPT_SPILL +
	       tracer->rings.cpus[number].taken % ACCEPT_SPILL;
}

/* One CPU's oldest spilled event. False if there is none. */
static bool spilled_next(struct tracer *tracer, int number,
			 struct accept_event *event)
{
	const uint64_t taken = tracer->rings.cpus[number].taken;
	uint32_t slot = spill_slot(tracer, number);
	struct accept_state state;

	if (tracer->rings.mapped) {
		if (raw_shared_load(&tracer->rings.mapped[number].spilled) ==
		    taken)
			return false;
		*event = tracer->rings.spilled[slot];
		return true;
	}
	return !keeper_state(tracer->keeper, number, &state) &&
	       state.spilled != taken &&
	       !keeper_spilled(tracer->keeper, slot, event);
}

bool cpus_spilled(struct tracer *tracer, struct accept_event *event,
		  int *number)
{
	struct accept_event next;
	bool any = false;

	/* That would be a bpf(2) for each CPU each time. */
	if (!tracer->rings.mapped && !tracer->rings.came)
		return false;
	for (int i = 0; i < tracer->rings.count; i++) {
		if (!spilled_next(tracer, i, &next) ||
		    (any && next.ktime_ns >= event->ktime_ns))
			continue;
		*event = next;
		*number = i;
		any = true;
		/* Whether or not we were told. */
		cpu_came(tracer, i);
	}
	return any;
}

void cpus_take(struct tracer *tracer, int number)
{
	uint32_t slot = spill_slot(tracer, number);

	if (tracer->rings.mapped)
		raw_shared_store(&tracer->rings.spilled[slot].ktime_ns, 0);
	else
		keeper_take(tracer->keeper, slot);
	tracer->rings.cpus[number].taken++;
}
