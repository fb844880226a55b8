/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * keeper_calls.h - what the process that reads asks of the keeper
 *
 * The keeper (trace/keeper.h) is the other process: it keeps the privileges.
 * The two are connected by a socket pair of SOCK_SEQPACKET. The reader sends a
 * struct keeper_request; the keeper answers each, in order, with a struct
 * keeper_answer of the same serial, and with a descriptor (SCM_RIGHTS) where
 * there is one:
 *
 *	request		about			answer
 *	KEEPER_RING	a CPU's number		fd: its new perf ring
 *	KEEPER_PUBLISH	a CPU's number		-: programs use that ring now
 *	KEEPER_STATE	a CPU's number		state
 *	KEEPER_SPILLED	a slot of the map	event
 *	KEEPER_TAKE	a slot of the map	-: the slot is free again
 *	KEEPER_CGROUP	a cgroup's ID		path
 *	KEEPER_SKIPPED	-			counts.skipped
 *	KEEPER_DETACH	-			counts: tracing has stopped
 *
 * An answer of serial 0 belongs to no request: its path is a message for the
 * user. When either process ends, its end of the pair is closed, and recv(2) of
 * the other one returns, with what is left, then 0 or an error.
 *
 * Each call below waits for its answer. It returns -errno of what the keeper
 * did; -EPIPE if the keeper has gone; -ETIMEDOUT if the keeper is stopped
 * (SIGSTOP), or does not answer although a signal came: in the latter case no
 * later call waits.
 */
#ifndef KEEPER_CALLS_H
#define KEEPER_CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "accept.h"

/* Bytes of a cgroup's path, without its NUL; a longer one loses its head. */
#define CGROUP_PATH_MAX 500

enum keeper_task {
	KEEPER_RING,
	KEEPER_PUBLISH,
	KEEPER_STATE,
	KEEPER_SPILLED,
	KEEPER_TAKE,
	KEEPER_CGROUP,
	KEEPER_SKIPPED,
	KEEPER_DETACH,
};

struct keeper_request {
	uint64_t task;
	uint64_t about;
	/* The answer has the same, so that none is taken for another's. */
	uint64_t serial;
};

struct keeper_counts {
	/* Hits that the kernel kept from the program, not all of them accepts;
	 * returns that it did not follow.
	 */
	uint64_t skipped;
	uint64_t missed;
	/* Whether the hooks had been switched off. */
	uint64_t dead;
};

struct keeper_answer {
	uint64_t serial;
	/* 0, or -errno. */
	int error;
	/* A descriptor, or -1. */
	int fd;
	union {
		struct accept_state state;
		struct accept_event event;
		char path[CGROUP_PATH_MAX + 1];
		struct keeper_counts counts;
	};
};

/* Control data of one descriptor, aligned as cmsg(3) needs it. */
union keeper_beside {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

/* Tries of a send or receive: the kernel may be short of memory for a moment.
 */
#define KEEPER_TRIES 3

/*
 * Once, before any other call: the keeper's process ID; our end of the pair,
 * which is the `keeper` of the calls; a descriptor that is readable once a
 * signal came. At exit(3) the process waits until the keeper has ended.
 */
void keeper_calls_open(pid_t child, int keeper, int signals);

/* A perf ring for a CPU: its descriptor, to be mapped and then published. */
int keeper_ring(int keeper, int cpu);
/* The programs are to use the ring that keeper_ring() returned last for this
 * CPU. */
int keeper_publish(int keeper, int cpu);

/* Where maps cannot be memory (before Linux 5.5): a CPU's state; a slot of the
 * map of spilled events; free that slot.
 */
int keeper_state(int keeper, int cpu, struct accept_state *state);
int keeper_spilled(int keeper, uint32_t slot, struct accept_event *event);
int keeper_take(int keeper, uint32_t slot);

/* The path of the cgroup of that ID, from the hierarchy's root on; -ENOENT if
 * there is none, or it cannot be found.
 */
int keeper_cgroup(int keeper, uint64_t id, char path[CGROUP_PATH_MAX + 1]);

/* How many hits the kernel kept from the program so far. */
int keeper_skipped(int keeper, uint64_t *skipped);

/* Stop tracing. The rings still hold what came before. */
int keeper_detach(int keeper, struct keeper_counts *counts);

/* Print what the keeper has to say without being asked; call it when `keeper`
 * is readable. False if the keeper has gone.
 */
bool keeper_hear(int keeper);

#endif
