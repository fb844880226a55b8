// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * keeper.c - the process that keeps the privileges while the other one reads
 *
 * It answers the requests of keeper_calls.h until the other process ends, and
 * then removes the hooks.
 *
 * Sections: requests, process.
 */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/fs.h"
#include "base/text.h"
#include "attach/ladder.h"
#include "attach/rings.h"
#include "attach/selftest.h"
#include "attach/sockets.h"
#include "attach/tracefs.h"
#include "trace/cgroup.h"
#include "trace/follow.h"
#include "trace/keeper.h"
#include "trace/keeper_calls.h"
#include "trace/sandbox.h"

/* ------------------------------------------------------------------------
 * Requests
 */

static void do_detach(struct tracer *tracer, struct keeper_answer *answer)
{
	struct unseen unseen;

	answer->counts.dead = selftest_is_dead(&tracer->probe);
	answer->counts.netstat = netstat_read();
	unseen = tracer_stop(tracer);
	answer->counts.skipped = unseen.skipped;
	answer->counts.missed = unseen.missed;
	answer->counts.untapped = unseen.untapped;
	answer->counts.hits = tracer->rings.hits;
}

/* keeper_exe(); of a path that is too long "..." is the beginning. */
static int read_exe(const struct tracer *tracer, uint64_t pid,
		    char to[EXE_PATH_MAX + 1])
{
	static char path[PATH_MAX];
	const int proc = tracer->probe.host_pids ? -1 : fs_open(FS_PROC);
	char name[32], *start = path;
	ssize_t length;

	if (proc < 0)
		return -ENOENT;
	text_format(name, sizeof(name), "%u/exe", (unsigned int)pid);
	length = readlinkat(proc, name, path, sizeof(path) - 1);
	close(proc);
	if (length <= 0)
		return -ENOENT;
	path[length] = '\0';
	if (length > EXE_PATH_MAX) {
		start += length - EXE_PATH_MAX;
		for (int i = 0; i < 3; i++)
			start[i] = '.';
	}
	memcpy(to, start, strlen(start) + 1);
	return 0;
}

/* Carry out a request and fill in the answer. Returns 0, or -errno. */
static int do_task(struct tracer *tracer, struct cgroups *cgroups,
		   const struct keeper_request *request,
		   struct keeper_answer *answer)
{
	static const struct accept_event none;
	const uint64_t about = request->about;

	switch (request->task) {
	case KEEPER_RING:
		answer->fd = rings_open_one(&tracer->rings, about);
		return answer->fd < 0 ? answer->fd : 0;
	case KEEPER_PUBLISH:
		return rings_publish_one(&tracer->rings, about);
	case KEEPER_STATE:
		return raw_map_get(tracer->rings.states, about, &answer->state);
	case KEEPER_SPILLED:
		return raw_map_get(tracer->rings.spill, about, &answer->event);
	case KEEPER_TAKE:
		return raw_map_set(tracer->rings.spill, about, &none);
	case KEEPER_CGROUP:
		return cgroups_find(cgroups, about, answer->path,
				    sizeof(answer->path)) ?
			       0 :
			       -ENOENT;
	case KEEPER_EXE:
		return tracer->request.exe ?
			       read_exe(tracer, about, answer->path) :
			       -EINVAL;
	case KEEPER_LOOK:
		if (!tracer->probe.look)
			return -EINVAL;
		sockets_look();
		return 0;
	case KEEPER_COUNTS:
		answer->counts.netstat = netstat_read();
		answer->counts.skipped =
			raw_program_missed(tracer->probe.program);
		return 0;
	case KEEPER_DETACH:
		do_detach(tracer, answer);
		return 0;
	default:
		return -EINVAL;
	}
}

/* Returns false if it cannot be sent: the caller must not wait for it then. */
static bool answer_send(int socket, const struct keeper_answer *answer)
{
	union keeper_beside beside = { 0 };
	struct iovec whole = { (void *)answer, sizeof(*answer) };
	struct msghdr message = { .msg_iov = &whole, .msg_iovlen = 1 };

	if (answer->fd >= 0) {
		message.msg_control = &beside;
		message.msg_controllen = sizeof(beside.room);
		beside.header.cmsg_level = SOL_SOCKET;
		beside.header.cmsg_type = SCM_RIGHTS;
		beside.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&beside.header), &answer->fd, sizeof(int));
	}
	for (int i = 0; i < KEEPER_TRIES; i++)
		if (sendmsg(socket, &message, MSG_NOSIGNAL) > 0)
			return true;
	return false;
}

/* ------------------------------------------------------------------------
 * Process
 */

/*
 * Close what only the caller needs. Whoever reads its stdout must see the end
 * when the caller ends.
 */
static void child_close(struct tracer *tracer, int signals)
{
	int root = open("/", O_PATH | O_CLOEXEC);

	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (root < 0 || dup2(root, i) < 0)
			close(i);
	if (root > STDERR_FILENO)
		close(root);
	close(signals);
	if (tracer->rings.uevents >= 0)
		close(tracer->rings.uevents);
	rings_keep(&tracer->rings);
}

/* Send a message that the caller prints. */
__attribute__((format(printf, 2, 3))) static void
child_say(int socket, const char *format, ...)
{
	struct keeper_answer answer = { .fd = -1 };
	va_list list;

	va_start(list, format);
	text_list(answer.path, sizeof(answer.path), format, list);
	va_end(list);
	answer_send(socket, &answer);
}

/* Answer one request. Returns false once the caller has ended. */
static bool child_serve(struct tracer *tracer, struct cgroups *cgroups,
			int socket)
{
	struct keeper_answer answer = { .fd = -1 };
	struct keeper_request request;

	if (recv(socket, &request, sizeof(request), 0) != sizeof(request))
		return false;
	answer.serial = request.serial;
	answer.error = do_task(tracer, cgroups, &request, &answer);
	return answer_send(socket, &answer);
}

static void child_look(struct follow *follow, const struct tracer *tracer,
		       int socket)
{
	char text[CGROUP_PATH_MAX];

	while (follow_look(follow, &tracer->filter_maps, text, sizeof(text)))
		child_say(socket, "%s", text);
}

static void child_loop(struct tracer *tracer, struct cgroups *cgroups,
		       struct follow *follow, int socket)
{
	struct pollfd polls[] = {
		{ .fd = socket, .events = POLLIN },
		{ .fd = follow->inotify, .events = POLLIN },
	};

	for (;;) {
		/* First: something may have changed before it was watched. */
		child_look(follow, tracer, socket);
		/* If poll(2) fails, serve the caller, and follow no paths. */
		if (poll(polls, 2, follow_timeout(follow)) < 0)
			polls[0].revents = POLLIN;
		if (polls[0].revents && !child_serve(tracer, cgroups, socket))
			return;
	}
}

static _Noreturn void child_run(struct tracer *tracer, struct cgroups *cgroups,
				int signals, int socket)
{
	struct follow follow;
	sigset_t all;
	int error;

	/* No signal may end the keeper with a probe left behind. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* Signals of the terminal are for the caller. */
	setsid();
	prctl(PR_SET_NAME, "tcpaccept-keep");
	child_close(tracer, signals);
	tracefs_keep();
	follow_open(&follow, tracer->request.filters);
	selftest_watch(&tracer->probe);
	/* It could not be mounted later. */
	if (tracer->request.exe || tracer->probe.look)
		fs_hold(FS_PROC);
	error = sandbox_enter_keeper(tracer->request.exe, tracer->probe.look);
	/* EINVAL: the kernel has no seccomp filters, as the caller says. */
	if (error && error != -EINVAL)
		child_say(socket, "note: cannot confine tcpaccept-keep: %s",
			  strerror(-error));
	child_loop(tracer, cgroups, &follow, socket);
	tracer_stop(tracer);
	tracefs_leave();
	exit(EXIT_SUCCESS);
}

int keeper_start(struct tracer *tracer, struct cgroups *cgroups, int signals)
{
	int pair[2];
	pid_t child;

	tracefs_settle();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		die(errno, hint_for(STEP_OTHER, errno),
		    "cannot open a socket pair");
	child = fork();
	if (child < 0)
		die(errno, hint_for(STEP_FORK, errno),
		    "cannot start a second process");
	if (!child) {
		close(pair[0]);
		child_run(tracer, cgroups, signals, pair[1]);
	}
	close(pair[1]);
	cgroups->keeper = pair[0];
	tracefs_give_away();
	keeper_calls_open(child, pair[0], signals);
	return pair[0];
}
