// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * keeper_calls.c - requests of the process that reads to the keeper
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/message.h"
#include "trace/keeper_calls.h"

/* Once a signal came, a keeper that runs has so many seconds to answer. */
#define ANSWER_S 30

/* Static, as destructors get no argument. */
static struct {
	pid_t child;
	int socket;
	int signals;
	uint64_t serial;
	/* A signal came. */
	bool ending;
	/* The child did not answer although a signal came: ask no more. */
	bool mute;
} peer;

/* waitpid(2) reports a stop or its end only once: remember it. */
static bool child_is_stopped(void)
{
	static bool stopped;
	int status;

	while (waitpid(peer.child, &status, WNOHANG | WUNTRACED | WCONTINUED) >
	       0)
		stopped = WIFSTOPPED(status);
	return stopped;
}

/* Before tracefs.c removes probes: destructors run from high to low. */
__attribute__((destructor(103))) static void wait_for_child(void)
{
	int status = 0;

	if (!peer.child)
		return;
	close(peer.socket);
	/* A stopped child will remove its hooks once it is continued. */
	if (child_is_stopped())
		return;
	while (!WIFSTOPPED(status) &&
	       (waitpid(peer.child, &status, WUNTRACED) > 0 || errno == EINTR))
		if (WIFEXITED(status) || WIFSIGNALED(status))
			break;
}

/*
 * Wait until there is an answer. Returns false if the child is stopped, or does
 * not answer although a signal came.
 */
static bool answer_comes(void)
{
	struct pollfd polls[] = {
		{ .fd = peer.socket, .events = POLLIN },
		{ .fd = peer.signals, .events = POLLIN },
	};
	int count, seconds = 0;

	for (;;) {
		count = poll(polls, peer.ending ? 1 : 2, STALL_MS);
		if (count < 0 && errno != EINTR)
			return false;
		if (count > 0 && polls[0].revents)
			return true;
		if (count > 0)
			peer.ending = true;
		if (count)
			continue;
		if (child_is_stopped() ||
		    (peer.ending && ++seconds == ANSWER_S))
			return false;
	}
}

/* It does not wait: a keeper that is stopped leaves requests in the socket. */
static int request_send(int keeper, const struct keeper_request *request)
{
	for (int i = 0; i < KEEPER_TRIES; i++) {
		if (send(keeper, request, sizeof(*request),
			 MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
			return 0;
		if (errno == EAGAIN)
			return -ETIMEDOUT;
	}
	return -EPIPE;
}

/* Returns false if there is no answer, or the child has ended. */
static bool answer_receive(int keeper, struct keeper_answer *answer, int flags)
{
	union keeper_beside beside = { 0 };
	struct iovec whole = { answer, sizeof(*answer) };
	struct msghdr message = {
		.msg_iov = &whole,
		.msg_iovlen = 1,
		.msg_control = &beside,
		.msg_controllen = sizeof(beside.room),
	};

	if (recvmsg(keeper, &message, MSG_CMSG_CLOEXEC | flags) !=
	    sizeof(*answer))
		return false;
	answer->fd = -1;
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)) &&
	    beside.header.cmsg_type == SCM_RIGHTS)
		memcpy(&answer->fd, CMSG_DATA(&beside.header), sizeof(int));
	return true;
}

bool keeper_hear(int keeper)
{
	struct keeper_answer answer;

	errno = 0;
	while (answer_receive(keeper, &answer, MSG_DONTWAIT)) {
		if (!answer.serial)
			say("%s", answer.path);
		/* Else the answer came too late, and its descriptor, too. */
		if (answer.fd >= 0)
			close(answer.fd);
	}
	return errno == EAGAIN;
}

static int ask(int keeper, enum keeper_task task, uint64_t about,
	       struct keeper_answer *answer)
{
	const struct keeper_request request = { task, about, ++peer.serial };
	int error;

	answer->fd = -1;
	if (peer.mute)
		return -ETIMEDOUT;
	error = request_send(keeper, &request);
	for (int i = 0; i < KEEPER_TRIES && !error; i++) {
		if (!answer_comes()) {
			peer.mute = peer.ending;
			return -ETIMEDOUT;
		}
		if (!answer_receive(keeper, answer, 0))
			continue;
		if (answer->serial == request.serial)
			return answer->error;
		if (!answer->serial) {
			say("%s", answer->path);
			i--;
		}
		/* The answer came too late, and its descriptor, too. */
		if (answer->fd >= 0)
			close(answer->fd);
		answer->fd = -1;
	}
	return error ? error : -EPIPE;
}

void keeper_calls_open(pid_t child, int keeper, int signals)
{
	peer.child = child;
	peer.socket = keeper;
	peer.signals = signals;
}

int keeper_ring(int keeper, int cpu)
{
	struct keeper_answer answer;
	int error = ask(keeper, KEEPER_RING, cpu, &answer);

	if (error)
		return error;
	/* The kernel drops it if this process has no free descriptor. */
	return answer.fd < 0 ? -EMFILE : answer.fd;
}

int keeper_publish(int keeper, int cpu)
{
	struct keeper_answer answer;

	return ask(keeper, KEEPER_PUBLISH, cpu, &answer);
}

int keeper_state(int keeper, int cpu, struct accept_state *state)
{
	struct keeper_answer answer;
	int error = ask(keeper, KEEPER_STATE, cpu, &answer);

	if (!error)
		*state = answer.state;
	return error;
}

int keeper_spilled(int keeper, uint32_t slot, struct accept_event *event)
{
	struct keeper_answer answer;
	int error = ask(keeper, KEEPER_SPILLED, slot, &answer);

	if (!error)
		*event = answer.event;
	return error;
}

int keeper_take(int keeper, uint32_t slot)
{
	struct keeper_answer answer;

	return ask(keeper, KEEPER_TAKE, slot, &answer);
}

int keeper_cgroup(int keeper, uint64_t id, char path[CGROUP_PATH_MAX + 1])
{
	struct keeper_answer answer;
	int error = ask(keeper, KEEPER_CGROUP, id, &answer);

	if (!error)
		memcpy(path, answer.path, sizeof(answer.path));
	return error;
}

int keeper_exe(int keeper, uint32_t pid, char path[EXE_PATH_MAX + 1])
{
	struct keeper_answer answer;
	int error = ask(keeper, KEEPER_EXE, pid, &answer);

	if (!error)
		memcpy(path, answer.path, EXE_PATH_MAX + 1);
	return error;
}

int keeper_look(int keeper)
{
	struct keeper_answer answer;

	return ask(keeper, KEEPER_LOOK, 0, &answer);
}

static int ask_counts(int keeper, enum keeper_task task,
		      struct keeper_counts *counts)
{
	struct keeper_answer answer;
	int error = ask(keeper, task, 0, &answer);

	if (!error)
		*counts = answer.counts;
	return error;
}

int keeper_counts(int keeper, struct keeper_counts *counts)
{
	return ask_counts(keeper, KEEPER_COUNTS, counts);
}

int keeper_detach(int keeper, struct keeper_counts *counts)
{
	return ask_counts(keeper, KEEPER_DETACH, counts);
}
