/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * queue.h - the accept queue: since when a connection waits in it, and whose
 * listener's it is
 *
 * Kprobes, or tracepoints, feed two maps, which the program `full` looks into.
 * A connection is in the first map from when it enters the queue until it is
 * accepted or dies, so that this holds what the queues hold.
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
	/* Of queue_open(). */
	const struct kernel *kernel;
	const struct rings *rings;
	bool verbose;
	/* Maps: struct accept_queued by sock; a listener by thread. */
	int connections;
	int acceptors;
	/* By tracepoints: then a connection that is reset while it waits is no
	 * longer followed.
	 */
	bool by_tracepoints;
	/* So many hooks are open. */
	int count;
	struct hook hooks[QUEUE_HOOKS];
	int programs[QUEUE_HOOKS];
};

/*
 * So many of the connections that wait at a time, and of the threads in
 * accept(), are known. When there are more, older ones are forgotten.
 */
#define QUEUE_CONNECTIONS 16384
#define QUEUE_ACCEPTORS 4096

/* Nothing is open yet. */
void queue_init(struct queue *queue);
/*
 * Open the hooks and see them work. kernel and rings outlive the queue;
 * verbose: say what cannot be seen. 0, or -errno with the reason; then no hook
 * is open.
 */
int queue_open(struct queue *queue, const struct kernel *kernel,
	       const struct rings *rings, bool verbose, struct reason *reason);
/* The maps stay. */
void queue_close(struct queue *queue);

#endif
