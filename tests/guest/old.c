// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * old.c - runs a program on today's kernel, with the answers of an old one
 *
 *	old VERSION PROGRAM ARGUMENT...
 *
 * VERSION: 4.1 to 5.7. For PROGRAM and all that it starts, bpf(2),
 * perf_event_open(2) and the mount API of 5.2 behave as in that version: a
 * seccomp filter passes them to us (seccomp_unotify(2), Linux 5.5), and we
 * either answer with the error that the old kernel gives, or let the call
 * continue. Of what an old kernel does differently once a program is loaded, we
 * imitate only current_task_under_cgroup() in an interrupt. What an old kernel
 * accepts and a new one refuses cannot be tested so.
 *
 * Exits with PROGRAM's status, or 128 and the number of the signal that ended
 * it. SIGINT, SIGTERM and SIGHUP are passed on.
 *
 * Sections: kernels, callers, bpf, perf, supervisor.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "old: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ------------------------------------------------------------------------
 * Kernels
 */

#define V(major, minor) ((major) << 8 | (minor))

/*
 * include/uapi/linux/bpf.h at each release that changed it. `commands`, `maps`,
 * `programs` and `helpers` are the first number that is unknown. A command
 * reads its part of union bpf_attr up to `map_end` or `program_end`, and the
 * rest must be zero (CHECK_ATTR() in kernel/bpf/syscall.c).
 */
static const struct kernel {
	uint32_t version;
	uint32_t attr_size;
	uint32_t commands;
	uint32_t map_end;
	uint32_t maps;
	uint32_t map_flags;
	uint32_t program_end;
	uint32_t programs;
	int32_t helpers;
} kernels[] = {
	{ V(4, 1), 48, 6, 16, 3, 0, 44, 5, 12 },
	{ V(4, 4), 48, 8, 16, 5, 0, 44, 5, 26 },
	{ V(4, 5), 48, 8, 16, 5, 0, 44, 5, 27 },
	/* map_flags, per-CPU maps, get_stackid */
	{ V(4, 6), 48, 8, 20, 8, 0x1, 44, 5, 31 },
	/* programs on tracepoints */
	{ V(4, 7), 48, 8, 20, 8, 0x1, 44, 6, 31 },
	/* get_current_task */
	{ V(4, 8), 48, 8, 20, 9, 0x1, 44, 7, 37 },
	{ V(4, 9), 48, 8, 20, 9, 0x1, 44, 8, 42 },
	{ V(4, 10), 48, 10, 20, 11, 0x3, 44, 13, 45 },
	/* probe_read_str */
	{ V(4, 11), 48, 10, 20, 12, 0x3, 44, 13, 46 },
	/* prog_flags */
	{ V(4, 12), 48, 11, 24, 14, 0x3, 48, 13, 48 },
	/* BPF_OBJ_GET_INFO_BY_FD */
	{ V(4, 13), 48, 16, 24, 14, 0x3, 48, 14, 51 },
	{ V(4, 14), 48, 16, 28, 16, 0x7, 48, 15, 54 },
	/* map_name, prog_name, prog_ifindex */
	{ V(4, 15), 72, 17, 44, 17, 0x1f, 68, 16, 58 },
	{ V(4, 16), 72, 17, 48, 17, 0x1f, 68, 16, 60 },
	/* expected_attach_type */
	{ V(4, 17), 72, 18, 48, 17, 0x3f, 72, 19, 65 },
	{ V(4, 18), 72, 21, 60, 19, 0x3f, 72, 21, 81 },
	{ V(4, 19), 72, 21, 60, 21, 0x3f, 72, 22, 84 },
	{ V(4, 20), 72, 22, 60, 24, 0x3f, 72, 23, 91 },
	/* BTF of programs */
	{ V(5, 0), 112, 22, 60, 24, 0x7f, 108, 23, 93 },
	{ V(5, 1), 112, 22, 60, 24, 0x7f, 108, 23, 99 },
	{ V(5, 2), 112, 23, 60, 25, 0x1ff, 108, 25, 109 },
	{ V(5, 3), 112, 23, 60, 25, 0x1ff, 108, 26, 111 },
	{ V(5, 4), 112, 24, 60, 26, 0x3ff, 108, 26, 111 },
	/* BPF_F_MMAPABLE, probe_read_kernel */
	{ V(5, 5), 120, 24, 60, 26, 0x7ff, 116, 27, 116 },
	{ V(5, 6), 120, 28, 64, 27, 0x7ff, 116, 29, 119 },
	/* get_ns_current_pid_tgid */
	{ V(5, 7), 120, 30, 64, 27, 0x7ff, 116, 30, 125 },
};

/* Find a version like "4.14"; NULL if it is not in the table. */
static const struct kernel *kernel_find(const char *text)
{
	unsigned int major, minor;
	char rest;

	if (sscanf(text, "%3u.%3u%c", &major, &minor, &rest) != 2)
		return NULL;
	for (size_t i = 0; i < LENGTH(kernels); i++)
		if (kernels[i].version == V(major, minor))
			return &kernels[i];
	return NULL;
}

/* The kernel that we run on. */
struct host {
	uint32_t version_code;
	/* Types of the PMUs `kprobe` and `uprobe`; -1 if there is none. */
	int kprobe;
	int uprobe;
};

/*
 * LINUX_VERSION_CODE, whose sublevel ends at 255. Debian's uname(2) has the
 * true one in `version` ("#1 SMP Debian 6.1.170-1"); `release` is an ABI name.
 */
static uint32_t host_version(void)
{
	unsigned int major = 0, minor = 0, sublevel = 0;
	struct utsname name;
	const char *debian;

	if (uname(&name))
		fail("uname");
	debian = strstr(name.version, "Debian ");
	sscanf(debian ? debian + strlen("Debian ") : name.release, "%u.%u.%u",
	       &major, &minor, &sublevel);
	return major << 16 | minor << 8 | (sublevel > 255 ? 255 : sublevel);
}

/* A descriptor of a sysfs of our mount; -1 if it cannot be mounted. */
static int host_sysfs(void)
{
	int context, fd = -1;

	context = syscall(SYS_fsopen, "sysfs", FSOPEN_CLOEXEC);
	if (context < 0)
		return -1;
	if (!syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		fd = syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return fd;
}

static int host_pmu(int sysfs, const char *path, int usual)
{
	char text[16] = "";
	int fd, type = -1;

	if (sysfs < 0)
		return usual;
	fd = openat(sysfs, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (read(fd, text, sizeof(text) - 1) > 0)
		type = atoi(text);
	close(fd);
	return type;
}

static struct host host_look(void)
{
	int sysfs = host_sysfs();
	struct host host;

	host.version_code = host_version();
	/*
	 * The first two after PERF_TYPE_MAX, as perf_tp_register() of
	 * kernel/events/core.c comes before drivers.
	 */
	host.kprobe = host_pmu(sysfs, "bus/event_source/devices/kprobe/type",
			       PERF_TYPE_MAX);
	host.uprobe = host_pmu(sysfs, "bus/event_source/devices/uprobe/type",
			       PERF_TYPE_MAX + 1);
	if (sysfs >= 0)
		close(sysfs);
	return host;
}

/* ------------------------------------------------------------------------
 * Callers: a thread that waits in a system call, and its memory
 */

struct caller {
	pid_t pid;
	const struct kernel *kernel;
	const struct host *host;
};

/* The largest structure that either call accepts: PAGE_SIZE. */
#define ATTR_MAX 4096

union attr {
	union bpf_attr bpf;
	struct perf_event_attr perf;
	unsigned char bytes[ATTR_MAX];
};

/* /proc may be missing: not used. If false, the kernel will say EFAULT. */
static bool caller_read(const struct caller *caller, uint64_t from, void *to,
			size_t size)
{
	struct iovec here = { to, size };
	struct iovec there = { (void *)(uintptr_t)from, size };

	return process_vm_readv(caller->pid, &here, 1, &there, 1, 0) ==
	       (ssize_t)size;
}

static void caller_write(const struct caller *caller, uint64_t to, void *from,
			 size_t size)
{
	struct iovec here = { from, size };
	struct iovec there = { (void *)(uintptr_t)to, size };

	process_vm_writev(caller->pid, &here, 1, &there, 1, 0);
}

/* Whether the bytes `from` to `end` - 1 are zero. */
static bool is_zero(const union attr *attr, size_t from, size_t end)
{
	for (size_t i = from; i < end; i++)
		if (attr->bytes[i])
			return false;
	return true;
}

/* ------------------------------------------------------------------------
 * bpf(2): kernel/bpf/syscall.c, kernel/bpf/verifier.c. Each of these returns
 * the error, or 0 to let the call go on.
 */

static int map_error(const struct caller *caller, const union attr *attr)
{
	const struct kernel *kernel = caller->kernel;

	if (!is_zero(attr, kernel->map_end, kernel->attr_size))
		return EINVAL;
	if (attr->bpf.map_type >= kernel->maps)
		return EINVAL;
	/* Each type allows some of them; the real kernel checks that. */
	return attr->bpf.map_flags & ~kernel->map_flags ? EINVAL : 0;
}

/* do_check(), check_call(), replace_map_fd_with_map_ptr() of the verifier */
static int insn_error(const struct kernel *kernel, const struct bpf_insn *insn)
{
	const int class = BPF_CLASS(insn->code), op = BPF_OP(insn->code);

	/* ld_imm64: a map; since 5.2 a map's value. */
	if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
	    insn->src_reg > (kernel->version < V(5, 2) ? BPF_PSEUDO_MAP_FD :
							 BPF_PSEUDO_MAP_VALUE))
		return EINVAL;
	if (class == BPF_JMP32 && kernel->version < V(5, 1))
		return EINVAL;
	/* BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE */
	if (class == BPF_JMP && op > BPF_EXIT && kernel->version < V(4, 14))
		return EINVAL;
	if (insn->code == (BPF_JMP | BPF_CALL)) {
		/* Calls of the program's functions: since 4.16. */
		if (insn->src_reg)
			return insn->src_reg != BPF_PSEUDO_CALL ||
					       kernel->version < V(4, 16) ?
				       EINVAL :
				       0;
		return insn->imm < 0 || insn->imm >= kernel->helpers ? EINVAL :
								       0;
	}
	/* BPF_XADD had no other operations before 5.12. */
	if (class == BPF_STX && BPF_MODE(insn->code) == BPF_XADD && insn->imm)
		return EINVAL;
	return 0;
}

/* Offset of a function's first argument in struct pt_regs of x86-64. */
#define ARG1_OFFSET 112

static bool reads_arg1(const struct bpf_insn *insns, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		if (insns[i].code == (BPF_LDX | BPF_MEM | BPF_DW) &&
		    insns[i].off == ARG1_OFFSET)
			return true;
	return false;
}

/*
 * in_interrupt() is true in security_sock_graft(), under write_lock_bh() of
 * sock_graft(), and bpf_current_task_under_cgroup() of kernel/trace/bpf_trace.c
 * then returns -EINVAL, as seen on 4.9.154, 4.12.4 and 4.14.67; not on 4.19.78.
 */
static void refuse_cgroups(const struct caller *caller, uint64_t at,
			   struct bpf_insn *insns, uint32_t count)
{
	if (caller->kernel->version > V(4, 14) || !reads_arg1(insns, count))
		return;
	for (uint32_t i = 0; i < count; i++) {
		if (insns[i].code != (BPF_JMP | BPF_CALL) ||
		    insns[i].imm != BPF_FUNC_current_task_under_cgroup)
			continue;
		insns[i] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV,
					      .dst_reg = BPF_REG_0,
					      .imm = -EINVAL };
		caller_write(caller, at + i * sizeof(*insns), &insns[i],
			     sizeof(*insns));
	}
}

static int insns_error(const struct caller *caller, uint64_t from,
		       uint32_t count)
{
	static struct bpf_insn insns[BPF_MAXINSNS];
	int error;

	if (!caller_read(caller, from, insns, count * sizeof(*insns)))
		return 0;
	for (uint32_t i = 0; i < count; i++) {
		error = insn_error(caller->kernel, &insns[i]);
		if (error)
			return error;
	}
	refuse_cgroups(caller, from, insns, count);
	return 0;
}

static int program_error(const struct caller *caller, const union attr *attr)
{
	const struct kernel *kernel = caller->kernel;
	const union bpf_attr *bpf = &attr->bpf;

	if (!is_zero(attr, kernel->program_end, kernel->attr_size))
		return EINVAL;
	/* The limit was one lower before 4.10; it is a million since 5.2. */
	if (kernel->version < V(4, 10) && bpf->insn_cnt >= BPF_MAXINSNS)
		return EINVAL;
	if (kernel->version < V(5, 2) && bpf->insn_cnt > BPF_MAXINSNS)
		return E2BIG;
	if (kernel->version < V(5, 0) &&
	    bpf->prog_type == BPF_PROG_TYPE_KPROBE &&
	    bpf->kern_version != caller->host->version_code)
		return EINVAL;
	if (bpf->prog_type >= kernel->programs)
		return EINVAL;
	/* Allowed since 5.2; but tcpaccept's programs are not that long. */
	if (bpf->insn_cnt > BPF_MAXINSNS)
		return 0;
	return insns_error(caller, bpf->insns, bpf->insn_cnt);
}

static int bpf_error(const struct caller *caller, const uint64_t *arguments)
{
	const struct kernel *kernel = caller->kernel;
	uint32_t command = arguments[0], size = arguments[2];
	union attr attr;

	if (size > sizeof(attr))
		return E2BIG;
	memset(&attr, 0, sizeof(attr));
	if (!caller_read(caller, arguments[1], &attr, size))
		return 0;
	/* A newer program's attributes: bpf_check_uarg_tail_zero() */
	if (!is_zero(&attr, kernel->attr_size, size))
		return E2BIG;
	if (command >= kernel->commands)
		return EINVAL;
	if (command == BPF_MAP_CREATE)
		return map_error(caller, &attr);
	if (command == BPF_PROG_LOAD)
		return program_error(caller, &attr);
	return 0;
}

/* ------------------------------------------------------------------------
 * perf_event_open(2): kernel/events/core.c
 */

static int perf_error(const struct caller *caller, const uint64_t *arguments)
{
	const struct kernel *kernel = caller->kernel;
	const struct host *host = caller->host;
	/* aux_sample_size and __reserved_3 came with 5.5. */
	uint32_t known = kernel->version < V(5, 5) ? PERF_ATTR_SIZE_VER5 :
						     PERF_ATTR_SIZE_VER6;
	uint64_t at = arguments[0];
	union attr attr;
	uint32_t size;

	memset(&attr, 0, sizeof(attr));
	if (!caller_read(caller, at + offsetof(struct perf_event_attr, size),
			 &size, sizeof(size)))
		return 0;
	if (!size)
		size = PERF_ATTR_SIZE_VER0;
	if (size <= sizeof(attr) && !caller_read(caller, at, &attr, size))
		return 0;
	/* perf_copy_attr() writes the size that it knows. */
	if (size > sizeof(attr) || !is_zero(&attr, known, size)) {
		caller_write(caller,
			     at + offsetof(struct perf_event_attr, size),
			     &known, sizeof(known));
		return E2BIG;
	}
	if (kernel->version < V(4, 4) && attr.perf.type == PERF_TYPE_SOFTWARE &&
	    attr.perf.config >= PERF_COUNT_SW_BPF_OUTPUT)
		return ENOENT;
	/* perf_kprobe and perf_uprobe came with 4.17; perf_init_event() */
	if (kernel->version < V(4, 17) &&
	    ((int)attr.perf.type == host->kprobe ||
	     (int)attr.perf.type == host->uprobe))
		return ENOENT;
	return 0;
}

/* ------------------------------------------------------------------------
 * Supervisor
 */

#define NOTIFY(call, skip) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, skip, 0)

/*
 * Install the filter; returns its descriptor, which is close-on-exec. The
 * filter applies to this process, too, which makes none of these calls. Root
 * does not need PR_SET_NO_NEW_PRIVS.
 */
static int listener_open(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		/* 32-bit programs have other numbers. */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 9),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		NOTIFY(bpf, 8),
		NOTIFY(perf_event_open, 7),
		NOTIFY(fsopen, 6),
		NOTIFY(fsconfig, 5),
		NOTIFY(fsmount, 4),
		NOTIFY(fspick, 3),
		NOTIFY(open_tree, 2),
		NOTIFY(move_mount, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog program = { LENGTH(filter), filter };
	int fd;

	fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		     SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (fd < 0)
		fail("seccomp (needs root)");
	return fd;
}

static int call_error(const struct caller *caller,
		      const struct seccomp_data *call)
{
	switch (call->nr) {
	case SYS_bpf:
		return bpf_error(caller, (const uint64_t *)call->args);
	case SYS_perf_event_open:
		return perf_error(caller, (const uint64_t *)call->args);
	default:
		return caller->kernel->version < V(5, 2) ? ENOSYS : 0;
	}
}

/* Answer one call. A caller that has ended (ENOENT) needs no answer. */
static void serve(int listener, struct caller *caller)
{
	struct seccomp_notif_resp answer = { 0 };
	struct seccomp_notif call;

	/* The kernel needs it to be all zeros. */
	memset(&call, 0, sizeof(call));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) {
		if (errno != ENOENT && errno != EINTR)
			fail("SECCOMP_IOCTL_NOTIF_RECV");
		return;
	}
	caller->pid = call.pid;
	answer.id = call.id;
	answer.error = -call_error(caller, &call.data);
	if (!answer.error)
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) &&
	    errno != ENOENT)
		fail("SECCOMP_IOCTL_NOTIF_SEND");
}

/* Pass a signal on. Returns true once the child has ended. */
static bool signal_take(int signals, pid_t child, int *status)
{
	struct signalfd_siginfo info;

	if (read(signals, &info, sizeof(info)) != sizeof(info))
		fail("signalfd");
	if (info.ssi_signo != SIGCHLD) {
		kill(child, info.ssi_signo);
		return false;
	}
	return waitpid(child, status, WNOHANG) == child;
}

static int supervise(int listener, int signals, pid_t child,
		     struct caller *caller)
{
	struct pollfd polled[] = {
		{ .fd = listener, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int status = 0;

	for (;;) {
		if (poll(polled, LENGTH(polled), -1) < 0 && errno != EINTR)
			fail("poll");
		if (polled[0].revents & POLLIN)
			serve(listener, caller);
		if (polled[1].revents && signal_take(signals, child, &status))
			break;
	}
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) :
				     WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	const struct kernel *kernel = argc > 2 ? kernel_find(argv[1]) : NULL;
	struct caller caller = { .kernel = kernel };
	int listener, signals;
	struct host host;
	sigset_t ours, before;
	pid_t child;

	if (!kernel) {
		fputs("usage: old VERSION PROGRAM..., from 4.4 to 5.7\n",
		      stderr);
		return 2;
	}
	host = host_look();
	caller.host = &host;
	sigemptyset(&ours);
	sigaddset(&ours, SIGCHLD);
	sigaddset(&ours, SIGHUP);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &before);
	signals = signalfd(-1, &ours, SFD_CLOEXEC);
	if (signals < 0)
		fail("signalfd");
	listener = listener_open();
	child = fork();
	if (child < 0)
		fail("fork");
	if (!child) {
		/* Without us nobody would answer its calls. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigprocmask(SIG_SETMASK, &before, NULL);
		execvp(argv[2], argv + 2);
		fail(argv[2]);
	}
	return supervise(listener, signals, child, &caller);
}
