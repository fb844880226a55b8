/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * cpus.h - the CPUs' perf rings, and CPUs that come and go
 */
#ifndef CPUS_H
#define CPUS_H

#include "attach/probe.h"

/*
 * A ring for each CPU that is online; then, with the map there, the rings as
 * the program finds them. 0, or -errno with the reason.
 */
int cpus_open(struct tracer *tracer, struct reason *reason);
int cpus_publish(const struct tracer *tracer, struct reason *reason);

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

/*
 * CPUs that come online. tracer->uevents is readable when there may be news;
 * cpus_hear() takes them. Then, and while tracer->came, cpus_adopt() every so
 * often gives rings to the CPUs that have come and closes those that are read:
 * true if it did something, or has yet to.
 */
void cpus_hear(struct tracer *tracer);
bool cpus_adopt(struct tracer *tracer);

/*
 * The oldest event that found no ring, which its CPU had not yet: true if there
 * is one. cpus_take() has the next one come up.
 */
bool cpus_spilled(struct tracer *tracer, struct accept_event *event,
		  int *number);
void cpus_take(struct tracer *tracer, int number);

#endif
