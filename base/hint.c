// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hint.c - the cause of an error, and what to do about it
 */
#include <limits.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "bpf_raw.h"
#include "base/fs.h"
#include "base/hint.h"
#include "base/rights.h"
#include "base/text.h"

static bool file_contains(enum fs fs, const char *path, const char *word)
{
	char text[256];

	fs_read(fs, path, text, sizeof(text));
	return text_find(text, word);
}

/*
 * Whether a seccomp filter answers the step's system call: with arguments that
 * the kernel itself refuses, the error is another one.
 */
static bool is_filtered(enum step step)
{
	union bpf_attr attr;

	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) <= 0)
		return false;
	memset(&attr, 0, sizeof(attr));
	if (step == STEP_MAP || step == STEP_LOAD)
		return raw_bpf(INT_MAX, &attr) != -EINVAL;
	if (step == STEP_RING || step == STEP_ATTACH)
		return !syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0) ||
		       errno != EFAULT;
	/* It is not known which call it was. */
	return true;
}

static const char *filter_hint(enum step step)
{
	if (step == STEP_MAP || step == STEP_LOAD)
		return "a seccomp filter forbids bpf(2): in a container, start "
		       "it with --privileged or --security-opt "
		       "seccomp=unconfined";
	if (step == STEP_RING || step == STEP_ATTACH)
		return "a seccomp filter forbids perf_event_open(2): in a "
		       "container, start it with --privileged or "
		       "--security-opt seccomp=unconfined";
	return "a seccomp filter may forbid it: in a container, start it with "
	       "--privileged or --security-opt seccomp=unconfined";
}

/* The first character of a setting by which perf needs CAP_SYS_ADMIN:
 * Debian's 3. */
static char paranoia(void)
{
	char paranoid[16];

	fs_read(FS_PROC, "sys/kernel/perf_event_paranoid", paranoid,
		sizeof(paranoid));
	return paranoid[0];
}

/* Which capabilities are missing, or NULL. */
static const char *capability_hint(enum step step)
{
	bool bpf = has_capability(CAP_BPF), perf = has_capability(CAP_PERFMON);

	if (has_capability(CAP_SYS_ADMIN) || (bpf && perf))
		return NULL;
	if (perf && (step == STEP_MAP || step == STEP_LOAD))
		return "CAP_BPF is missing (before Linux 5.8: CAP_SYS_ADMIN): "
		       "grant it too, or run it as root";
	if (bpf && step != STEP_MAP)
		return "CAP_PERFMON is missing (before Linux 5.8: "
		       "CAP_SYS_ADMIN): grant it too, or run it as root";
	if (paranoia() > '2')
		return "run as root, or grant CAP_BPF and CAP_PERFMON "
		       "(CAP_SYS_ADMIN before Linux 5.8) and lower "
		       "kernel.perf_event_paranoid to 2";
	return "run as root, or grant CAP_BPF and CAP_PERFMON "
	       "(CAP_SYS_ADMIN before Linux 5.8)";
}

/* Whether that setting may be why the step failed. */
static bool is_paranoid(enum step step)
{
	return (step == STEP_RING || step == STEP_ATTACH) && paranoia() > '2';
}

/* What helps if CAP_BPF and CAP_PERFMON are not enough, even for user 0. */
static const char *half_root_hint(enum step step)
{
	if (is_paranoid(step))
		return "kernel.perf_event_paranoid is above 2, so that "
		       "CAP_PERFMON is not enough: lower it to 2, or grant "
		       "CAP_SYS_ADMIN";
	if (step == STEP_TRACEFS || step == STEP_KPROBE_EVENTS)
		return "CAP_BPF and CAP_PERFMON are not enough for tracefs: "
		       "run it as root, with CAP_SYS_ADMIN";
	return "CAP_BPF and CAP_PERFMON are not enough here: grant "
	       "CAP_SYS_ADMIN";
}

/* Rings are locked memory, and in old kernels all maps and programs are. */
static const char *limit_hint(enum step step, int error)
{
	struct rlimit locked = { 0 };

	getrlimit(RLIMIT_MEMLOCK, &locked);
	if (locked.rlim_cur == RLIM_INFINITY)
		return NULL;
	/* EACCES is perf_event_open(2), EPERM the mmap(2) of the ring. */
	if (step == STEP_RING && error == EPERM &&
	    !has_capability(CAP_IPC_LOCK))
		return "the limit of locked memory is reached: what helps is "
		       "--ring with fewer pages, ulimit -l, or "
		       "kernel.perf_event_mlock_kb";
	if (step == STEP_MAP || step == STEP_LOAD)
		return "before Linux 5.11 the limit of locked memory counts "
		       "too: ulimit -l unlimited, or grant CAP_SYS_RESOURCE";
	return NULL;
}

static const char lockdown_hint[] =
	"lockdown=confidentiality forbids it: boot without it";

/* Why the error is EPERM or EACCES, and what helps. */
static const char *permission_hint(enum step step, int error)
{
	const char *hint = capability_hint(step);

	if (hint)
		return hint;
	if (fs_is_locked_down())
		return lockdown_hint;
	if (!has_capability(CAP_SYS_ADMIN) &&
	    (step == STEP_TRACEFS || step == STEP_KPROBE_EVENTS))
		return half_root_hint(step);
	/* These two look like a filter to is_filtered(): test them first. */
	if (in_user_namespace())
		return "root in a user namespace is not enough: run it as root "
		       "of the host";
	if (error == EACCES && !has_capability(CAP_SYS_ADMIN) &&
	    is_paranoid(step))
		return half_root_hint(step);
	if (is_filtered(step))
		return filter_hint(step);
	hint = limit_hint(step, error);
	if (hint)
		return hint;
	if (!has_capability(CAP_SYS_ADMIN))
		return half_root_hint(step);
	return "the kernel's security policy may forbid it (an LSM, file "
	       "permissions)";
}

/* What to do about an error that means the same in most steps, or NULL. */
static const char *common_hint(enum step step, int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		if (step == STEP_WRITE)
			return NULL;
		/* Everybody may do that. */
		if (step == STEP_OTHER)
			return is_filtered(step) ? filter_hint(step) : NULL;
		return permission_hint(step, error);
	case ENOENT:
		/* PERF_COUNT_SW_BPF_OUTPUT */
		return step == STEP_RING ? "BPF programs write to perf rings "
					   "from Linux 4.4 on" :
					   NULL;
	case ENOMEM:
		return "free some memory, or raise ulimit -v, and start "
		       "again";
	case EMFILE:
		return "raise the limit of open files (ulimit -n): each CPU "
		       "needs two";
	case ENOSYS:
		if (step != STEP_WRITE && is_filtered(step))
			return filter_hint(step);
		if (step == STEP_RING)
			return "this kernel is built without "
			       "CONFIG_PERF_EVENTS";
		if (step == STEP_MAP || step == STEP_LOAD)
			return "this kernel is built without "
			       "CONFIG_BPF_SYSCALL";
		return NULL;
	case ENOSPC:
		return step == STEP_WRITE ? "free some space" : NULL;
	case EADDRNOTAVAIL:
		return "the kernel has several functions of that name";
	}
	return NULL;
}

static const char *attach_hint(int error)
{
	switch (error) {
	case ENOENT:
		return "this kernel has no such function or tracepoint";
	case EINVAL:
	case EILSEQ:
		return "this kernel does not let it be probed";
	case EBUSY:
		return "another tracer holds it";
	case E2BIG:
		return "a tracepoint runs 64 BPF programs at most, those of "
		       "all tracers: end some of them";
	}
	return NULL;
}

const char *hint_switched_off(void)
{
	if (file_contains(FS_PROC, "sys/kernel/ftrace_enabled", "0"))
		return "ftrace is switched off: sysctl kernel.ftrace_enabled=1";
	if (file_contains(FS_DEBUG, "kprobes/enabled", "0"))
		return "kprobes are switched off: echo 1 to "
		       "/sys/kernel/debug/kprobes/enabled";
	return NULL;
}

/* Why a probe that the kernel accepted does not fire. */
static const char *fire_hint(void)
{
	const char *off = hint_switched_off();

	return off ? off :
		     "something keeps it from running: see "
		     "/sys/kernel/debug/kprobes/list";
}

/* What helps against an error that only this step has, or NULL. */
static const char *step_hint(enum step step, int error)
{
	switch (step) {
	case STEP_BTF:
		if (error == ENOENT)
			return "this kernel is built without "
			       "CONFIG_DEBUG_INFO_BTF";
		if (error == EIO)
			return NULL;
		return "its BTF is of a form unknown to this version";
	case STEP_SYSFS:
		return "mount sysfs on /sys";
	case STEP_PMU:
		return "this kernel has no kprobe PMU (CONFIG_KPROBE_EVENTS, "
		       "Linux 4.17)";
	case STEP_TRACEFS:
		/* Tracefs is empty then. */
		if (fs_is_locked_down())
			return lockdown_hint;
		/* Of mount(2), where the kernel knows no such file system. */
		if (error == ENODEV)
			return "this kernel has neither probes nor tracepoints "
			       "to open (CONFIG_KPROBE_EVENTS, "
			       "CONFIG_FTRACE_SYSCALLS)";
		return "mount tracefs on /sys/kernel/tracing";
	case STEP_LOAD:
		/* The verifier then refuses helpers that read the kernel. */
		if (fs_is_locked_down())
			return lockdown_hint;
		if (error == EKEYREJECTED)
			return "the kernel, or its security policy (an LSM), "
			       "accepts only BPF programs that are signed";
		return "the verifier of this kernel refuses it: -v shows why";
	case STEP_KPROBE_EVENTS:
		if (error == ENODEV)
			return "this kernel has no kprobes "
			       "(CONFIG_KPROBE_EVENTS)";
		return attach_hint(error);
	case STEP_ATTACH:
		return attach_hint(error);
	case STEP_FIRE:
		return fire_hint();
	case STEP_CGROUP:
		return error == ENODEV || error == EINVAL ?
			       "this kernel has no programs of cgroups "
			       "(CONFIG_CGROUP_BPF)" :
			       NULL;
	case STEP_FORK:
		return error == EAGAIN ?
			       "raise the limit of processes (ulimit -u, or "
			       "pids.max of the cgroup): two are needed" :
			       NULL;
	default:
		return NULL;
	}
}

const char *hint_for(enum step step, int error)
{
	const char *hint = NULL;
	int saved = errno;

	/* The verifier refuses a program by EACCES: no right is missing. */
	if (step != STEP_LOAD || error != EACCES)
		hint = common_hint(step, error);
	if (!hint)
		hint = step_hint(step, error);
	/* die(errno, hint_for(...)) may read errno after this call. */
	errno = saved;
	return hint;
}
