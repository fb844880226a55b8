/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sockets.h - which sockets of this network namespace were accepted since the
 * last look at /proc/net/tcp
 *
 * For the rung poll, where nothing reports accepts. The process that looks
 * shares what it finds with the one that reads.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include <stdint.h>

#include "accept.h"
#include "base/message.h"

struct request;

/* The most accepts that one look reports; the next one has the others. */
#define LOOK_EVENTS 4096

/* What was found; a look replaces the events of the one before. */
struct look {
	/*
	 * How many looks there were; written last. And the last of which the
	 * reader has read all events, as it writes: no other look comes before.
	 */
	uint32_t number;
	uint32_t taken;
	/* How many events the last one has, in no order, all of its time. */
	uint32_t count;
	/*
	 * Since the start: how many connections were established to listeners,
	 * UINT64_MAX if that is not known; how many were seen to be accepted,
	 * whether they pass the filters or not.
	 */
	uint64_t opened;
	uint64_t accepted;
	/* How many waited to be accepted at the start, and do so now. */
	uint64_t waited;
	uint64_t waiting;
	/* Events whose process is not known. */
	uint64_t ownerless;
	/* Those of them that filters by process, name or user left out. */
	uint64_t undecided;
	/* Looks that could not be made, or not to the end. */
	uint64_t failed;
	/*
	 * Whole ones. What is not known is as in accept.h, and ACCEPT_UNKNOWN
	 * in `pid` and `tid`. The names are the process's.
	 */
	struct accept_event events[LOOK_EVENTS];
};

/*
 * Note the connections that there are, which have no event. request: has the
 * filters, and must outlive this. Returns the memory of the looks, in *look,
 * and 0; or -errno with the reason.
 */
int sockets_open(struct look **look, const struct request *request,
		 struct reason *reason);

/*
 * Look, unless events of the last look are not read yet. The caller may be
 * another process than that of sockets_open().
 */
void sockets_look(void);

/* For the process that looks: look for the last time: later calls of
 * sockets_look() do nothing. */
void sockets_stop(void);

#endif
