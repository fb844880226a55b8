// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fail N ERROR PROGRAM...	run a program whose N-th system call fails
 * fail N kill PROGRAM...	one that is killed at its N-th system call
 * fail short BYTES PROGRAM...	one whose read(2)s give no more than that
 *
 * A seccomp filter has each call of it, and of its children, wait for our
 * answer (seccomp_unotify(2), Linux 5.5): the N-th gets ERROR, a number of
 * errno(3), and is told on descriptor 3; the others go on. Of calls of the same
 * kind in a row only the first four count; no call that cannot fail, no
 * pread(2), of which BTF takes a thousand, and no write(2) to stderr, which
 * nothing could tell. SIGTERM goes to the program with its first
 * perf_event_open(2), so that it ends once it has begun.
 *
 * The status is the program's, or 128 and its signal; 199: it made no N calls;
 * 198: some child of it outlived it by ten seconds.
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
	/* To fail, and by what; not at all: then the program is killed. */
	int nth;
	int error;
	/* Calls so far; the last one's kind, and how many of it in a row. */
	int count;
	int last;
	int row;
	bool terminated;
	/* What read(2) gives at the most; 0: all. */
	size_t brief;
};

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* Says so where its arguments are sound; or has no way to tell of it. */
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

/* What the call gets: an errno, or 0 to go on. */
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
 * read(2) a piece of it for the program, for which the descriptor is where it
 * was. False if the program has to, as it is a descriptor that gives all or
 * nothing, like a signalfd.
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

	/* The kernel wants it cleared. */
	memset(&call, 0, sizeof(call));
	/* It may have been killed meanwhile, before or after. */
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

/* In the child: its descriptor of who answers; exec(2) closes it. */
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

/* The child's descriptor, as ours. */
static int take(pid_t child, volatile const int *number)
{
	int pidfd = syscall(SYS_pidfd_open, child, 0), listener;

	while (*number == -1 && !usleep(100))
		;
	listener = syscall(SYS_pidfd_getfd, pidfd, *number, 0);
	if (listener < 0)
		fail("pidfd_getfd");
	/* We take turns: on one processor, where the kernel can do that. */
	ioctl(listener, NOTIF_SET_FLAGS, NOTIF_SYNC_WAKE_UP);
	close(pidfd);
	return listener;
}

/* Whether there are children left; the program's status, if it was that one. */
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
	/* Orphans of the program are ours to wait for. */
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
