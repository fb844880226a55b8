// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung.c - the ways to see accepts, and to take one of them
 *
 * Sections: rungs, program, try.
 */
#include "base/file.h"
#include "base/fs.h"
#include "base/text.h"
#include "kernel/machine.h"
#include "kernel/tasks.h"
#include "kernel/version.h"
#include "attach/probe.h"
#include "attach/program.h"
#include "attach/rung.h"
#include "attach/selftest.h"

/* ------------------------------------------------------------------------
 * Rungs
 */

const struct rung rungs[RUNG_COUNT] = {
	{
		.name = "graft",
		.description = "kprobe security_sock_graft",
		.kind = HOOK_KPROBE,
		.sock = MACHINE_ARG1,
		.meets_unix = true,
		.points = { "security_sock_graft" },
	},
	{
		.name = "inet-accept",
		.description = "kprobe __inet_accept",
		.kind = HOOK_KPROBE,
		.sock = MACHINE_ARG3,
		.points = { "__inet_accept" },
	},
	{
		.name = "csk-return",
		.description = "kretprobe inet_csk_accept",
		.kind = HOOK_KRETPROBE,
		.sock = MACHINE_RETVAL,
		.points = { "inet_csk_accept" },
	},
	{
		.name = "syscall",
		.description = "tracepoints sys_exit_accept, sys_exit_accept4",
		.kind = HOOK_TRACEPOINT,
		.points = { "syscalls/sys_exit_accept4",
			    "syscalls/sys_exit_accept",
			    "syscalls/sys_exit_socketcall" },
		.meets_unix = true,
		.limits = "accepts by io_uring, by the kernel itself, and by "
			  "32-bit programs on a 64-bit kernel",
	},
};

/* ------------------------------------------------------------------------
 * Program
 */

/* A filter's map; where it is not asked, any will do. */
static void set_map(struct symbols *symbols, const struct tracer *tracer,
		    enum symbol symbol, int map)
{
	symbols_set_map(symbols, symbol, map >= 0 ? map : tracer->rings.states);
}

_Static_assert(SYM_PROT_6 - SYM_PROT_1 == PROT_MAX - 1,
	       "so they can be counted");

/* What only the program `more` knows. */
static void set_more(struct symbols *symbols, const struct tracer *tracer,
		     const struct rung *rung)
{
	const struct filter_maps *maps = &tracer->filter_maps;
	const struct layout *layout = &tracer->kernel.layout;

	symbols_set(symbols, SYM_ASKED, tracer->asked);
	symbols_set(symbols, SYM_BY_SYSCALL, rung->kind == HOOK_TRACEPOINT);
	symbols_set(symbols, SYM_SOCKETCALL, MACHINE_SOCKETCALL);
	symbols_set(symbols, SYM_SK_BACKLOG_BITS, layout->backlog_bits);
	set_map(symbols, tracer, SYM_CHOSEN, maps->chosen);
	set_map(symbols, tracer, SYM_NETWORKS, maps->networks);
	set_map(symbols, tracer, SYM_CGROUPS, maps->cgroups);
	set_map(symbols, tracer, SYM_CGROUP_MAP, maps->cgroup_map);
	set_map(symbols, tracer, SYM_MNTNS_MAP, maps->mntns_map);
	set_map(symbols, tracer, SYM_QUEUE, tracer->queue.connections);
	set_map(symbols, tracer, SYM_ACCEPTORS, tracer->queue.acceptors);
}

static void set_all(struct symbols *symbols, const struct tracer *tracer,
		    const struct rung *rung, bool own_pids)
{
	const struct layout *layout = &tracer->kernel.layout;

	memset(symbols, 0, sizeof(*symbols));
	symbols->pidns_helper = own_pids;
	symbols_set_layout(symbols, layout);
	rings_set_symbols(&tracer->rings, symbols);
	symbols_set(symbols, SYM_SK_PROTOCOL_BITS, layout->protocol_bits);
	/* The first stands for those that are not there. */
	for (int i = 0; i < PROT_MAX; i++)
		symbols_set(symbols, SYM_PROT_1 + i,
			    layout->prots[i < layout->prot_count ? i : 0]);
	symbols_set(symbols, SYM_FILTER_PID, tracer->request.pid);
	symbols_set(symbols, SYM_PIDNS_DEVICE, tracer->kernel.pidns_device);
	symbols_set(symbols, SYM_PIDNS_INODE,
		    own_pids ? tracer->kernel.pidns_inode : 0);
	symbols_set_map(symbols, SYM_RINGS, tracer->rings.map);
	symbols_set_map(symbols, SYM_STATES, tracer->rings.states);
	symbols_set_map(symbols, SYM_SPILL, tracer->rings.spill);
	symbols_set(symbols, SYM_BY_RETURN,
		    rung->kind == HOOK_KRETPROBE && tracer->calls >= 0);
	set_map(symbols, tracer, SYM_CALLS, tracer->calls);
	set_more(symbols, tracer, rung);
}

/* tracer->program, or -errno with the reason. */
static int tracer_load(struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	bool more = tracer->asked || rung->kind == HOOK_TRACEPOINT;
	const enum program program = more ? PROGRAM_MORE : PROGRAM_KPROBE;
	bool own_pids = tracer->kernel.pidns_inode;
	struct raw_log log = { 0 };
	struct symbols symbols;
	bool silent;

	set_all(&symbols, tracer, rung, own_pids);
	tracer->program = program_load(rung_type(rung), program, &symbols,
				       rung->sock, &log);
	if (tracer->program == -EINVAL && own_pids) {
		/* Before 5.7 there is no helper for it. */
		set_all(&symbols, tracer, rung, false);
		tracer->program = program_load(rung_type(rung), program,
					       &symbols, rung->sock, &log);
		own_pids = false;
	}
	tracer->host_pids = tracer->kernel.pidns_inode && !own_pids;
	if (tracer->program < 0 && log.text && tracer->request.verbose)
		say_log(log.text);
	silent = !log.text || !log.text[0];
	raw_log_free(&log);
	if (tracer->program == -EINVAL && silent)
		return refuse_kernel(reason, "this kernel has no BPF for",
				     rung->description);
	if (tracer->program < 0)
		return refuse(reason, STEP_LOAD, tracer->program,
			      "cannot load the BPF program");
	return 0;
}

/* ------------------------------------------------------------------------
 * Try
 */

/*
 * Why this kernel may panic of a BPF program there, or NULL. Whoever asks for
 * the rung by --probe gets it all the same.
 *
 * mips 6.1 ("Break instruction in kernel code") and ppc64le 7.2.12 ("Kernel
 * stack is corrupted") were seen to die in QEMU. Where ftrace does not place
 * probes at a function's start, these are optimized, and 4.19.15
 * to 4.19.36, 4.20 and 5.0.0 to 5.0.9 free what is in use if that is done again
 * soon (reuse_unused_kprobe(); tracefs.c, which waits, but the kprobe PMU has
 * no lock that others could heed).
 */
static const char *panics(const struct tracer *tracer, const struct rung *rung)
{
	const uint32_t version = kernel_version();
	const char *why = NULL;

	if (rung->kind == HOOK_TRACEPOINT || tracer->request.only == rung)
		return NULL;
#if defined(__mips__)
	if (!rung->meets_unix)
		why = "Linux on mips was seen to panic of it";
#elif defined(__powerpc__)
	if (version >= version_parse("7.2"))
		why = "Linux 7.2 on ppc64le was seen to panic of it";
#else
	char text[8];

	if ((version >= version_parse("4.19.15") &&
	     version <= version_parse("4.19.36")) ||
	    (version >= version_parse("4.20") &&
	     version <= version_parse("5.0.9"))) {
		fs_read(FS_PROC, "sys/debug/kprobes-optimization", text,
			sizeof(text));
		if (text[0] == '1' &&
		    fs_read(FS_PROC, "sys/kernel/ftrace_enabled", text,
			    sizeof(text)) < 0)
			why = "this kernel may panic of it (mended in 4.19.37 "
			      "and 5.0.10), but not with "
			      "/proc/sys/debug/kprobes-optimization at 0";
	}
#endif
	(void)version;
	return why;
}

/* On a busy machine a few instances may be taken by others all the time. */
static bool can_see(const struct tracer *tracer, const struct rung *rung)
{
	return rung->kind != HOOK_KRETPROBE || tracer->hooks[0].many;
}

/*
 * Whether an AF_UNIX accept is no proof for TCP. Each calls
 * security_sock_graft() for itself, and what links the kernel with LTO (clang)
 * may have put it into one and not the other; nor are the two one where AF_UNIX
 * is a module (before 6.4).
 */
static bool unix_is_apart(const struct tracer *tracer)
{
	char version[256], state[16];

	if (fs_read(FS_PROC, "version", version, sizeof(version)) > 0 &&
	    text_find(version, "clang"))
		return true;
	return tracer->kernel.sysfs >= 0 &&
	       file_read(tracer->kernel.sysfs, "module/unix/initstate", state,
			 sizeof(state)) > 0;
}

/* Whether a TCP accept of our own must show that it fires. */
static bool needs_tcp(const struct tracer *tracer, const struct rung *rung)
{
	if (rung->meets_unix)
		return rung->kind == HOOK_KPROBE && unix_is_apart(tracer);
	return can_see(tracer, rung);
}

void tracer_release(struct tracer *tracer)
{
	hooks_close(tracer);
	calling_close(tracer);
	if (tracer->program >= 0)
		close(tracer->program);
	tracer->program = -1;
	tracer->rung = NULL;
}

int tracer_try(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason)
{
	const char *why = panics(tracer, rung);
	int error;

	if (why)
		return refuse_kernel(reason, "not tried without --probe:", why);
	if (rung->kind == HOOK_TRACEPOINT && tracer->kernel.layout.no_files)
		return refuse(reason, STEP_BTF, 0, "%s",
			      tracer->rings.cpu_map >= 0 ?
				      "it needs the BPF JIT "
				      "(net.core.bpf_jit_enable), to find a "
				      "descriptor's socket" :
				      "it needs BTF, to find a descriptor's "
				      "socket");
	/* Cheap things first: to load a program takes most of the time. */
	error = hooks_open(tracer, rung, reason);
	if (error)
		return error;
	if (tracer->kernel.layout.built_in)
		error = rung_confirm(tracer, rung, reason);
	else if (needs_tcp(tracer, rung))
		error = rung_fires(tracer, rung, reason);
	/* Those that come from now on are followed. */
	if (!error && rung->kind == HOOK_KRETPROBE)
		tracer->waiting = tasks_in_accept(tracer->request.pid);
	if (!error && rung->kind != HOOK_KPROBE)
		error = calling_open(tracer, rung, reason);
	if (!error)
		error = tracer_load(tracer, rung, reason);
	if (!error)
		error = hooks_attach(tracer, rung, tracer->program, reason);
	if (!error)
		error = calling_attach(tracer, reason);
	if (!error && rung->meets_unix)
		error = rung_answers(tracer, rung, reason);
	if (!error) {
		tracer->rung = rung;
		return 0;
	}
	tracer_release(tracer);
	return error;
}
