// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sandbox.c - gives up what is no longer needed
 *
 * Sections: descriptors, capabilities, system calls, sandbox.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/message.h"
#include "base/text.h"
#include "kernel/machine.h"
#include "trace/sandbox.h"

/* ------------------------------------------------------------------------
 * Descriptors
 */

/* Closing that many takes 0.1 s; few systems allow more. */
#define DESCRIPTORS_MAX (1 << 20)

/* Since Linux 5.9; the same number on all machines, plus the base on MIPS. */
#ifdef SYS_close_range
#define CLOSE_RANGE SYS_close_range
#elif defined(_MIPS_SIM) && _MIPS_SIM == _ABIO32
#define CLOSE_RANGE 4436
#elif defined(_MIPS_SIM) && _MIPS_SIM == _ABI64
#define CLOSE_RANGE 5436
#else
#define CLOSE_RANGE 436
#endif

/*
 * All our descriptors are below this number: FDSize is the size of the kernel's
 * table, which has even those beyond a limit that was lowered.
 */
static unsigned int descriptors_end(void)
{
	static const char line[] = "\nFDSize:\t";
	struct rlimit limit = { 0 };
	char text[512];
	const char *at;

	fs_read(FS_PROC, "self/status", text, sizeof(text));
	at = text_find(text, line);
	if (at) {
		at += strlen(line);
		return text_number(&at);
	}
	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max :
						  DESCRIPTORS_MAX;
}

/* Close the descriptors from `first` to `last`, both included. */
static void close_from_to(unsigned int first, unsigned int last)
{
	if (first > last || !syscall(CLOSE_RANGE, first, last, 0))
		return;
	if (last == ~0U)
		last = descriptors_end();
	for (; first <= last; first++)
		close(first);
}

void close_all_but(const struct pollfd *kept, size_t count, int another)
{
	int from = STDERR_FILENO, next;

	do {
		/* The lowest one that is kept above `from`. */
		next = another > from ? another : INT_MAX;
		for (size_t i = 0; i < count; i++)
			if (kept[i].fd > from && kept[i].fd < next)
				next = kept[i].fd;
		close_from_to(from + 1, next == INT_MAX ? ~0U : next - 1U);
		from = next;
	} while (next != INT_MAX);
}

/* ------------------------------------------------------------------------
 * Capabilities
 */

/* Since Linux 5.8; CAP_SYS_ADMIN includes them, and did before. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#define CAP_BPF 39
#endif

/* Drop all capabilities but these bits. Returns false, with errno, if not. */
static bool capabilities_keep(uint64_t kept)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return false;
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(kept >> 32 * i);
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	/* First what exec(2) could give: it needs CAP_SETPCAP. */
	for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
	/* Since Linux 4.3. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return !syscall(SYS_capset, &header, data);
}

/* ------------------------------------------------------------------------
 * System calls: seccomp(2)
 */

/* Grouped by purpose; #ifdef as each machine has other calls for it. */
static const short for_both[] = {
#ifdef SYS_poll
	SYS_poll,
#endif
	SYS_ppoll,
#ifdef SYS_ppoll_time64
	SYS_ppoll_time64,
#endif
/* Where there is no vDSO for the time. */
#ifdef SYS_clock_gettime
	SYS_clock_gettime,
#endif
#ifdef SYS_clock_gettime32
	SYS_clock_gettime32,
#endif
#ifdef SYS_clock_gettime64
	SYS_clock_gettime64,
#endif
	/* To resume a call when the process was stopped and continued. */
	SYS_restart_syscall,
	/* Rows and messages; kprobe_events. */
	SYS_write,
	/* Uevents; the other process. */
	SYS_recvfrom,
	/* Rings of CPUs that come online. */
	SYS_munmap,
	SYS_close,
	SYS_exit_group,
};

static const short for_loop[] = {
	/* To the keeper, and from it with descriptors. */
	SYS_sendto,
	SYS_recvmsg,
	/* To wait for the keeper's end. */
	SYS_wait4,
};

static const short for_keeper[] = {
	SYS_sendmsg,
	/* selftest_is_dead() accepts a connection that waits. */
	SYS_accept4,
	/* Rings. */
	SYS_perf_event_open,
	/* tracefs, and the cgroups' directories. */
	SYS_read,
	SYS_readlinkat,
#ifdef SYS_fstat
	SYS_fstat,
#endif
#ifdef SYS_fstat64
	SYS_fstat64,
#endif
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
	SYS_statx,
#ifdef SYS_fstatfs
	SYS_fstatfs,
#endif
#ifdef SYS_fstatfs64
	SYS_fstatfs64,
#endif
	/* The paths of --cgroup and --netns. */
	SYS_inotify_add_watch,
	/* To wait for programs that are at work. */
	SYS_membarrier,
	/* To wait until no other tcpaccept changes tracefs. */
	SYS_flock,
	SYS_nanosleep,
};

/* mmap(2) is allowed without PROT_EXEC. */
#ifdef SYS_mmap2
#define MMAP SYS_mmap2
#else
#define MMAP SYS_mmap
#endif

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_WORD 4
#else
#define LOW_WORD 0
#endif

#define LOAD(member)                       \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
		 offsetof(struct seccomp_data, member))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)

/* Before Linux 4.14 it kills the thread only; we have just one. */
#ifndef SECCOMP_RET_KILL_PROCESS
#define SECCOMP_RET_KILL_PROCESS 0x80000000U
#endif

/*
 * Allow a call if an argument, counted from 0, passes the test. Only the low
 * word is tested: the kernel treats the argument as an int. Afterwards the
 * call's number is loaded again.
 */
#define ALLOW_IF(call, argument, ...)                          \
	UNLESS(call, 4),                                       \
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,             \
			 offsetof(struct seccomp_data, args) + \
				 8 * (argument) + LOW_WORD),   \
		__VA_ARGS__, RETURN(SECCOMP_RET_ALLOW), LOAD(nr)
#define IS(value) UNLESS(value, 1)
#define HAS_NONE_OF(bits) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, 1, 0)

/* Flags of open(2) for more than reading; 3: O_WRONLY, O_RDWR. */
#define WRITING (3 | O_CREAT | O_TRUNC)

/* How many of these are only for the rung poll: to list /proc. */
#define LOOKING_RULES 2

/* Calls that the keeper may make with certain arguments only. */
static const struct sock_filter keeper_rules[] = {
	UNLESS(SYS_getdents64, 1),
	RETURN(SECCOMP_RET_ALLOW),
	/* Maps; how many hits were skipped (raw_program_missed()). */
	ALLOW_IF(SYS_bpf, 0, IS(BPF_MAP_LOOKUP_ELEM)),
	ALLOW_IF(SYS_bpf, 0, IS(BPF_MAP_UPDATE_ELEM)),
	ALLOW_IF(SYS_bpf, 0, IS(BPF_MAP_DELETE_ELEM)),
	ALLOW_IF(SYS_bpf, 0, IS(BPF_MAP_GET_NEXT_KEY)),
	ALLOW_IF(SYS_bpf, 0, IS(BPF_OBJ_GET_INFO_BY_FD)),
	/* A ring has two descriptors; or a tap, which is enabled. */
	ALLOW_IF(SYS_ioctl, 1, IS((uint32_t)PERF_EVENT_IOC_SET_OUTPUT)),
	ALLOW_IF(SYS_ioctl, 1, IS((uint32_t)PERF_EVENT_IOC_SET_FILTER)),
	ALLOW_IF(SYS_ioctl, 1, IS((uint32_t)PERF_EVENT_IOC_ENABLE)),
#ifdef SYS_open
	ALLOW_IF(SYS_open, 1, HAS_NONE_OF(WRITING)),
#endif
	ALLOW_IF(SYS_openat, 2, HAS_NONE_OF(WRITING)),
	ALLOW_IF(SYS_open_by_handle_at, 2, HAS_NONE_OF(WRITING)),
#ifdef SYS_fcntl
	ALLOW_IF(SYS_fcntl, 1, IS(F_DUPFD_CLOEXEC)),
	ALLOW_IF(SYS_fcntl, 1, IS(F_SETFD)),
#endif
#ifdef SYS_fcntl64
	ALLOW_IF(SYS_fcntl64, 1, IS(F_DUPFD_CLOEXEC)),
	ALLOW_IF(SYS_fcntl64, 1, IS(F_SETFD)),
#endif
};

/* Append code that allows these calls; returns its end. */
static struct sock_filter *allow(struct sock_filter *code, const short *calls,
				 size_t count)
{
	for (; count; count--) {
		*code++ = (struct sock_filter)UNLESS(*calls++, 1);
		*code++ = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
	}
	return code;
}

/*
 * Install a filter that allows `calls`, for_both, mmap(2), and what the rules
 * allow; others: the action for any other call. Returns 0, or -errno.
 */
static int system_calls_keep(const short *calls, size_t count,
			     const struct sock_filter *rules, size_t rule_count,
			     uint32_t others)
{
	const struct sock_filter head[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE_AUDIT_ARCH, 1, 0),
		/* With EPERM not even exit_group(2) would end it. */
		RETURN(SECCOMP_RET_KILL_PROCESS),
		LOAD(nr),
	};
	const struct sock_filter tail[] = {
		UNLESS(MMAP, 3),
	/* PROT_* is its third argument; on s390x arguments are in memory. */
#ifdef __s390x__
		BPF_STMT(BPF_LD | BPF_IMM, 0),
#else
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[2]) + LOW_WORD),
#endif
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(others),
	};
	struct sock_filter code[countof(head) +
				2 * (countof(for_both) + countof(for_loop) +
				     countof(for_keeper)) +
				countof(keeper_rules) + countof(tail)];
	struct sock_fprog program = { .filter = code };
	struct sock_filter *end;

	memcpy(code, head, sizeof(head));
	end = allow(code + countof(head), for_both, countof(for_both));
	end = allow(end, calls, count);
	while (rule_count--)
		*end++ = *rules++;
	memcpy(end, tail, sizeof(tail));
	program.len = end + countof(tail) - code;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) ?
		       -errno :
		       0;
}

/* ------------------------------------------------------------------------
 * Sandbox
 */

int sandbox_enter(int readable)
{
	const struct sock_filter rules[] = { ALLOW_IF(SYS_read, 0,
						      IS((uint32_t)readable)) };
	int error = 0, calls;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (!capabilities_keep(0))
		error = -errno;
	calls = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
	if (!calls)
		calls = system_calls_keep(for_loop, countof(for_loop), rules,
					  readable < 0 ? 0 : countof(rules),
					  SECCOMP_RET_KILL_PROCESS);
	if (!calls)
		calls = countof(for_both) + countof(for_loop) + 1 +
			(readable >= 0);
	return error ? error : calls;
}

int sandbox_enter_keeper(bool exe, bool looks)
{
	const size_t skipped = looks ? 0 : LOOKING_RULES;
	uint64_t kept = 1ULL << CAP_DAC_READ_SEARCH;
	int error = 0, filter_error;

	/* Other users' processes. */
	if (exe || looks)
		kept |= 1ULL << CAP_SYS_PTRACE;
	/* Rings of other CPUs, maps, tracefs, file handles. */
	if (!looks)
		kept |= 1ULL << CAP_PERFMON | 1ULL << CAP_BPF |
			1ULL << CAP_SYS_ADMIN | 1ULL << CAP_IPC_LOCK;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (!capabilities_keep(kept))
		error = -errno;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* EPERM: a killed keeper could not remove its hooks. */
	filter_error = system_calls_keep(
		for_keeper, countof(for_keeper), keeper_rules + skipped,
		countof(keeper_rules) - skipped, SECCOMP_RET_ERRNO | EPERM);
	return error ? error : filter_error;
}
