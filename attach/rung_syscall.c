// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung_syscall.c - syscall: tracepoints at the exit of accept(2), accept4(2)
 */
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

static int syscall_open(struct tracer *tracer, const struct rung *rung,
			struct reason *reason)
{
	int error = hooks_open(&tracer->probe, rung, reason);

	if (error)
		return error;
	error = open_socketcall(&tracer->probe, rung, reason);
	return error ? error : rung_run(tracer, rung, reason);
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
	.stop = hooks_stop,
	.kind = HOOK_TRACEPOINT,
	.points = { "syscalls/sys_exit_accept4", "syscalls/sys_exit_accept",
		    "syscalls/sys_exit_socketcall" },
	.sees_unix_accepts = true,
};
