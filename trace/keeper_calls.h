/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * keeper_calls.h - requests of the process that reads to the keeper
 *
 * The keeper (trace/keeper.h) is the other process: it keeps the privileges.
 * A socket pair of SOCK_SEQPACKET connects the two. The reader sends a struct
 * keeper_request; the keeper answers each, in order, with a struct
 * keeper_answer of the same serial. A descriptor in the answer is passed as
 * SCM_RIGHTS.
 *
 *	request		about			answer
 *	KEEPER_RING	a CPU's number		fd: its new perf ring
 *	KEEPER_PUBLISH	a CPU's number		-: programs use that ring now
 *	KEEPER_STATE	a CPU's number		state
 *	KEEPER_SPILLED	a slot of the map	event
 *	KEEPER_TAKE	a slot of the map	-: the slot is free again
 *	KEEPER_CGROUP	a cgroup's ID		path
 *	KEEPER_EXE	a process ID		path
 *	KEEPER_LOOK	-			-: looked (attach/sockets.h)
 *	KEEPER_COUNTS	-			counts.skipped, .netstat
 *	KEEPER_DETACH	-			counts: tracing has stopped
 *
 * An answer of serial 0 belongs to no request: its path is a message for the
 * user. When either process ends, its end of the pair is closed: recv(2) of the
 * other process returns what is left, and then 0 or an error.
 *
 * Each call below waits for its answer. If the keeper fails, the call returns
 * the keeper's -errno. If the keeper has ended, it returns -EPIPE. If the
 * keeper is stopped (SIGSTOP), it returns -ETIMEDOUT; and also if the keeper
 * does not answer although a signal came, after which no call waits.
 */
#ifndef KEEPER_CALLS_H
#define KEEPER_CALLS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "accept.h"
#include "kernel/netstat.h"

/*
 * The longest path of a cgroup, in bytes, without its NUL. A longer one loses
 * its beginning.
 */
#define CGROUP_PATH_MAX 500
/* The same of a process's executable. */
#define EXE_PATH_MAX 255

enum keeper_task {
	KEEPER_RING,
	KEEPER_PUBLISH,
	KEEPER_STATE,
	KEEPER_SPILLED,
	KEEPER_TAKE,
	KEEPER_CGROUP,
	KEEPER_EXE,
	KEEPER_LOOK,
	KEEPER_COUNTS,
	KEEPER_DETACH,
};

struct keeper_request {
	uint64_t task;
	uint64_t about;
	/* The answer has the same, so that it is not taken for another's. */
	uint64_t serial;
};

struct keeper_counts {
	/* Hits that the kernel skipped; not all of them are accepts. */
	uint64_t skipped;
	/* Returns of functions that the kernel did not follow. */
	uint64_t missed;
	/* Without BPF, hits whose samples were to go to the rings. */
	uint64_t hits;
	/* And those on CPUs that had come online just before. */
	uint64_t untapped;
	/* 1 if the hooks had been switched off, else 0. */
	uint64_t dead;
	struct netstat netstat;
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

/* Control data for one descriptor, aligned as cmsg(3) needs it. */
union keeper_beside {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

/*
 * How often to try a send or receive: the kernel may be short of memory for a
 * moment.
 */
#define KEEPER_TRIES 3

/*
 * Call this once, before any of the calls. child: the keeper's process ID;
 * keeper: this process's end of the pair, as the calls need it; signals: a
 * descriptor that is readable once a signal came. From then on exit(3) waits
 * until the keeper has ended.
 */
void keeper_calls_open(pid_t child, int keeper, int signals);

/*
 * Open a perf ring for a CPU. Returns its descriptor: map it, then call
 * keeper_publish().
 */
int keeper_ring(int keeper, int cpu);
/* Have programs use the ring that keeper_ring() opened last for this CPU. */
int keeper_publish(int keeper, int cpu);

/* Read a CPU's state; for Linux before 5.5, which cannot mmap(2) maps. */
int keeper_state(int keeper, int cpu, struct accept_state *state);
/* Read a slot of the map of spilled events. */
int keeper_spilled(int keeper, uint32_t slot, struct accept_event *event);
/* Free such a slot. */
int keeper_take(int keeper, uint32_t slot);

/*
 * Write the path of the cgroup of that ID, from the hierarchy's root on.
 * Returns -ENOENT if there is none, or it cannot be found.
 */
int keeper_cgroup(int keeper, uint64_t id, char path[CGROUP_PATH_MAX + 1]);

/*
 * Write the path of what the process runs, by its ID as events have it. Returns
 * -ENOENT if it has ended, or that cannot be found.
 */
int keeper_exe(int keeper, uint32_t pid, char path[EXE_PATH_MAX + 1]);

/* For the rung poll: look at the sockets, as sockets_look() does. */
int keeper_look(int keeper);

/* Read for how many hits the kernel has skipped the program so far; netstat. */
int keeper_counts(int keeper, struct keeper_counts *counts);

/* Stop tracing. The rings still hold the events up to then. */
int keeper_detach(int keeper, struct keeper_counts *counts);

/*
 * Print the keeper's messages; call it when `keeper` is readable. Returns false
 * if the keeper has ended.
 */
bool keeper_hear(int keeper);

#endif
