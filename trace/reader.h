/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reader.h - merges all sources of events, in order of time
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
#include "trace/looker.h"
#include "trace/perf.h"
#include "trace/ringbuf.h"
#include "trace/source.h"

/*
 * Where a task can be preempted in the program, as from Linux 7.2 on in that of
 * a system call's tracepoint (trace_call_bpf_faultable() in kernel/trace/
 * bpf_trace.c), an event can be on its way for as long as that task has to
 * wait. The others do not wait longer than this: the late one is shown once it
 * comes.
 */
#define READER_LATE_NS 100000000

/* How many accepts happened that no source holds, by cause. */
struct losses {
	/* The ring had no room. */
	uint64_t full;
	/* The CPU had no ring. */
	uint64_t other;
	/* Another thread closed the new descriptor at once. */
	uint64_t vanished;
	/* The kernel could not say whether the task is in the cgroup. */
	uint64_t cgroup;
	/* The kernel skipped the program; not all of these were accepts. */
	uint64_t skipped;
	/* The kernel had no room to follow the return of the function. */
	uint64_t missed;
	/* Without BPF, hits on a CPU that had come online; as `skipped`. */
	uint64_t untapped;
	/* Not a loss: connections that were seen to enter an accept queue. */
	uint64_t queued;
	/* Of these, by the rung cgroup: those that nobody was seen to accept;
	 * and events that came late. */
	uint64_t untaken;
	uint64_t late;
	/* By the rung poll: connections that were not seen, at least. */
	uint64_t unseen;
};

struct reader {
	/*
	 * Indexed by a CPU's number, as the slots of maps are: accept.h. NULL
	 * for a rung without perf rings.
	 */
	struct cpu *cpus;
	int count;
	/* Bytes of data in the ring of each CPU. */
	size_t ring_size;
	/*
	 * The CPUs' states, and the slots of spilled events: maps in memory.
	 * NULL before Linux 5.5, which cannot map them.
	 */
	struct accept_state *states;
	/* One for each CPU, or two: state_count in attach/rings.h. */
	int state_count;
	struct accept_event *spilled;
	/* Readable when CPUs come online; or -1. */
	int uevents;
	/* A CPU needs a ring, or its previous one is not read to its end. */
	bool needs_rings;
	/* No ring could be opened for a CPU that came online. */
	bool lacks_rings;
	/* There are no programs, and none of their maps. */
	bool without_bpf;
	/* The ring of a rung that has one for all CPUs. */
	struct ringbuf ringbuf;
	/* For the rung poll. */
	struct looker looker;
	/* The list of all sources. */
	struct source *sources;
	/* The source of the event that reader_next() returned last, or NULL. */
	struct source *shown;
	/* Events that found no ring (hotplug.h). */
	struct source spill;
	/* The CPU of the event in spill.event. */
	int spill_cpu;
	/*
	 * Later events may not be shown yet: older ones may still be on their
	 * way. CLOCK_MONOTONIC.
	 */
	uint64_t until_ns;
	/* Tracing is over: all that is left may be shown. */
	bool stopped;
	/* The keeper's last answers: counts that only it can look up. */
	struct keeper_counts counts;
	/* The keeper's socket (keeper_calls.h); or -1. */
	int keeper;
};

/*
 * Take from the tracer what reading its events needs: rings, maps in memory,
 * the descriptor of uevents. The tracer keeps its descriptors, but must not
 * read the rings. keeper: -1 if there is none. Dies if there is no memory.
 */
void reader_take(struct reader *reader, const struct tracer *tracer,
		 int keeper);

/*
 * Add a source to those that are merged. Of two events of the same time, the
 * one whose source was added last comes first.
 */
void reader_add(struct reader *reader, struct source *source);

/*
 * Note what the sources hold now, and up to which time they are complete.
 * Returns true if they hold any event, even one that may not be shown yet.
 */
bool reader_begin(struct reader *reader);

/*
 * Return the oldest event, or NULL if none may be shown yet. The event is valid
 * until the next call of the reader.
 */
const struct accept_event *reader_next(struct reader *reader);

/* Free the room of the events that were shown. */
void reader_end(struct reader *reader);

/*
 * Set whether events wake a process that polls the sources. A program that is
 * running just now may not see the change. Before Linux 5.5 events always do.
 */
void reader_wake(const struct reader *reader, bool wake);

/*
 * Ask the keeper what only it can look up: how many hits were skipped so far,
 * for reader_losses(), and counts.netstat.
 */
void reader_ask(struct reader *reader);

/*
 * Have the keeper stop tracing: what the next reader_begin() finds is the rest.
 * Returns 0, or -errno as described in keeper_calls.h.
 */
int reader_stop(struct reader *reader);

/*
 * Return what is lost so far. Counters that need a bpf(2) call, and events that
 * were sent but never arrived, are included only once reader_stop() was called
 * and all events were read.
 */
struct losses reader_losses(const struct reader *reader);

/* Return how many records made no sense. */
uint64_t reader_damaged(const struct reader *reader);

#endif
