// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung_kprobe.c - graft, inet-accept: kprobes that have the new socket as an
 * argument
 */
#include "base/file.h"
#include "base/fs.h"
#include "base/text.h"
#include "kernel/version.h"
#include "attach/rung.h"
#include "attach/selftest.h"
#include "attach/tracer.h"

/*
 * Why this kernel may panic if a BPF program runs there, or NULL. A rung that
 * --probe names is tried nevertheless.
 *
 * mips 6.1 ("Break instruction in kernel code") and ppc64le 7.2.12 ("Kernel
 * stack is corrupted") were seen to die in QEMU. Where probes at a function's
 * start are not ftrace's, they are optimized, and 4.19.15 to 4.19.36, 4.20 and
 * 5.0.0 to 5.0.9 free what is in use if another is placed there soon after
 * (reuse_unused_kprobe()). tracefs.c waits for that, but for probes of the
 * kprobe PMU there is no lock that others would respect.
 */
static const char *panics(const struct tracer *tracer, const struct rung *rung)
{
	const uint32_t version = kernel_version();
	const char *why = NULL;

	if (tracer->request.only == rung)
		return NULL;
#if defined(__mips__)
	if (!rung->sees_unix_accepts)
		why = "Linux on mips was seen to panic with it";
#elif defined(__powerpc__)
	if (version >= version_parse("7.2"))
		why = "Linux 7.2 on ppc64le was seen to panic with it";
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
			why = "this kernel may panic with it (fixed in 4.19.37 "
			      "and 5.0.10), unless "
			      "/proc/sys/debug/kprobes-optimization is 0";
	}
#endif
	(void)version;
	return why;
}

int kprobe_possible(const struct tracer *tracer, const struct rung *rung,
		    struct reason *reason)
{
	const char *why = panics(tracer, rung);

	return why ? reason_kernel(reason, "not tried without --probe:", why) :
		     0;
}

/*
 * Whether an AF_UNIX accept proves nothing about TCP. Both call
 * security_sock_graft(), but link-time optimization (clang) may have inlined it
 * for one and not the other. Before 6.4 AF_UNIX may also be a module, linked by
 * itself.
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

static int kprobe_open(struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	int error = hooks_open(&tracer->probe, rung, reason);

	if (error)
		return error;
	if (tracer->kernel.layout.built_in)
		error = selftest_layout(&tracer->probe, rung, reason);
	else if (!rung->sees_unix_accepts || unix_is_apart(tracer))
		error = selftest_tcp(&tracer->probe, rung, reason);
	if (error)
		return error;
	return rung_run(tracer, rung, reason);
}

const struct rung rung_graft = {
	.name = "graft",
	.description = "kprobe security_sock_graft",
	.possible = kprobe_possible,
	.open = kprobe_open,
	.stop = hooks_stop,
	.kind = HOOK_KPROBE,
	.points = { "security_sock_graft" },
	.sock = MACHINE_ARG1,
	.sees_unix_accepts = true,
};

const struct rung rung_inet_accept = {
	.name = "inet-accept",
	.description = "kprobe __inet_accept",
	.possible = kprobe_possible,
	.open = kprobe_open,
	.stop = hooks_stop,
	.kind = HOOK_KPROBE,
	.points = { "__inet_accept" },
	.sock = MACHINE_ARG3,
};
