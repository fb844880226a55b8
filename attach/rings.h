/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rings.h - a perf ring and a state for each CPU, in maps
 */
#ifndef RINGS_H
#define RINGS_H

#include "attach/probe.h"

/* Bytes of data of one ring. */
size_t ring_size(const struct tracer *tracer);

/*
 * A ring for each CPU that is online; then, with the map there, the rings as
 * the program finds them. 0, or -errno with the reason.
 */
int cpus_open(struct tracer *tracer, struct reason *reason);
int cpus_publish(const struct tracer *tracer, struct reason *reason);

/*
 * The maps: rings, which cpus_publish() fills; states, all asleep; spilled
 * events. The last two are memory, too, where the kernel can. 0, or -errno with
 * the reason.
 */
int maps_create(struct tracer *tracer, struct reason *reason);

/*
 * A map that tells a program its CPU: a word for each, at its own. A
 * descriptor, or -errno with the reason.
 */
int cpus_map(const struct tracer *tracer, struct reason *reason);

/*
 * By the keeper, whose memory no ring is: at its start; a ring for a CPU, to be
 * mapped by who reads it, a descriptor; then the map has it. Or -errno.
 */
void cpu_rings_keep(struct tracer *tracer);
int cpu_ring_open(struct tracer *tracer, uint64_t number);
int cpu_ring_publish(struct tracer *tracer, uint64_t number);

/* A counter of struct accept_state, by its offset, over all CPUs. */
uint64_t tracer_sum(const struct tracer *tracer, size_t counter);

/* At set-up: whether connections of our own are counted in `own`. */
void tracer_mark_proving(const struct tracer *tracer, bool proving);

/*
 * Whether events are to wake who polls the rings. Programs that run just now
 * may not know yet. Where the kernel cannot be told (before 5.5), they do.
 */
void tracer_wake(const struct tracer *tracer, bool wake);

#endif
