// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fail.c - runs a program and makes one of its system calls fail
 *
 *	fail N ERROR PROGRAM...		its N-th system call fails
 *	fail N kill PROGRAM...		it is killed at its N-th system call
 *	fail short BYTES PROGRAM...	its read(2)s give at most so many bytes
 *
 * Because of a seccomp filter each system call of the program and its children
 * waits for our answer (seccomp_unotify(2), Linux 5.5): the N-th one gets
 * ERROR, a number of errno(3), and its own number is written to descriptor 3;
 * the others continue. Of several calls of the same kind in a row only the
 * first four count. Not counted are calls that cannot fail, pread(2), as BTF
 * needs a thousand of it, and write(2) to stderr, whose failure nothing could
 * report. At its first perf_event_open(2) the program gets SIGTERM, so that it
 * ends once it has begun.
 *
 * The exit status is the program's, or 128 and the number of its signal. 199:
 * it made fewer than N calls. 198: a child outlived it by ten seconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

/* Of linux/seccomp.h since Linux 6.6. */
#define NOTIF_SET_FLAGS _IOW('!', 4, __u64)
#define NOTIF_SYNC_WAKE_UP 1UL

enum { NO_SUCH_CALL = 199, OUTLIVED = 198, IN_A_ROW = 4, WAIT_S = 10 };

struct run {
	pid_t program;
	/* The call that fails. */
	int nth;
	/* Its errno; 0: kill the program instead. */
	int error;
	/* Calls that count, so far. */
	int count;
	/* The number of the last call, and how many of it came in a row. */
	int last;
	int row;
	/* The program was sent SIGTERM. */
	bool terminated;
	/* How many bytes read(2) gives at most; 0: no limit. */
	size_t brief;
};

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* Calls that cannot fail with right arguments, or cannot report an error. */
static bool cannot_fail(int number)
{
	static const int numbers[] = {
		SYS_exit_group,	     SYS_exit,
		SYS_close,	     SYS_munmap,
		SYS_rt_sigprocmask,  SYS_rt_sigaction,
		SYS_rt_sigreturn,    SYS_restart_syscall,
		SYS_set_tid_address, SYS_set_robust_list,
		SYS_getpid,	     SYS_gettid,
		SYS_wait4,	     SYS_clock_gettime,
		SYS_getrlimit,	     SYS_execve,
		SYS_setsid,
#ifdef SYS_arch_prctl
		SYS_arch_prctl,
#endif
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* The answer to a call: an errno, or 0 to let it continue. */
static int verdict(struct run *run, const struct seccomp_data *call)
{
	const int number = call->nr;

	if (number == SYS_perf_event_open && !run->terminated) {
		run->terminated = true;
		kill(run->program, SIGTERM);
	}
	if (cannot_fail(number) ||
	    (number == SYS_write && call->args[0] == STDERR_FILENO))
		return 0;
	run->row = number == run->last ? run->row + 1 : 1;
	run->last = number;
	if (run->row > IN_A_ROW || ++run->count != run->nth)
		return 0;
	dprintf(3, "%d\n", number);
	if (!run->error)
		kill(run->program, SIGKILL);
	return run->error;
}

/*
 * Do the read(2) for the program, but read fewer bytes. Returns false if the
 * program has to read itself: some descriptors, like a signalfd, give all or
 * nothing.
 */
static bool read_briefly(const struct run *run,
			 const struct seccomp_notif *call,
			 struct seccomp_notif_resp *response)
{
	const __u64 *args = call->data.args;
	char text[64], path[32];
	int pidfd = -1, fd = -1, memory = -1;
	ssize_t length = -1;

	if (call->data.nr != SYS_read || args[2] <= run->brief)
		return false;
	pidfd = syscall(SYS_pidfd_open, call->pid, 0);
	fd = syscall(SYS_pidfd_getfd, pidfd, (int)args[0], 0);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)call->pid);
	memory = open(path, O_WRONLY);
	if (pidfd < 0 || fd < 0 || memory < 0)
		fail(path);
	length = read(fd, text, run->brief);
	if (length > 0 && pwrite(memory, text, length, args[1]) != length)
		fail(path);
	response->val = length;
	close(memory);
	close(fd);
	close(pidfd);
	return length >= 0;
}

static void answer(int listener, struct run *run)
{
	struct seccomp_notif_resp response = { 0 };
	struct seccomp_notif call;

	/* The kernel needs it to be all zeros. */
	memset(&call, 0, sizeof(call));
	/* The caller may have been killed, here or below. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call))
		return;
	response.id = call.id;
	if (!run->brief)
		response.error = -verdict(run, &call.data);
	if (!response.error &&
	    !(run->brief && read_briefly(run, &call, &response)))
		response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

/* In the child: returns the descriptor for answers, which exec(2) closes. */
static int filter_install(void)
{
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pread64, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
	};
	struct sock_fprog program = { 4, lines };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

/* Wait for the child's descriptor for answers; returns a copy of it. */
static int take(pid_t child, volatile const int *number)
{
	int pidfd = syscall(SYS_pidfd_open, child, 0), listener;

	while (*number == -1 && !usleep(100))
		;
	listener = syscall(SYS_pidfd_getfd, pidfd, *number, 0);
	if (listener < 0)
		fail("pidfd_getfd");
	/* We take turns: run both on one processor, if the kernel can. */
	ioctl(listener, NOTIF_SET_FLAGS, NOTIF_SYNC_WAKE_UP);
	close(pidfd);
	return listener;
}

/* Whether children are left. Sets *status once the program has ended. */
static bool reap(const struct run *run, int *status)
{
	pid_t pid;
	int ended;

	while ((pid = waitpid(-1, &ended, WNOHANG)) > 0)
		if (pid == run->program)
			*status = WIFSIGNALED(ended) ? 128 + WTERMSIG(ended) :
						       WEXITSTATUS(ended);
	return pid == 0;
}

static int supervise(int listener, struct run *run)
{
	struct pollfd polled = { .fd = listener, .events = POLLIN };
	time_t deadline = 0;
	int status = -1;

	while (reap(run, &status)) {
		if (status >= 0 && !deadline)
			deadline = time(NULL) + WAIT_S;
		if (deadline && time(NULL) > deadline)
			return OUTLIVED;
		if (poll(&polled, 1, 5) > 0 && polled.revents & POLLIN)
			answer(listener, run);
	}
	return run->count < run->nth ? NO_SUCH_CALL : status;
}

int main(int argc, char **argv)
{
	struct run run = { 0 };
	volatile int *number;

	if (argc < 4) {
		fputs("usage: fail N ERROR|kill PROGRAM...\n"
		      "       fail short BYTES PROGRAM...\n",
		      stderr);
		return 2;
	}
	if (!strcmp(argv[1], "short")) {
		run.brief = atoi(argv[2]);
	} else {
		run.nth = atoi(argv[1]);
		run.error = strcmp(argv[2], "kill") ? atoi(argv[2]) : 0;
	}
	number = mmap(NULL, sizeof(*number), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (number == MAP_FAILED)
		fail("mmap");
	*number = -1;
	/* We wait for orphans of the program. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	run.program = fork();
	if (run.program < 0)
		fail("fork");
	if (!run.program) {
		*number = filter_install();
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	return supervise(take(run.program, number), &run);
}
