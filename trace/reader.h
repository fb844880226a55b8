/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reader.h - all sources of events as one, in order of time
 *
 *	reader_take()			once, from the tracer
 *	while (...) {
 *		reader_begin()		note what there is now
 *		reader_next() ...	the oldest event that may be shown
 *		reader_end()		give the room back
 *	}
 *	reader_stop()			then once more from reader_begin() on
 *	reader_losses()
 */
#ifndef READER_H
#define READER_H

#include "attach/tracer.h"
#include "trace/keeper_calls.h"
#include "trace/perf.h"
#include "trace/source.h"

/* Accepts that the hook met and no source holds. */
struct losses {
	/* For want of room. */
	uint64_t full;
	/* For want of a ring. */
	uint64_t other;
	/* System calls whose descriptor another thread closed at once. */
	uint64_t vanished;
	/* The kernel would not say whether their task is of the cgroup. */
	uint64_t cgroup;
	/* Hits, not all of them accepts, that the kernel kept from us. */
	uint64_t skipped;
	/* Returns that the kernel did not follow. */
	uint64_t missed;
	/* No loss: connections that were seen to enter an accept queue. */
	uint64_t queued;
};

struct reader {
	/* CPUs by number, which also says what slots of the maps are theirs:
	 * accept.h.
	 */
	struct cpu *cpus;
	int count;
	/* Bytes of data in each of their rings. */
	size_t ring_size;
	/* Their states, and the slots of spilled events, as memory; NULL where
	 * the kernel cannot (before 5.5).
	 */
	struct accept_state *states;
	struct accept_event *spilled;
	/* Readable when CPUs come online; or -1. */
	int uevents;
	/* A CPU needs a ring, or has yet to finish with its previous one. */
	bool needs_rings;
	/* A CPU that came could not be given a ring. */
	bool lacks_rings;
	/* All sources; the one whose event reader_next() returned last, or
	 * NULL.
	 */
	struct source *sources;
	struct source *shown;
	/* Events that found no ring (hotplug.h), and whose CPU's the one in
	 * spill.event is.
	 */
	struct source spill;
	int spill_cpu;
	/* Later events may not be shown yet: others may be on their way that
	 * are older. CLOCK_MONOTONIC.
	 */
	uint64_t until_ns;
	/* Tracing is over: all that is left may be shown. */
	bool stopped;
	/* What only the keeper can look up, as it was last asked. */
	struct keeper_counts counts;
	/* The keeper's socket (keeper_calls.h); or -1. */
	int keeper;
};

/*
 * Take from the tracer what is needed to read its events: rings, the memory of
 * maps, the descriptor of uevents. The tracer keeps its descriptors, but is not
 * to read. keeper: -1 if there is none. Dies if there is no memory.
 */
void reader_take(struct reader *reader, const struct tracer *tracer,
		 int keeper);

/*
 * Have it merge one more source. Of two events of the same time that of the
 * source which was added last comes first.
 */
void reader_add(struct reader *reader, struct source *source);

/*
 * Note what the sources hold now, and up to which time they are complete. True
 * if there is anything, also if it may not be shown yet.
 */
bool reader_begin(struct reader *reader);

/*
 * The oldest event, or NULL if there is none that may be shown yet. It is valid
 * until the next call of the reader.
 */
const struct accept_event *reader_next(struct reader *reader);

/* Give back the room of what was shown. */
void reader_end(struct reader *reader);

/*
 * Whether events wake who polls the sources. A program that runs just now may
 * not see the change. Before Linux 5.5 it cannot be changed, and they do.
 */
void reader_wake(const struct reader *reader, bool wake);

/* Ask the keeper what was skipped so far, for reader_losses(). */
void reader_ask_skipped(struct reader *reader);

/*
 * Have the keeper stop tracing: what reader_begin() then finds is the rest. 0,
 * or -errno as keeper_calls.h has it.
 */
int reader_stop(struct reader *reader);

/*
 * What is lost so far. What needs a bpf(2) call, and what was sent and never
 * arrived, is in it only after reader_stop() and once all was read.
 */
struct losses reader_losses(const struct reader *reader);

/* How many records made no sense. */
uint64_t reader_damaged(const struct reader *reader);

#endif
