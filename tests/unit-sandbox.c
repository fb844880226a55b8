// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * unit-sandbox.c - what is left of the system once sandbox_enter() was called
 *
 * With musl, as the tool is: the sanitizers make calls of their own. That the
 * loop has what it takes is seen wherever the tool runs at all.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "bpf_raw.h"
#include "sandbox.h"
#include "tap.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* How a child ends that makes this call: its signal, or 0. */
static int end_of(long number, const long *arguments)
{
	pid_t child = fork();
	int status;

	if (!child) {
		sandbox_enter(false);
		syscall(number, arguments[0], arguments[1], arguments[2],
			arguments[3], arguments[4], arguments[5]);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -1;
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

struct call {
	const char *name;
	long number;
	long arguments[6];
};

static void test_forbidden(void)
{
	static const struct call calls[] = {
		{ "read", SYS_read, { 0 } },
		{ "openat", SYS_openat, { AT_FDCWD, (long)"/", O_RDONLY } },
		{ "readlinkat", SYS_readlinkat, { 0 } },
		{ "unlinkat", SYS_unlinkat, { 0 } },
		{ "execve", SYS_execve, { (long)"/bin/true" } },
		{ "clone", SYS_clone, { SIGCHLD } },
		{ "kill", SYS_kill, { 0 } },
		{ "socket", SYS_socket, { AF_INET, SOCK_STREAM } },
		{ "connect", SYS_connect, { 0 } },
		{ "ioctl", SYS_ioctl, { 0 } },
		{ "fcntl", SYS_fcntl, { 0 } },
		{ "dup", SYS_dup, { 0 } },
		{ "ptrace", SYS_ptrace, { 0 } },
		{ "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 } },
		{ "bpf", SYS_bpf, { 0 } },
		{ "perf_event_open", SYS_perf_event_open, { 0 } },
		{ "mprotect", SYS_mprotect, { 0 } },
		{ "mremap", SYS_mremap, { 0 } },
		{ "process_vm_writev", SYS_process_vm_writev, { 0 } },
		{ "mount", SYS_mount, { 0 } },
		{ "setns", SYS_setns, { 0 } },
		{ "setuid", SYS_setuid, { 0 } },
		{ "mmap of code",
		  SYS_mmap,
		  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1 } },
		{ "one that there is not", 4095, { 0 } },
#ifdef __x86_64__
		{ "write of x32", SYS_write | 0x40000000, { 1 } },
#endif
	};

	for (size_t i = 0; i < LENGTH(calls); i++) {
		int end = end_of(calls[i].number, calls[i].arguments);

		ok(end == SIGSYS, "it kills: %s", calls[i].name);
	}
}

static void test_allowed(void)
{
	static const struct call calls[] = {
		{ "write", SYS_write, { STDOUT_FILENO } },
		{ "close", SYS_close, { STDOUT_FILENO } },
		{ "mmap of data",
		  SYS_mmap,
		  { 0, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1 } },
		{ "restart_syscall", SYS_restart_syscall, { 0 } },
	};

	for (size_t i = 0; i < LENGTH(calls); i++) {
		int end = end_of(calls[i].number, calls[i].arguments);

		ok(!end, "it does not: %s", calls[i].name);
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

		sandbox_enter(false);
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
		descriptors_keep(kept, count, another);
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
	test_forbidden();
	test_allowed();
#ifdef __x86_64__
	test_other_abi();
#endif
	test_descriptors();
	return done();
}
