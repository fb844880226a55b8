// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * queue.c - the accept queues: since when a connection waits in one, and for
 * which listener
 */
#include <sys/socket.h>

#include "base/text.h"
#include "kernel/loopback.h"
#include "attach/map.h"
#include "attach/program.h"
#include "attach/queue.h"
#include "attach/rings.h"

/* A place to hook, and the program that runs there. */
struct point {
	/* A kernel symbol, or a tracepoint. */
	const char *name;
	enum program program;
	/* Kprobes: the register of struct pt_regs that has the new sock. */
	enum machine_reg child;
	bool tracepoint;
	/* Some machines do not have it. */
	bool optional;
};

static const struct point kprobes[] = {
	/* The end comes first, so that no connection stays in the map. */
	{ .name = "tcp_v4_destroy_sock", .program = PROGRAM_GONE },
	{ .name = "inet_csk_accept", .program = PROGRAM_ACCEPTOR },
	{ .name = "inet_csk_reqsk_queue_add",
	  .program = PROGRAM_QUEUED,
	  .child = MACHINE_ARG3 },
};

/*
 * Debian's kernels (6.1.192, 7.2.12, 7.3.4) have inet_csk_reqsk_queue_add()
 * inlined into this function, by which most connections come. Others (SYN
 * cookies, TCP Fast Open) still come by inet_csk_reqsk_queue_add() itself.
 */
static const struct point inlined[] = {
	{ .name = "inet_csk_complete_hashdance",
	  .program = PROGRAM_QUEUED,
	  .child = MACHINE_ARG2 },
};

/* For kernels without kprobes. */
static const struct point tracepoints[] = {
	{ .name = "sock/inet_sock_set_state",
	  .program = PROGRAM_STATE,
	  .tracepoint = true },
	{ .name = "syscalls/sys_enter_accept4",
	  .program = PROGRAM_ENTERING,
	  .tracepoint = true },
	{ .name = "syscalls/sys_enter_accept",
	  .program = PROGRAM_ENTERING,
	  .tracepoint = true,
	  .optional = true },
};

static int open_maps(struct queue *queue, struct reason *reason)
{
	/* A CPU may keep 128 slots for itself (kernel/bpf/bpf_lru_list.c). */
	const int spare =
		128 * (queue->rings->count < 512 ? queue->rings->count : 512);

	queue->connections = map_create_lru("accept_queue", sizeof(uint64_t),
					    sizeof(struct accept_queued),
					    QUEUE_CONNECTIONS + spare, reason);
	if (queue->connections < 0)
		return queue->connections;
	queue->acceptors = map_create_lru("accept_threads", sizeof(uint32_t),
					  sizeof(uint64_t),
					  QUEUE_ACCEPTORS + spare, reason);
	return queue->acceptors < 0 ? queue->acceptors : 0;
}

static int open_hook(struct queue *queue, const struct point *point,
		     struct hook *hook, struct reason *reason)
{
	if (point->tracepoint)
		return hook_open_tracepoint(hook, point->name,
					    queue->rings->first, reason);
	return hook_open_kprobe(hook, point->name, queue->kernel->sysfs,
				queue->rings->first, reason);
}

static void make_symbols(struct symbols *symbols, const struct queue *queue)
{
	memset(symbols, 0, sizeof(*symbols));
	symbols_set_layout(symbols, &queue->kernel->layout);
	rings_set_symbols(queue->rings, symbols);
	symbols_set_map(symbols, SYM_STATES, queue->rings->states);
	symbols_set_map(symbols, SYM_QUEUE, queue->connections);
	symbols_set_map(symbols, SYM_ACCEPTORS, queue->acceptors);
}

/* Open a hook, load its program, attach it. 0, or -errno with the reason. */
static int open_point(struct queue *queue, const struct point *point,
		      struct reason *reason)
{
	struct hook *hook = &queue->hooks[queue->count];
	struct symbols symbols;
	int error, program;

	error = open_hook(queue, point, hook, reason);
	if (error)
		return point->optional && error == -ENOENT ? 0 : error;
	make_symbols(&symbols, queue);
	program = program_load(point->tracepoint ? BPF_PROG_TYPE_TRACEPOINT :
						   BPF_PROG_TYPE_KPROBE,
			       point->program, &symbols, point->child, NULL);
	queue->programs[queue->count++] = program;
	if (program < 0)
		return reason_set(reason, STEP_LOAD, program,
				  "cannot load a BPF program for %s",
				  point->name);
	error = raw_event_attach(hook->event, program);
	return error ? reason_set(reason, STEP_ATTACH, error,
				  "cannot attach to %s", point->name) :
		       0;
}

static int open_points(struct queue *queue, const struct point *points,
		       size_t count, struct reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		error = open_point(queue, &points[i], reason);
	return error;
}

static uint64_t sum_queued(const struct queue *queue)
{
	return rings_sum(queue->rings, offsetof(struct accept_state, queued));
}

static uint64_t sum_own(const struct queue *queue)
{
	return rings_sum(queue->rings, offsetof(struct accept_state, own));
}

static void ignore(void *argument, struct test_connection *sample)
{
	(void)argument;
	(void)sample;
}

/* What a test connection showed about the hooks. */
enum proof {
	/* It was seen as it entered its queue. */
	PROOF_FIRES,
	/* Neither it nor any other connection was seen. */
	PROOF_DEAD,
	/* It was not made, or only others were seen. */
	PROOF_NONE,
};

/*
 * See whether the hooks fire, as the compiler may have inlined a function into
 * its callers. Connections of other processes prove nothing: they may come
 * another way (SYN cookies, TCP Fast Open).
 */
static enum proof queue_prove(const struct queue *queue)
{
	struct test_connection samples[] = { { .family = AF_INET },
					     { .family = AF_INET } };
	struct loopback loopback = {
		.samples = samples,
		.count = countof(samples),
		.comm = "tcpaccept",
		.accepted = ignore,
	};
	const uint64_t all = sum_queued(queue), own = sum_own(queue);
	int made;

	rings_mark_proving(queue->rings, true);
	made = loopback_run(&loopback);
	rings_mark_proving(queue->rings, false);
	if (sum_own(queue) != own)
		return PROOF_FIRES;
	if (made < 0 && queue->verbose)
		say("cannot test the hooks of accept queues, as no test "
		    "connection could be made: %s",
		    strerror(-made));
	return made < 0 || sum_queued(queue) != all ? PROOF_NONE : PROOF_DEAD;
}

static int open_by_kprobes(struct queue *queue, struct reason *reason)
{
	struct reason second;
	enum proof proof;
	int error;

	error = open_points(queue, kprobes, countof(kprobes), reason);
	if (error)
		return error;
	proof = queue_prove(queue);
	if (proof == PROOF_FIRES)
		return 0;
	/*
	 * A connection that comes by both is noted twice within nanoseconds,
	 * which does no harm.
	 */
	error = open_points(queue, inlined, countof(inlined), &second);
	if (error && proof == PROOF_NONE)
		return 0;
	if (!error && queue_prove(queue) != PROOF_DEAD)
		return 0;
	return reason_silent(reason);
}

static int open_by_tracepoints(struct queue *queue, struct reason *reason)
{
	int error;

	if (queue->kernel->layout.no_files)
		return reason_set(reason, STEP_BTF, 0, "that needs BTF");
	error = open_points(queue, tracepoints, countof(tracepoints), reason);
	if (error)
		return error;
	queue->by_tracepoints = true;
	return queue_prove(queue) == PROOF_DEAD ? reason_silent(reason) : 0;
}

void queue_init(struct queue *queue)
{
	memset(queue, 0, sizeof(*queue));
	queue->connections = queue->acceptors = -1;
}

int queue_open(struct queue *queue, const struct kernel *kernel,
	       const struct rings *rings, bool verbose, struct reason *reason)
{
	struct reason second;
	int error;

	queue->kernel = kernel;
	queue->rings = rings;
	queue->verbose = verbose;
	error = open_maps(queue, reason);
	if (error)
		return error;
	error = open_by_kprobes(queue, reason);
	if (!error)
		return 0;
	queue_close(queue);
	if (!open_by_tracepoints(queue, &second))
		return 0;
	queue_close(queue);
	return error;
}

void queue_close(struct queue *queue)
{
	for (int i = 0; i < queue->count; i++) {
		hook_close(&queue->hooks[i]);
		if (queue->programs[i] >= 0)
			close(queue->programs[i]);
	}
	queue->count = 0;
}
