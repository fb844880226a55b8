/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * keeper.h - what takes privileges while we trace, in a process of its own
 *
 * keeper_start() forks. The child keeps the program, its hooks and its maps,
 * and does these tasks; the caller reads the rings, and can give up its
 * privileges. Once the caller has ended, in whatever way, the child takes the
 * hooks away and ends as well; at exit(3) the caller waits for that.
 */
#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "accept.h"
#include "cli/event.h"

/* And what each is about. */
enum keeper_task {
	/* A ring for a CPU, of its number; once that is mapped, have it used.
	 */
	KEEPER_RING,
	KEEPER_PUBLISH,
	/* Where maps are no memory: a CPU's state; a slot of spilled events,
	 * and that it was read.
	 */
	KEEPER_STATE,
	KEEPER_SPILLED,
	KEEPER_TAKE,
	/* The path of a cgroup, of its ID. */
	KEEPER_CGROUP,
	/* How many hits the kernel kept from the program, so far. */
	KEEPER_SKIPPED,
	/* Stop tracing. */
	KEEPER_DETACH,
};

struct keeper_answer {
	/* The request's; 0: `path` is a message for the user. */
	uint64_t serial;
	/* 0, or -errno. */
	int error;
	/* Of a ring, or -1. */
	int fd;
	union {
		struct accept_state state;
		struct accept_event event;
		char path[EVENT_CGROUP_MAX + 1];
		/* Accepts that were: losses.skipped, losses.missed; whether
		 * the hooks were dead.
		 */
		struct {
			uint64_t skipped;
			uint64_t missed;
			uint64_t dead;
		} counts;
	};
};

struct tracer;
struct cgroups;

/*
 * Sets tracer->keeper and cgroups->keeper: readable when the child has
 * something to tell by itself, or has gone, which ends the tracing. signals:
 * readable once it is time to end. Dies if it cannot.
 */
void keeper_start(struct tracer *tracer, struct cgroups *cgroups, int signals);

/*
 * Returns answer->error; -EPIPE if the child has gone, -ETIMEDOUT if it is
 * stopped (SIGSTOP), or does not answer though a signal came; in the latter
 * case no later call waits.
 */
int keeper_ask(int keeper, enum keeper_task task, uint64_t about,
	       struct keeper_answer *answer);

/* Say what the child has to tell by itself. False if it has gone. */
bool keeper_hear(int keeper);

#endif
