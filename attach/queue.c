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
	/* That of a kprobe, a tracepoint or a raw one. */
	enum bpf_prog_type type;
	/* Kprobes: the register of struct pt_regs that has the new sock. */
	enum machine_reg child;
	/* Only BL and DROPS need it. */
	bool for_listener;
	/* Some machines do not have it. */
	bool optional;
};

static const struct point kprobes[] = {
	/* The end comes first, so that no connection stays in the map. */
	{ .name = "tcp_v4_destroy_sock",
	  .program = PROGRAM_GONE,
	  .type = BPF_PROG_TYPE_KPROBE },
	{ .name = "inet_csk_accept",
	  .program = PROGRAM_ACCEPTOR,
	  .type = BPF_PROG_TYPE_KPROBE,
	  .for_listener = true },
	{ .name = "inet_csk_reqsk_queue_add",
	  .program = PROGRAM_QUEUED,
	  .type = BPF_PROG_TYPE_KPROBE,
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
	  .type = BPF_PROG_TYPE_KPROBE,
	  .child = MACHINE_ARG2 },
};

/*
 * Raw tracepoints, since 4.17, cost a fifth of a kprobe at each hit, and need
 * no search for a symbol. No compiler inlines them, so they need no proof. But
 * they do not know the listener: two more are to show that.
 */
static const struct point tracepoints[] = {
	{ .name = "tcp_destroy_sock",
	  .program = PROGRAM_GONE,
	  .type = BPF_PROG_TYPE_RAW_TRACEPOINT },
	{ .name = "inet_sock_set_state",
	  .program = PROGRAM_STATE,
	  .type = BPF_PROG_TYPE_RAW_TRACEPOINT },
	{ .name = "syscalls/sys_enter_accept4",
	  .program = PROGRAM_ENTERING,
	  .type = BPF_PROG_TYPE_TRACEPOINT,
	  .for_listener = true },
	{ .name = "syscalls/sys_enter_accept",
	  .program = PROGRAM_ENTERING,
	  .type = BPF_PROG_TYPE_TRACEPOINT,
	  .for_listener = true,
	  .optional = true },
};

/* Create the maps, unless they are open. 0, or -errno with the reason. */
static int open_maps(struct queue *queue, struct reason *reason)
{
	/* A CPU may keep 128 slots for itself (kernel/bpf/bpf_lru_list.c). */
	const int spare =
		128 * (queue->rings->count < 512 ? queue->rings->count : 512);

	if (queue->connections < 0)
		queue->connections =
			map_create_lru("accept_queue", sizeof(uint64_t),
				       sizeof(struct accept_queued),
				       QUEUE_CONNECTIONS + spare, reason);
	if (queue->connections < 0)
		return queue->connections;
	if (queue->has_listeners && queue->acceptors < 0)
		queue->acceptors = map_create_lru(
			"accept_threads", sizeof(uint32_t), sizeof(uint64_t),
			QUEUE_ACCEPTORS + spare, reason);
	return queue->has_listeners && queue->acceptors < 0 ? queue->acceptors :
							      0;
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

/* Open a hook that runs the program. Returns 0, or -errno with the reason. */
static int open_hook(struct queue *queue, const struct point *point,
		     struct hook *hook, int program, struct reason *reason)
{
	const int cpu = queue->rings->first;
	int error;

	if (point->type == BPF_PROG_TYPE_RAW_TRACEPOINT) {
		hook->event = raw_rawpoint_open(point->name, program);
		return hook->event < 0 ?
			       reason_set(reason, STEP_ATTACH, hook->event,
					  "cannot attach to %s", point->name) :
			       0;
	}
	if (point->type == BPF_PROG_TYPE_TRACEPOINT)
		error = hook_open_tracepoint(hook, point->name, cpu, reason);
	else
		error = hook_open_kprobe(hook, point->name,
					 queue->kernel->sysfs, cpu, reason);
	if (error)
		return error;
	error = raw_event_attach(hook->event, program);
	return error ? reason_set(reason, STEP_ATTACH, error,
				  "cannot attach to %s", point->name) :
		       0;
}

/* Load a point's program, open its hook. 0, or -errno with the reason. */
static int open_point(struct queue *queue, const struct point *point,
		      struct reason *reason)
{
	struct hook *hook = &queue->hooks[queue->count];
	struct symbols symbols;
	int error, program;

	make_symbols(&symbols, queue);
	program = program_load(point->type, point->program, &symbols,
			       point->child, NULL);
	if (program < 0)
		return reason_set(reason, STEP_LOAD, program,
				  "cannot load a BPF program for %s",
				  point->name);
	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	queue->programs[queue->count++] = program;
	error = open_hook(queue, point, hook, program, reason);
	return point->optional && error == -ENOENT ? 0 : error;
}

/* Open those that are needed. Returns 0, or -errno with the reason. */
static int open_points(struct queue *queue, const struct point *points,
		       size_t count, struct reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < count && !error; i++)
		if (queue->has_listeners || !points[i].for_listener)
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
	if (queue->has_listeners && queue->kernel->layout.no_files)
		return reason_set(reason, STEP_BTF, 0, "that needs BTF");
	queue->by_tracepoints = true;
	return open_points(queue, tracepoints, countof(tracepoints), reason);
}

void queue_init(struct queue *queue)
{
	memset(queue, 0, sizeof(*queue));
	queue->connections = queue->acceptors = -1;
}

int queue_open(struct queue *queue, const struct kernel *kernel,
	       const struct rings *rings, uint32_t fields, bool verbose,
	       struct reason *reason)
{
	struct reason second;
	int error;

	queue->kernel = kernel;
	queue->rings = rings;
	queue->has_listeners = fields & ACCEPT_FIELDS_LISTENER;
	queue->verbose = verbose;
	error = open_maps(queue, reason);
	if (error)
		return error;
	/* Kprobes have the listener in more cases. */
	if (!queue->has_listeners && !open_by_tracepoints(queue, &second))
		return 0;
	queue_close(queue);
	error = open_by_kprobes(queue, reason);
	if (!error)
		return 0;
	queue_close(queue);
	if (queue->has_listeners && !open_by_tracepoints(queue, &second))
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
	queue->by_tracepoints = false;
}
