/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * queue.h - the accept queues: since when a connection waits in one, and for
 * which listener
 *
 * Kprobes, or tracepoints, fill two maps, in which the program `full` looks. A
 * connection is in the first map from when it enters its queue until it is
 * accepted or dies, so that the map has what the queues have.
 */
#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/message.h"
#include "kernel/kernel.h"
#include "kernel/machine.h"
#include "attach/hook.h"
#include "attach/rings.h"

#define QUEUE_HOOKS 4

struct queue {
	/* From queue_open(). */
	const struct kernel *kernel;
	const struct rings *rings;
	/* The listeners are noted, too. */
	bool has_listeners;
	bool verbose;
	/* Maps. From a sock to its struct accept_queued. */
	int connections;
	/* From a thread in accept() to its listener. */
	int acceptors;
	/* The hooks are tracepoints. */
	bool by_tracepoints;
	/* How many hooks are open. */
	int count;
	struct hook hooks[QUEUE_HOOKS];
	int programs[QUEUE_HOOKS];
};

/*
 * The most waiting connections, and threads in accept(), that the maps hold. If
 * there are more, the oldest are forgotten (map_create_lru() in map.h).
 */
#define QUEUE_CONNECTIONS 16384
#define QUEUE_ACCEPTORS 4096

/* Start with nothing open. */
void queue_init(struct queue *queue);
/*
 * Create the maps, open the hooks, and see them work. kernel and rings must
 * outlive the queue. fields: some of ACCEPT_FIELDS_QUEUE; the listeners are
 * noted only if they are needed. verbose: say so if the hooks could not be
 * tested. Returns 0, or -errno with the reason; then no hook is open.
 */
int queue_open(struct queue *queue, const struct kernel *kernel,
	       const struct rings *rings, uint32_t fields, bool verbose,
	       struct reason *reason);
/* Close the hooks and programs; the maps stay open. */
void queue_close(struct queue *queue);

#endif
