/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hotplug.h - CPUs that come and go: their rings, and events without a ring
 */
#ifndef HOTPLUG_H
#define HOTPLUG_H

#include <stdbool.h>

struct reader;

/*
 * Add reader->spill to the reader's sources: the events of CPUs that had no
 * ring yet, which programs put into slots of a map. Call it after
 * reader_take(); it needs a keeper. Before Linux 5.5 the slots are read only
 * while reader->needs_rings is set.
 */
void cpus_open(struct reader *reader);

/*
 * Note which CPUs came online. Call it when reader->uevents is readable; it
 * sets reader->needs_rings.
 */
void cpus_hear(struct reader *reader);

/*
 * Have the keeper open rings for CPUs that came online, and close the previous
 * rings that are read to their end. Call it while reader->needs_rings is set.
 * Returns true if it did something, or is not done: call it again soon.
 */
bool cpus_adopt(struct reader *reader);

#endif
