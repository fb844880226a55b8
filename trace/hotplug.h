/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hotplug.h - CPUs that come and go: their rings, and events that found none
 */
#ifndef HOTPLUG_H
#define HOTPLUG_H

#include "attach/tracer.h"

/*
 * CPUs that come online. tracer->rings.uevents is readable when there may be
 * news; cpus_hear() takes them. Then, and while tracer->rings.came,
 * cpus_adopt() every so often gives rings to the CPUs that have come and closes
 * those that are read: true if it did something, or has yet to.
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
