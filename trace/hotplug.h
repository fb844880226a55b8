/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hotplug.h - CPUs that come and go: their rings, and events that found none
 */
#ifndef HOTPLUG_H
#define HOTPLUG_H

#include <stdbool.h>

struct reader;

/*
 * After reader_take(), where there is a keeper: have the reader merge
 * reader->spill, the events of CPUs that had no ring yet, which lie in slots of
 * a map. Before Linux 5.5 these are only looked at while reader->needs_rings.
 */
void cpus_open(struct reader *reader);

/*
 * CPUs that come online. Call cpus_hear() when reader->uevents is readable.
 * While it leaves reader->needs_rings set, call cpus_adopt(), which has the
 * keeper open rings for the CPUs that have come, and closes those that are read
 * to their end. True: it did something, or has yet to; call it again soon.
 */
void cpus_hear(struct reader *reader);
bool cpus_adopt(struct reader *reader);

#endif
