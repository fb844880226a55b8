// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * perf.c - a source: the perf rings of a CPU
 */
#include "attach/clock.h"
#include "trace/perf.h"

static struct cpu *cpu_of(struct source *source)
{
	return source_owner(source, struct cpu, source);
}

static bool perf_begin(struct source *source)
{
	struct cpu *cpu = cpu_of(source);
	bool any = cpu->ring.page && raw_ring_snapshot(&cpu->ring);

	return (cpu->previous.page && raw_ring_snapshot(&cpu->previous)) || any;
}

/*
 * The next sample of a tap, as raw_ring_next(). Those that are not shown are
 * counted as received, as the kernel counts the hits.
 */
static int sample_next(struct cpu *cpu, struct raw_ring *ring)
{
	const struct tracer *tracer = cpu->samples;
	const struct request *request = &tracer->request;
	struct accept_event *event = &cpu->source.event;
	struct sample sample;
	unsigned long from = 0;
	uint32_t length = 0;
	int result;

	for (;; cpu->source.received++) {
		result = raw_ring_find(ring, sizeof(sample.tap), &from, &length,
				       &cpu->source.lost);
		if (result <= 0)
			return result;
		sample.size = length < SAMPLE_MAX ? length : SAMPLE_MAX;
		raw_ring_copy(ring, from, &sample.tap, sizeof(sample.tap));
		raw_ring_copy(ring, from + sizeof(sample.tap) + sizeof(length),
			      sample.bytes, sample.size);
		if (sample_event(&sample, &tracer->probe.format,
				 &tracer->kernel.layout, event) &&
		    (!request->pid || request->pid == event->pid) &&
		    (!request->port || request->port == event->lport) &&
		    (!request->filters ||
		     filters_pass(request->filters, request->wanted, event)))
			return 1;
	}
}

static bool perf_next(struct source *source)
{
	struct cpu *cpu = cpu_of(source);
	struct raw_ring *ring =
		cpu->previous.page ? &cpu->previous : &cpu->ring;
	int result;

	for (;;) {
		result = cpu->samples ?
				 sample_next(cpu, ring) :
				 raw_ring_next(ring, &source->event,
					       cpu->event_size, &source->lost);
		if (result > 0)
			break;
		if (result < 0)
			source->damaged++;
		else if (ring == &cpu->ring)
			return false;
		else
			ring = &cpu->ring;
	}
	source->received++;
	return true;
}

static void perf_end(struct source *source)
{
	struct cpu *cpu = cpu_of(source);

	if (cpu->ring.page)
		raw_ring_release(&cpu->ring);
	if (cpu->previous.page)
		raw_ring_release(&cpu->previous);
}

void perf_source_open(struct cpu *cpu, const struct raw_ring *ring,
		      uint32_t event_size)
{
	static const struct source_kind perf = { perf_begin, perf_next,
						 perf_end };

	cpu->source.kind = &perf;
	cpu->source.fd = ring->fd;
	cpu->event_size = event_size;
	cpu->ring = *ring;
	/* The kernel's map keeps the event open. */
	cpu->ring.wakeup_fd = -1;
	cpu->previous.fd = cpu->previous.wakeup_fd = -1;
}

void perf_source_renew(struct cpu *cpu, const struct raw_ring *ring)
{
	/* The kernel detaches the event of a CPU that goes offline for good. */
	cpu->previous = cpu->ring;
	cpu->ring = *ring;
	cpu->source.fd = ring->fd;
	cpu->replaced_ns = clock_ns();
}
