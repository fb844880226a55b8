// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * queue.c - the accept queue: since when a connection waits in it, and whose
 * listener's it is
 */
#include <sys/socket.h>

#include "loopback.h"
#include "map.h"
#include "probe.h"
#include "program.h"
#include "queue.h"

static const struct {
	const char *symbol;
	const char *section;
	/* Where struct pt_regs has the child. */
	int child;
} points[QUEUE_HOOKS] = {
	/* The end first: no connection is to stay for want of it. */
	{ "tcp_v4_destroy_sock", "gone", 0 },
	{ "inet_csk_accept", "accepting", 0 },
	{ "inet_csk_reqsk_queue_add", "queued", RAW_REGS_ARG3 },
	/*
	 * 7.3 as Debian builds it has that in here, where most come from. The
	 * others (SYN cookies, TCP Fast Open) go through it as ever.
	 */
	{ "inet_csk_complete_hashdance", "queued", RAW_REGS_ARG2 },
};

/* The last one only if it must be. */
#define POINTS_USUAL (QUEUE_HOOKS - 1)

/*
 * Since 4.10 a map can forget its oldest by itself. What is in it longest here
 * is what the kernel kept from us that it is gone.
 */
static int open_forgetful(uint32_t key_size, uint32_t value_size,
			  uint32_t entries, struct reason *reason)
{
	int map = map_create(BPF_MAP_TYPE_LRU_HASH, key_size, value_size,
			     entries, 0, reason);

	if (map == -EINVAL)
		map = map_create(BPF_MAP_TYPE_HASH, key_size, value_size,
				 entries, 0, reason);
	return map;
}

static int open_maps(struct queue *queue, struct reason *reason)
{
	queue->connections =
		open_forgetful(sizeof(uint64_t), sizeof(struct accept_queued),
			       QUEUE_CONNECTIONS, reason);
	if (queue->connections < 0)
		return queue->connections;
	queue->acceptors = open_forgetful(sizeof(uint32_t), sizeof(uint64_t),
					  QUEUE_ACCEPTORS, reason);
	return queue->acceptors < 0 ? queue->acceptors : 0;
}

static int open_point(struct tracer *tracer, int i, struct reason *reason)
{
	struct queue *queue = &tracer->queue;
	struct symbols symbols;
	int error;

	error = hook_open_kprobe(&queue->hooks[i], points[i].symbol,
				 tracer->sysfs, tracer->first_cpu, reason);
	if (error)
		return error;
	memset(&symbols, 0, sizeof(symbols));
	symbols_add_map(&symbols, "states", tracer->states);
	symbols_add_map(&symbols, "queue", queue->connections);
	symbols_add_map(&symbols, "acceptors", queue->acceptors);
	queue->programs[i] =
		program_load(BPF_PROG_TYPE_KPROBE, points[i].section, &symbols,
			     points[i].child, NULL);
	if (queue->programs[i] < 0)
		return refuse(reason, STEP_LOAD, queue->programs[i],
			      "cannot load a BPF program for the accept queue");
	error = raw_event_attach(queue->hooks[i].event, queue->programs[i]);
	return error ? refuse(reason, STEP_ATTACH, error, "cannot attach to %s",
			      points[i].symbol) :
		       0;
}

static uint64_t sum_queued(const struct tracer *tracer)
{
	struct accept_state state;
	uint64_t sum = 0;

	for (int i = 0; i < tracer->cpu_count; i++)
		if (!raw_map_get(tracer->states, i, &state))
			sum += state.queued;
	return sum;
}

static void ignore(void *argument, struct sample *sample)
{
	(void)argument;
	(void)sample;
}

/* The compiler may have put a function into its callers: look at it work. */
static bool queue_fires(const struct tracer *tracer)
{
	struct sample samples[] = { { .family = AF_INET },
				    { .family = AF_INET } };
	struct loopback loopback = {
		.samples = samples,
		.count = 2,
		.comm = "tcpaccept",
		.accepted = ignore,
	};
	uint64_t before = sum_queued(tracer);

	return loopback_run(&loopback) < 0 || sum_queued(tracer) != before;
}

void queue_init(struct queue *queue)
{
	queue->connections = queue->acceptors = -1;
	for (int i = 0; i < QUEUE_HOOKS; i++)
		queue->hooks[i].event = queue->programs[i] = -1;
}

int queue_open(struct tracer *tracer, struct reason *reason)
{
	struct queue *queue = &tracer->queue;
	int error;

	if (hook_ftrace_is_off())
		return refuse_dead(reason);
	error = open_maps(queue, reason);
	for (int i = 0; i < POINTS_USUAL && !error; i++)
		error = open_point(tracer, i, reason);
	if (!error && !queue_fires(tracer)) {
		error = open_point(tracer, POINTS_USUAL, reason);
		if (!error && !queue_fires(tracer))
			error = refuse_dead(reason);
	}
	if (error)
		queue_close(queue);
	return error;
}

void queue_close(struct queue *queue)
{
	for (int i = 0; i < QUEUE_HOOKS; i++) {
		hook_close(&queue->hooks[i]);
		if (queue->programs[i] >= 0)
			close(queue->programs[i]);
		queue->programs[i] = -1;
	}
}
