// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung_return.c - csk-return: a kretprobe that has the new socket as a return
 * value
 */
#include "kernel/tasks.h"
#include "attach/map.h"
#include "attach/rung.h"
#include "attach/selftest.h"
#include "attach/tracer.h"

/*
 * Before 5.17 the kernel does not count the returns that it could not follow: a
 * kprobe at the start of calls does. Returns 0, or -errno with the reason.
 */
static int open_entry(struct probe *probe, const struct rung *rung,
		      struct reason *reason)
{
	const uint32_t nobody = ACCEPT_NOBODY, none = 0;
	struct call_entry *entry = &probe->entry;
	const char *point = rung->points[0];
	int error;

	if (hook_counts_missed(&probe->hooks[0]))
		return 0;
	error = hook_open_kprobe(&entry->hook, point, probe->kernel->sysfs,
				 probe->rings->first, reason);
	if (error)
		return error;
	/* A map that forgets nothing. */
	entry->threads =
		map_create("accept_calls", BPF_MAP_TYPE_HASH, sizeof(uint32_t),
			   sizeof(uint32_t), ENTRY_THREADS, 0, reason);
	if (entry->threads < 0)
		return entry->threads;
	error = raw_map_put(entry->threads, &nobody, &none);
	if (error)
		return reason_set(reason, STEP_MAP, error,
				  "cannot set a slot of a BPF map");
	return entry_load(probe, rung, PROGRAM_ENTERED, point, reason);
}

static int return_open(struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	struct probe *probe = &tracer->probe;
	int error = hooks_open(probe, rung, reason);

	if (error)
		return error;
	/* With few instances, other threads may hold them all: no test then. */
	if (tracer->kernel.layout.built_in)
		error = selftest_layout(probe, rung, reason);
	else if (probe->hooks[0].many)
		error = selftest_tcp(probe, rung, reason);
	if (error)
		return error;
	/* Calls that begin from now on are followed. */
	probe->waiting = tasks_in_accept(tracer->request.pid);
	error = open_entry(probe, rung, reason);
	return error ? error : rung_run(tracer, rung, reason);
}

static void return_say(const struct probe *probe)
{
	int waiting = probe->host_pids ? -1 : probe->waiting;

	if (waiting > 0)
		say("note: threads that already wait in accept(): %d; the next "
		    "accept of each is missed",
		    waiting);
	if (waiting < 0)
		say("note: the next accept of threads that already wait in "
		    "accept() is missed");
	if (!probe->hooks[0].many)
		say("note: %s cannot follow many calls at a time: of more "
		    "threads in accept() than there are CPUs (with "
		    "CONFIG_PREEMPT: than ten), most accepts are missed; about "
		    "how many is reported at the end",
		    probe->rung->description);
}

/* How many of the threads in a call may have returned without being seen. */
static uint64_t count_doubtful(int threads)
{
	uint32_t thread = UINT32_MAX, value;
	uint64_t count = 0;

	for (int i = 0; i < ENTRY_THREADS; i++) {
		if (raw_map_next(threads, &thread, &thread))
			break;
		count += thread != ACCEPT_NOBODY &&
			 !raw_map_get(threads, thread, &value) &&
			 value == ACCEPT_DOUBTFUL;
	}
	return count;
}

static struct unseen return_stop(struct probe *probe)
{
	const size_t unfollowed = offsetof(struct accept_state, unfollowed);
	struct unseen unseen = hooks_stop(probe);
	const uint64_t missed = probe->hooks[0].missed;

	/* What this hook misses are returns, not hits that were skipped. */
	unseen.skipped -= missed;
	if (probe->entry.threads >= 0)
		unseen.missed = rings_sum(probe->rings, unfollowed) +
				count_doubtful(probe->entry.threads);
	if (unseen.missed < missed)
		unseen.missed = missed;
	return unseen;
}

const struct rung rung_csk_return = {
	.name = "csk-return",
	.description = "kretprobe inet_csk_accept",
	.possible = kprobe_possible,
	.open = return_open,
	.say = return_say,
	.stop = return_stop,
	.kind = HOOK_KRETPROBE,
	.points = { "inet_csk_accept" },
	.sock = MACHINE_RETVAL,
};
