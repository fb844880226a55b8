// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sandbox.c - what is left of the system to the loop, and to the keeper
 *
 * With musl, as the tool is: the sanitizers make calls of their own. That each
 * has what it takes is seen wherever the tool runs at all.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "bpf_raw.h"
#include "kernel/version.h"
#include "trace/sandbox.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct call {
	const char *name;
	long number;
	long arguments[6];
};

static const struct call for_nobody[] = {
	{ "unlinkat", SYS_unlinkat, { 0 } },
	{ "renameat2", SYS_renameat2, { 0 } },
	{ "fchmodat", SYS_fchmodat, { 0 } },
	{ "execve", SYS_execve, { (long)"/bin/true" } },
	{ "clone", SYS_clone, { SIGCHLD } },
	{ "kill", SYS_kill, { 0 } },
	{ "socket", SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "connect", SYS_connect, { 0 } },
	{ "dup", SYS_dup, { 0 } },
	{ "ptrace", SYS_ptrace, { 0 } },
	{ "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 } },
	{ "mprotect", SYS_mprotect, { 0 } },
	{ "mremap", SYS_mremap, { 0 } },
	{ "process_vm_writev", SYS_process_vm_writev, { 0 } },
	{ "mount", SYS_mount, { 0 } },
	{ "fsopen", SYS_fsopen, { 0 } },
	{ "setns", SYS_setns, { 0 } },
	{ "unshare", SYS_unshare, { 0 } },
	{ "setuid", SYS_setuid, { 0 } },
	{ "mmap of code",
	  SYS_mmap,
	  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 } },
	{ "one that there is not", 4095, { 0 } },
#ifdef __x86_64__
	{ "write of x32", SYS_write | 0x40000000, { 1 } },
#endif
};

static const struct call for_keeper[] = {
	{ "read", SYS_read, { STDOUT_FILENO } },
	{ "openat", SYS_openat, { AT_FDCWD, (long)"/", O_RDONLY } },
	{ "readlinkat", SYS_readlinkat, { 0 } },
	{ "flock", SYS_flock, { -1 } },
	{ "ioctl: SET_OUTPUT", SYS_ioctl, { -1, PERF_EVENT_IOC_SET_OUTPUT } },
	{ "fcntl: F_DUPFD_CLOEXEC", SYS_fcntl, { -1, F_DUPFD_CLOEXEC } },
	{ "perf_event_open", SYS_perf_event_open, { 0 } },
	{ "sendmsg", SYS_sendmsg, { -1 } },
	{ "accept4", SYS_accept4, { -1 } },
	{ "bpf: MAP_LOOKUP_ELEM", SYS_bpf, { BPF_MAP_LOOKUP_ELEM } },
	{ "bpf: MAP_UPDATE_ELEM", SYS_bpf, { BPF_MAP_UPDATE_ELEM } },
	{ "bpf: MAP_DELETE_ELEM", SYS_bpf, { BPF_MAP_DELETE_ELEM } },
	{ "bpf: MAP_GET_NEXT_KEY", SYS_bpf, { BPF_MAP_GET_NEXT_KEY } },
	{ "bpf: OBJ_GET_INFO_BY_FD", SYS_bpf, { BPF_OBJ_GET_INFO_BY_FD } },
	{ "inotify_add_watch", SYS_inotify_add_watch, { -1 } },
};

/* The same calls, with arguments that it has no use for. */
static const struct call not_for_keeper[] = {
	{ "bpf: PROG_LOAD", SYS_bpf, { BPF_PROG_LOAD } },
	{ "bpf: MAP_CREATE", SYS_bpf, { BPF_MAP_CREATE } },
	{ "bpf: OBJ_PIN", SYS_bpf, { BPF_OBJ_PIN } },
	{ "bpf: PROG_ATTACH", SYS_bpf, { BPF_PROG_ATTACH } },
	{ "bpf: MAP_GET_FD_BY_ID", SYS_bpf, { BPF_MAP_GET_FD_BY_ID } },
	{ "ioctl: SET_BPF", SYS_ioctl, { -1, PERF_EVENT_IOC_SET_BPF } },
	{ "ioctl: TIOCSTI", SYS_ioctl, { -1, TIOCSTI } },
	{ "fcntl: F_SETFL", SYS_fcntl, { -1, F_SETFL } },
	{ "openat: O_WRONLY",
	  SYS_openat,
	  { AT_FDCWD, (long)"/dev/null", O_WRONLY } },
	{ "openat: O_RDWR",
	  SYS_openat,
	  { AT_FDCWD, (long)"/dev/null", O_RDWR } },
	{ "openat: the mode 3",
	  SYS_openat,
	  { AT_FDCWD, (long)"/dev/null", 3 } },
	{ "openat: O_TRUNC",
	  SYS_openat,
	  { AT_FDCWD, (long)"/dev/null", O_TRUNC } },
	{ "openat: O_CREAT",
	  SYS_openat,
	  { AT_FDCWD, (long)"/dev/null", O_CREAT } },
	{ "openat: O_TMPFILE",
	  SYS_openat,
	  { AT_FDCWD, (long)"/tmp", O_TMPFILE | O_RDWR, 0600 } },
	{ "open_by_handle_at: O_WRONLY",
	  SYS_open_by_handle_at,
	  { AT_FDCWD, 0, O_WRONLY } },
#ifdef SYS_open
	{ "open: O_RDWR", SYS_open, { (long)"/dev/null", O_RDWR } },
#endif
};

static const struct call for_loop[] = {
	{ "wait4", SYS_wait4, { -1 } },
	{ "recvmsg", SYS_recvmsg, { -1 } },
};

/* For the keeper that looks at /proc/net/tcp, by the rung poll. */
static const struct call listing[] = {
	{ "getdents64", SYS_getdents64, { -1 } },
};

/* The descriptor that the loop may read, open or not. */
#define READABLE 77

static const struct call reading[] = {
	{ "read of its signals", SYS_read, { READABLE } },
};

static const struct call for_both[] = {
	{ "ppoll", SYS_ppoll, { 0, 0, (long)&(struct timespec){ 0 } } },
	{ "write", SYS_write, { STDOUT_FILENO } },
	{ "close", SYS_close, { STDOUT_FILENO } },
	{ "mmap of data",
	  SYS_mmap,
	  { 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1 } },
	{ "restart_syscall", SYS_restart_syscall, { 0 } },
};

#define REFUSED 1

static void enter_loop(void)
{
	sandbox_enter(READABLE);
}

static void enter_keeper(void)
{
	sandbox_enter_keeper(false, false);
}

static void enter_looking(void)
{
	sandbox_enter_keeper(false, true);
}

static void enter_nothing(void)
{
}

/* How a child ends that makes this call: its signal, -REFUSED (EPERM) or 0. */
static int end_of(const struct call *call, void (*enter)(void))
{
	const long *with = call->arguments;
	pid_t child = fork();
	int status;

	if (!child) {
		enter();
		_exit(syscall(call->number, with[0], with[1], with[2], with[3],
			      with[4], with[5]) < 0 &&
		      errno == EPERM);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return SIGCHLD;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

/* As without: bpf(2) refuses who is not root. */
static void test_may(const char *who, void (*enter)(void),
		     const struct call *calls, size_t count)
{
	for (; count; count--, calls++)
		ok(end_of(calls, enter) == end_of(calls, enter_nothing),
		   "%s may: %s", who, calls->name);
}

static void test_may_not(const char *who, void (*enter)(void), int end,
			 const struct call *calls, size_t count)
{
	for (; count; count--, calls++)
		ok(end_of(calls, enter) == end, "%s may not: %s", who,
		   calls->name);
}

static void test_loop(void)
{
	static const char who[] = "the loop";

	test_may_not(who, enter_loop, SIGSYS, for_nobody, LENGTH(for_nobody));
	test_may_not(who, enter_loop, SIGSYS, for_keeper, LENGTH(for_keeper));
	test_may(who, enter_loop, for_loop, LENGTH(for_loop));
	test_may(who, enter_loop, reading, LENGTH(reading));
	test_may(who, enter_loop, for_both, LENGTH(for_both));
}

/* What no keeper may, and all may. */
static void test_any_keeper(const char *who, void (*enter)(void))
{
	test_may_not(who, enter, -REFUSED, for_nobody, LENGTH(for_nobody));
	test_may_not(who, enter, -REFUSED, for_loop, LENGTH(for_loop));
	test_may_not(who, enter, -REFUSED, not_for_keeper,
		     LENGTH(not_for_keeper));
	test_may(who, enter, for_both, LENGTH(for_both));
}

static void test_keeper(void)
{
	static const char who[] = "the keeper";

	test_any_keeper(who, enter_keeper);
	test_may_not(who, enter_keeper, -REFUSED, listing, LENGTH(listing));
	test_may(who, enter_keeper, for_keeper, LENGTH(for_keeper));
}

/* That of the rung poll. */
static void test_looking(void)
{
	static const char who[] = "the keeper that looks";

	test_any_keeper(who, enter_looking);
	test_may(who, enter_looking, listing, LENGTH(listing));
}

/* In earnest, as whoever takes it over would: errno, or 0 if it succeeded. */
static int try_map(void)
{
	int fd = raw_map_create(NULL, BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);

	return fd < 0 ? -fd : 0;
}

static int try_program(void)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct raw_program program = {
		.type = BPF_PROG_TYPE_KPROBE,
		.name = "try",
		.license = "GPL",
		.version = kernel_version(),
		.insns = insns,
		.count = LENGTH(insns),
	};
	int fd = raw_program_load(&program, NULL);

	return fd < 0 ? -fd : 0;
}

static int try_write(void)
{
	return open("/proc/self/comm", O_WRONLY) < 0 ? errno : 0;
}

static int try_create(void)
{
	char path[] = "sandbox-file";
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);

	unlink(path);
	return fd < 0 ? errno : 0;
}

static int errno_of(int (*attempt)(void), bool confined)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		if (confined)
			sandbox_enter_keeper(false, false);
		_exit(attempt());
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

/* Only root can without: then it is the sandbox that forbids it. */
static void test_attempts(void)
{
	static const struct {
		const char *name;
		int (*attempt)(void);
	} attempts[] = {
		{ "create a map", try_map },
		{ "load a program", try_program },
		{ "open a file for writing", try_write },
		{ "create a file", try_create },
	};

	for (size_t i = 0; i < LENGTH(attempts); i++) {
		ok(geteuid() || !errno_of(attempts[i].attempt, false),
		   "root can %s", attempts[i].name);
		ok(errno_of(attempts[i].attempt, true) == EPERM,
		   "the keeper cannot %s", attempts[i].name);
	}
}

#ifdef __x86_64__
/* Another ABI has other numbers: close() of i386 is poll() of x86-64. */
static void test_other_abi(void)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		long result = 6;

		sandbox_enter(-1);
		__asm__ volatile("int $0x80"
				 : "+a"(result)
				 : "b"(-1)
				 : "memory");
		_exit(0);
	}
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status), "it kills: a call by another ABI");
}
#endif

/* In a child: which of its descriptors are open after that, as a word. */
static unsigned int left_open(const struct pollfd *kept, size_t count,
			      int another)
{
	unsigned int open_ones = 0;
	int pipes[2];
	pid_t child;

	if (pipe(pipes))
		return 0;
	child = fork();
	if (!child) {
		for (int i = 3; i < 20; i++)
			if (i != pipes[1])
				dup2(STDIN_FILENO, i);
		dup2(pipes[1], STDOUT_FILENO);
		dup2(STDIN_FILENO, pipes[1]);
		dup2(STDIN_FILENO, 900);
		close_all_but(kept, count, another);
		for (int i = 0; i < 20; i++)
			if (fcntl(i, F_GETFD) >= 0)
				open_ones |= 1U << i;
		if (fcntl(900, F_GETFD) >= 0)
			open_ones |= 1U << 31;
		_exit(write(STDOUT_FILENO, &open_ones, sizeof(open_ones)) !=
		      sizeof(open_ones));
	}
	close(pipes[1]);
	if (read(pipes[0], &open_ones, sizeof(open_ones)) != sizeof(open_ones))
		open_ones = 0;
	close(pipes[0]);
	waitpid(child, NULL, 0);
	return open_ones;
}

static void test_descriptors(void)
{
	const struct pollfd some[] = {
		{ .fd = 9 }, { .fd = -1 }, { .fd = 1 },
		{ .fd = 5 }, { .fd = 4 },
	};

	ok(left_open(NULL, 0, STDERR_FILENO) == 0x7,
	   "descriptors: none is kept but 0 to 2");
	ok(left_open(some, LENGTH(some), STDOUT_FILENO) == 0x237,
	   "descriptors: those of poll(2) are kept, in whatever order");
	ok(left_open(some, LENGTH(some), 19) == 0x80237,
	   "descriptors: and one more");
	ok(left_open(some, LENGTH(some), 9) == 0x237,
	   "descriptors: which may be one of them");
}

int main(void)
{
	test_loop();
	test_keeper();
	test_looking();
	test_attempts();
#ifdef __x86_64__
	test_other_abi();
#endif
	test_descriptors();
	return done();
}
