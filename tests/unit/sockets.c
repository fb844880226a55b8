// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sockets.c - what looks at sockets take for accepts, of tables that are made
 * up
 */
#include <arpa/inet.h>

/* These are here. */
#define tcp_sockets made_up_sockets
#define netstat_opens made_up_opens
#include "attach/sockets.c"

#include "tap.h"

#define SOCKETS_MAX 16

/* Of enum tcp_state, which has no name for it. */
#define CLOSED 7

static struct tcp_socket table[SOCKETS_MAX];
static int table_count;
static uint64_t made;
/* What the next look at the table returns. */
static int failure;

uint64_t netstat_opens(int proc)
{
	(void)proc;
	return made;
}

/* The one that sockets_open() has, and the other listeners, first. */
int tcp_sockets(int proc, void (*call)(const struct tcp_socket *socket))
{
	const struct tcp_socket own = {
		.tuple = { .family = AF_INET, .lport = 1 },
		.state = TCP_STATE_LISTEN,
		.inode = sockets.own,
	};

	(void)proc;
	call(&own);
	for (int i = 0; i < table_count; i++)
		if (table[i].state == TCP_STATE_LISTEN)
			call(&table[i]);
	for (int i = 0; i < table_count; i++)
		if (table[i].state != TCP_STATE_LISTEN)
			call(&table[i]);
	return failure;
}

/* Add one; its ports are `local` and `remote`, and its addresses, unless 0. */
static void add(int state, uint16_t local, uint16_t remote, uint64_t inode)
{
	struct tcp_socket *socket = &table[table_count++];

	memset(socket, 0, sizeof(*socket));
	socket->tuple.family = AF_INET;
	socket->tuple.laddr[0] = local ? 10 : 0;
	socket->tuple.raddr[0] = remote ? 192 : 0;
	socket->tuple.lport = local;
	socket->tuple.rport_be = htons(remote);
	socket->state = state;
	socket->inode = inode;
}

/* Look so often. Returns how many events there were. */
static uint32_t looked(int times)
{
	struct look *look = sockets.look;
	uint32_t count = 0;

	while (times--) {
		const uint32_t before = look->number;

		sockets_look();
		count += look->number != before ? look->count : 0;
		look->taken = look->number;
	}
	return count;
}

static void test_usual(void)
{
	struct accept_event *event = sockets.look->events;

	add(TCP_STATE_ESTABLISHED, 80, 2000, 12);
	made++;
	ok(looked(1) == 1 && event->lport == 80 &&
		   event->rport_be == htons(2000),
	   "a new connection at a listener's end");
	ok(looked(1) == 0, "but once");
	add(TCP_STATE_ESTABLISHED, 2001, 80, 13);
	ok(looked(1) == 0, "not one of a client");
	add(TCP_STATE_ESTABLISHED, 80, 2002, 0);
	made++;
	ok(looked(1) == 0 && sockets.look->waiting == 1, "not one that waits");
	table[table_count - 1].inode = 14;
	ok(looked(1) == 1 && !sockets.look->waiting, "but once it is accepted");
}

/* gVisor shows those, too. */
static void test_unconnected(void)
{
	add(CLOSED, 0, 0, 20);
	add(CLOSED, 81, 0, 21);
	add(CLOSED, 80, 0, 22);
	made++;
	ok(looked(1) == 0, "no socket that is not connected, or no more");
	table[table_count - 2].state = TCP_STATE_LISTEN;
	add(TCP_STATE_ESTABLISHED, 81, 2003, 23);
	ok(looked(1) == 1, "but those of one that listens now");
}

static void test_quiet(void)
{
	uint32_t before;

	looked(LOOKS_QUIET);
	before = sockets.look->number;
	looked(LOOKS_IDLE);
	ok(sockets.look->number == before + 1,
	   "where nothing is made, one look of ten");
	add(TCP_STATE_LISTEN, 82, 0, 30);
	looked(LOOKS_IDLE);
	table_count--;
	add(TCP_STATE_ESTABLISHED, 82, 2004, 31);
	made++;
	ok(looked(1) == 1, "that finds who listens, and accepts only once");
	ok(sockets.look->opened == 4 && sockets.look->accepted == 4,
	   "the books balance");
}

/* A connection, which shows a look before its listener does. */
static void late(int state, uint16_t local, uint16_t remote, uint64_t inode,
		 const char *before, const char *then)
{
	add(state, local, remote, inode);
	made++;
	ok(looked(1) == 0, "%s", before);
	add(TCP_STATE_LISTEN, local, 0, inode + 1);
	ok(looked(1) == 1, "%s", then);
}

/* They end. */
static void leave(int count)
{
	table_count -= count;
	looked(LOOKS_GONE);
}

/* A look has listeners first, and leaves some out. */
static void test_late_listener(void)
{
	looked(LOOKS_QUIET);
	late(TCP_STATE_ESTABLISHED, 83, 2005, 40, "no listener at its end",
	     "but one that the next look has");
	/* The listener has gone, while the connection is looked at. */
	table_count--;
	for (int i = 0; i < LOOKS_GONE; i++, made++)
		looked(1);
	table_count--;
	late(TCP_STATE_ESTABLISHED, 83, 2005, 42, "another one at the same end",
	     "the same");
	leave(2);
	late(CLOSED, 85, 2007, 0, "one that was closed, and no listener",
	     "but one that the next look has, again");
	leave(2);
}

/* One that failed may have missed the listener. */
static void test_failed(void)
{
	add(TCP_STATE_ESTABLISHED, 86, 2008, 60);
	made++;
	failure = -EIO;
	looked(1);
	failure = 0;
	ok(looked(1) == 0 && sockets.look->failed == 1, "a look that failed");
	add(TCP_STATE_LISTEN, 86, 0, 61);
	ok(looked(1) == 1, "is none of the two");
	leave(2);
}

static void test_clients(void)
{
	uint32_t before;

	looked(LOOKS_QUIET + LOOKS_IDLE);
	add(TCP_STATE_ESTABLISHED, 84, 2006, 50);
	ok(looked(2 * LOOKS_IDLE) == 0, "a client, which nothing tells of");
	add(TCP_STATE_LISTEN, 84, 0, 51);
	ok(looked(2 * LOOKS_IDLE) == 0,
	   "and whose port another one listens at later");
	table_count--;
	table[table_count - 1].state = CLOSED;
	table[table_count - 1].inode = 0;
	made++;
	ok(looked(LOOKS_QUIET) == 0, "nor when it is closed");
	looked(LOOKS_QUIET + LOOKS_IDLE);
	before = sockets.look->number;
	for (int i = 0; i < 4 * LOOKS_IDLE; i++) {
		table[table_count - 1].inode = 100 + i;
		looked(1);
	}
	ok(sockets.look->number - before <= 5,
	   "for new clients it does not look more often");
}

int main(void)
{
	static const struct request request;
	struct reason reason;
	struct look *look;

	add(TCP_STATE_LISTEN, 80, 0, 10);
	add(TCP_STATE_ESTABLISHED, 80, 1999, 11);
	ok(!sockets_open(&look, &request, &reason) && look == sockets.look,
	   "it begins");
	ok(looked(1) == 0, "what was there has no event");
	test_usual();
	test_unconnected();
	test_quiet();
	test_late_listener();
	test_failed();
	test_clients();
	return done();
}
