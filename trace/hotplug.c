// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hotplug.c - CPUs that come and go: their rings, and events without a ring
 *
 * Sections: hot-plug, spill.
 */
#include <poll.h>
#include <sys/socket.h>

#include "base/text.h"
#include "attach/clock.h"
#include "trace/hotplug.h"
#include "trace/keeper_calls.h"
#include "trace/reader.h"

/* ------------------------------------------------------------------------
 * Hot-plug
 */

/* The CPU's number of "online@/devices/system/cpu/cpu1"; -1 of other text. */
static int uevent_cpu(const char *text)
{
	static const char start[] = "online@/devices/system/cpu/cpu";
	size_t length = strlen(start);

	if (strncmp(text, start, length))
		return -1;
	text += length;
	return *text >= '0' && *text <= '9' ? (int)text_number(&text) : -1;
}

static void cpu_came(struct reader *reader, int number)
{
	if (number < 0 || number >= reader->count)
		return;
	reader->cpus[number].needs_ring = true;
	reader->needs_rings = true;
}

/* poll(2) reports POLLHUP once the event's CPU has gone offline. */
static bool is_alive(const struct raw_ring *ring)
{
	struct pollfd polled = { .fd = ring->fd };

	return ring->fd >= 0 && !poll(&polled, 1, 0);
}

void cpus_hear(struct reader *reader)
{
	char text[256];
	ssize_t length;

	for (;;) {
		length = recv(reader->uevents, text, sizeof(text) - 1, 0);
		if (length < 0 && errno != ENOBUFS)
			return;
		/* Some were lost: maybe of any CPU whose ring is dead. */
		for (int i = 0; length < 0 && i < reader->count; i++)
			if (!is_alive(&reader->cpus[i].ring))
				cpu_came(reader, i);
		if (length < 0)
			continue;
		text[length] = '\0';
		cpu_came(reader, uevent_cpu(text));
	}
}

/*
 * Whether the previous ring is read to its end. Programs that ran while it was
 * replaced may still write to it: they finish within 10 ms and clear in_flight.
 */
static bool is_done(const struct reader *reader, struct cpu *cpu)
{
	const int number = cpu - reader->cpus;
	uint64_t in_flight = 0;

	if (clock_ns() - cpu->replaced_ns < 10000000)
		return false;
	/* Read it before the ring, so that we see what was written by then. */
	if (reader->states)
		for (int i = number; i < reader->state_count;
		     i += reader->count)
			in_flight |=
				raw_shared_load(&reader->states[i].in_flight);
	return !in_flight && !raw_ring_snapshot(&cpu->previous);
}

/* Have the keeper open a ring, and map it. Returns 0, or -errno. */
static int ring_take(const struct reader *reader, int number,
		     struct raw_ring *ring)
{
	int error;

	memset(ring, 0, sizeof(*ring));
	ring->fd = error = keeper_ring(reader->keeper, number);
	ring->wakeup_fd = -1;
	if (error >= 0)
		error = raw_ring_map(ring, reader->ring_size);
	if (error)
		raw_ring_close(ring);
	return error;
}

/* Returns true if it did something, or is not done. */
static bool cpu_adopt(struct reader *reader, struct cpu *cpu)
{
	int number = cpu - reader->cpus;
	struct raw_ring ring;
	int error;

	if (cpu->previous.page && is_done(reader, cpu))
		raw_ring_close(&cpu->previous);
	if (cpu->previous.page || !cpu->needs_ring)
		return cpu->previous.page;
	error = ring_take(reader, number, &ring);
	/* ENODEV: the CPU is gone again. Other errors may pass: try again. */
	if (error && error != -ENODEV) {
		if (!cpu->complained)
			say("cannot open the perf ring of CPU %d, which came "
			    "online: %s",
			    number, strerror(-error));
		cpu->complained = true;
		return false;
	}
	cpu->needs_ring = cpu->complained = false;
	if (error)
		return false;
	perf_source_renew(cpu, &ring);
	keeper_publish(reader->keeper, number);
	return true;
}

bool cpus_adopt(struct reader *reader)
{
	bool any = false;

	reader->lacks_rings = false;
	for (int i = 0; i < reader->count; i++) {
		any |= cpu_adopt(reader, &reader->cpus[i]);
		reader->lacks_rings |= reader->cpus[i].needs_ring;
	}
	reader->needs_rings = any;
	return any;
}

/* ------------------------------------------------------------------------
 * Spill: a source of the events of CPUs that have no ring yet
 */

/* The slot of the CPU's next spilled event. */
static uint32_t spill_slot(const struct reader *reader, int number)
{
	return number * ACCEPT_SPILL +
	       reader->cpus[number].spill_read % ACCEPT_SPILL;
}

/* Read a CPU's oldest spilled event. Returns false if there is none. */
static bool spill_look(const struct reader *reader, int number,
		       struct accept_event *event)
{
	const uint64_t read = reader->cpus[number].spill_read;
	uint32_t slot = spill_slot(reader, number);
	struct accept_state state;

	if (reader->states) {
		if (raw_shared_load(&reader->states[number].spilled) == read)
			return false;
		*event = reader->spilled[slot];
		return true;
	}
	return !keeper_state(reader->keeper, number, &state) &&
	       state.spilled != read &&
	       !keeper_spilled(reader->keeper, slot, event);
}

/* Free the slot of the event that was shown. */
static void spill_free(struct reader *reader, int number)
{
	uint32_t slot = spill_slot(reader, number);

	if (reader->states)
		raw_shared_store(&reader->spilled[slot].ktime_ns, 0);
	else
		keeper_take(reader->keeper, slot);
	reader->cpus[number].spill_read++;
}

/* An event that was not shown stays in its slot: an older one may come. */
static bool spill_begin(struct source *source)
{
	source->has_event = false;
	return false;
}

static bool spill_next(struct source *source)
{
	struct reader *reader = source_owner(source, struct reader, spill);
	struct accept_event event;
	bool any = false;

	if (source->has_event)
		spill_free(reader, reader->spill_cpu);
	/* It would cost a bpf(2) call for each CPU each time. */
	if (!reader->states && !reader->needs_rings)
		return false;
	for (int i = 0; i < reader->count; i++) {
		if (!spill_look(reader, i, &event) ||
		    (any && event.ktime_ns >= source->event.ktime_ns))
			continue;
		source->event = event;
		reader->spill_cpu = i;
		any = true;
		/* Even if no uevent said so. */
		cpu_came(reader, i);
	}
	return any;
}

void cpus_open(struct reader *reader)
{
	static const struct source_kind spill = { spill_begin, spill_next,
						  NULL };

	if (!reader->cpus || reader->without_bpf)
		return;
	reader->spill.kind = &spill;
	reader->spill.fd = -1;
	reader_add(reader, &reader->spill);
}
