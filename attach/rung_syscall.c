// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung_syscall.c - syscall: tracepoints at the exit of accept(2), accept4(2)
 */
#include "base/text.h"
#include "attach/map.h"
#include "attach/rung.h"
#include "attach/selftest.h"
#include "attach/tracer.h"

static int syscall_possible(const struct tracer *tracer,
			    const struct rung *rung, struct reason *reason)
{
	(void)rung;
	if (!tracer->kernel.layout.no_files)
		return 0;
	return reason_set(reason, STEP_BTF, 0, "%s",
			  tracer->rings.cpu_map >= 0 ?
				  "it needs the BPF JIT "
				  "(net.core.bpf_jit_enable), to find a "
				  "descriptor's socket" :
				  "it needs BTF, to find a descriptor's "
				  "socket");
}

/*
 * The exit of a socketcall(2) does not show what was called: note its start.
 * Not every machine has one. Returns 0, or -errno with the reason.
 */
static int open_socketcall(struct probe *probe, const struct rung *rung,
			   struct reason *reason)
{
	static const char point[] = "syscalls/sys_enter_socketcall";
	struct call_entry *entry = &probe->entry;
	int error = hook_open_tracepoint(&entry->hook, point,
					 probe->rings->first, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	entry->threads =
		map_create_lru("accept_calls", sizeof(uint32_t),
			       sizeof(uint32_t), ENTRY_THREADS, reason);
	if (entry->threads < 0)
		return entry->threads;
	return entry_load(probe, rung, PROGRAM_CALLING, point, reason);
}

/*
 * Where a task can be preempted in the program, the kernel skips the program
 * for other tasks on that CPU meanwhile (bpf_prog_run_array_sleepable() in
 * include/linux/bpf.h, 7.2). So there is a copy that is attached before it, and
 * one of the two sees almost all accepts. What both miss, the second counts.
 * Few threads have a note at a time; where there is no memory for one, the
 * second does the work.
 */
static int open_twin(struct tracer *tracer, const struct rung *rung,
		     struct reason *reason)
{
	struct probe *probe = &tracer->probe;
	struct twin *twin = &probe->twin;
	int error;

	if (tracer->rings.state_count == tracer->rings.count)
		return 0;
	twin->seen = map_create("accept_twins", BPF_MAP_TYPE_HASH,
				sizeof(uint32_t), sizeof(uint64_t),
				ENTRY_THREADS, BPF_F_NO_PREALLOC, reason);
	if (twin->seen < 0)
		return twin->seen;
	twin->loads = ACCEPT_TWIN_FIRST;
	twin->program = rung_load(tracer, rung, PROGRAM_FULL,
				  BPF_PROG_TYPE_TRACEPOINT, 0, reason);
	if (twin->program < 0)
		return twin->program;
	error = hooks_attach(probe, rung, twin->program, reason);
	if (error)
		return error;
	twin->loads = ACCEPT_TWIN_SECOND;
	memcpy(twin->hooks, probe->hooks, sizeof(twin->hooks));
	for (size_t i = 0; i < countof(probe->hooks); i++)
		probe->hooks[i].event = -1;
	return hooks_open(probe, rung, reason);
}

static int syscall_open(struct tracer *tracer, const struct rung *rung,
			struct reason *reason)
{
	int error = hooks_open(&tracer->probe, rung, reason);

	if (error)
		return error;
	error = open_socketcall(&tracer->probe, rung, reason);
	if (!error)
		error = open_twin(tracer, rung, reason);
	return error ? error : rung_run(tracer, rung, reason);
}

/* A call whose start was skipped is not known to be an accept. */
static struct unseen syscall_stop(struct probe *probe)
{
	const uint64_t starts =
		probe->entry.program >= 0 ?
			raw_program_missed(probe->entry.program) :
			0;
	struct unseen unseen = hooks_stop(probe);

	unseen.skipped += starts;
	return unseen;
}

static void syscall_say(const struct probe *probe)
{
	if (probe->entry.threads >= 0)
		say("note: the next accept of threads that already wait in "
		    "socketcall(2) is missed");
}

const struct rung rung_syscall = {
	.name = "syscall",
	.description = "tracepoints sys_exit_accept, sys_exit_accept4",
	.limits = "accepts by io_uring, by the kernel itself, and by 32-bit "
		  "programs on a 64-bit kernel",
	.possible = syscall_possible,
	.open = syscall_open,
	.say = syscall_say,
	.stop = syscall_stop,
	.kind = HOOK_TRACEPOINT,
	.points = { "syscalls/sys_exit_accept4", "syscalls/sys_exit_accept",
		    "syscalls/sys_exit_socketcall" },
	.sees_unix_accepts = true,
};
