// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * sockets.c - which sockets of this network namespace were accepted since the
 * last look at /proc/net/tcp
 *
 * A connection that waits in an accept queue has the inode 0 there. accept()
 * gives it one, and it is 0 again once no descriptor leads to it.
 *
 * Sections: table, owners, connections, looks.
 */
#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf_raw.h"
#include "base/file.h"
#include "base/fs.h"
#include "base/text.h"
#include "kernel/loopback.h"
#include "kernel/netstat.h"
#include "kernel/tasks.h"
#include "kernel/tcp.h"
#include "attach/clock.h"
#include "attach/sockets.h"
#include "attach/tracer.h"

/*
 * A socket that was not seen in so many looks has gone. In some it may be left
 * out, as the kernel shows them in pieces, and others end meanwhile.
 */
#define LOOKS_GONE 4

/*
 * After so many looks since a connection was made, all that are accepted are
 * known: to look costs milliseconds where the kernel's hash table is large.
 */
#define LOOKS_QUIET 2

/*
 * But one look of so many is made: else who listens, accepts once and closes
 * the listener at once would never be seen to listen.
 */
#define LOOKS_IDLE 10

/* At the start, looks until no connection is made meanwhile, at most. */
#define LOOKS_FIRST 10

/* How many processes that accepted last are looked at first. */
#define OWNERS_LAST 16

#define TABLE_LEAST 1024

/* A socket: a connection, or with the client's address of 0 a listener. */
struct known {
	struct tcp_tuple tuple;
	/* The last look that had it; 0: the slot is free. */
	uint32_t look;
	/* Low bits of the last inode that it had, or 0. */
	uint32_t inode : 31;
	/* Its accept was seen, or was before the start. */
	uint32_t done : 1;
	/* The first look that had it accepted but no listener for it, or 0. */
	uint32_t doubted;
};

_Static_assert(sizeof(struct tcp_tuple) == ACCEPT_TUPLE, "the same layout");
_Static_assert(sizeof(struct tcp_tuple) % 8 == 0, "tuple_slot()");

static struct sockets {
	struct look *look;
	const struct request *request;
	/*
	 * How many looks there were, with the one that is under way; those that
	 * failed do not count, as they may have missed what is there.
	 */
	uint32_t number;
	bool failed;
	/* The last one of a quiet time: what listened before may not now. */
	uint32_t resumed;
	/* A descriptor, during a look. */
	int proc;
	/* Memory: open addressing; size is a power of two. */
	struct known *table;
	uint32_t size;
	uint32_t used;
	/* Else clients could choose ports that make searches long. */
	uint64_t seed;
	/* Those that are seen were there at the start. */
	bool starting;
	bool stopped;
	/* PassiveOpens at the start, or UINT64_MAX; and at the last look. */
	uint64_t opens;
	uint64_t last_opens;
	/* How many looks there were since it changed, or more was left. */
	uint32_t quiet;
	/* How many were left out since the last one. */
	uint32_t idle;
	/* Our own listener's inode, and whether it was seen. */
	uint64_t own;
	bool proven;
	uint32_t netns;
	/* The socket of each event of the look, while its process is sought. */
	uint64_t inodes[LOOK_EVENTS];
	/* 1 + the number of such an event, by its inode; or 0. */
	uint16_t slots[2 * LOOK_EVENTS];
	/* How many are sought. */
	uint32_t sought;
	/* The process that is looked at, and its name if `named`, or none. */
	uint32_t pid;
	bool named;
	bool nameless;
	char name[64];
	uint32_t last[OWNERS_LAST];
	uint32_t next_last;
} sockets;

/* ------------------------------------------------------------------------
 * Table
 */

static void *memory(size_t size, int kind)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS,
		    -1, 0);
}

/* The slot of the table that has it, or a free one where it can be put. */
static struct known *tuple_slot(const struct tcp_tuple *tuple)
{
	const uint32_t mask = sockets.size - 1;
	uint64_t hash = 0, word;
	struct known *known;

	for (size_t i = 0; i < sizeof(*tuple); i += sizeof(word)) {
		memcpy(&word, (const char *)tuple + i, sizeof(word));
		hash = (hash >> 32 ^ hash ^ word) * (sockets.seed | 1);
	}
	for (uint32_t at = hash >> 32;; at++) {
		known = &sockets.table[at & mask];
		if (!known->look ||
		    !memcmp(&known->tuple, tuple, sizeof(*tuple)))
			return known;
	}
}

static bool is_gone(const struct known *known)
{
	return sockets.number - known->look >= LOOKS_GONE;
}

/* Make another table, without those that have gone. False: no memory. */
static bool table_renew(void)
{
	struct known *old = sockets.table;
	const uint32_t old_size = sockets.size;
	uint32_t count = 0, size = TABLE_LEAST;

	for (uint32_t i = 0; i < old_size; i++)
		count += old[i].look && !is_gone(&old[i]);
	while (size < 4 * count)
		size *= 2;
	sockets.table = memory(size * sizeof(*old), MAP_PRIVATE);
	if (sockets.table == MAP_FAILED) {
		sockets.table = old;
		return false;
	}
	sockets.size = size;
	sockets.used = count;
	for (uint32_t i = 0; i < old_size; i++)
		if (old[i].look && !is_gone(&old[i]))
			*tuple_slot(&old[i].tuple) = old[i];
	if (old)
		munmap(old, old_size * sizeof(*old));
	return true;
}

/* Find a socket, or add it, and note that this look has it; NULL: no memory. */
static struct known *see_tuple(const struct tcp_tuple *tuple)
{
	struct known *known;

	if (2 * sockets.used >= sockets.size && !table_renew() &&
	    sockets.used + 1 >= sockets.size)
		return NULL;
	known = tuple_slot(tuple);
	sockets.used += !known->look;
	if (!known->look || is_gone(known)) {
		memset(known, 0, sizeof(*known));
		known->tuple = *tuple;
	}
	known->look = sockets.number;
	return known;
}

static bool is_listener(const struct tcp_tuple *tuple)
{
	const struct known *known = tuple_slot(tuple);

	return known->look && !is_gone(known) && known->look >= sockets.resumed;
}

/* Whether a listener has, or just had, the connection's local end. */
static bool has_listener(const struct tcp_tuple *tuple)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct tcp_tuple listener = *tuple;

	memset(listener.raddr, 0, sizeof(listener.raddr));
	listener.rport_be = 0;
	if (is_listener(&listener))
		return true;
	if (!memcmp(listener.laddr, mapped, sizeof(mapped))) {
		memset(listener.laddr + 12, 0, 4);
		if (is_listener(&listener))
			return true;
	}
	memset(listener.laddr, 0, sizeof(listener.laddr));
	return is_listener(&listener);
}

/* ------------------------------------------------------------------------
 * Owners: the processes that have descriptors of the sockets
 */

static uint16_t *inode_slot(uint64_t inode)
{
	const uint32_t mask = countof(sockets.slots) - 1;
	uint32_t at = inode * 0x9e3779b1;
	uint16_t *slot;

	for (at >>= 16;; at++) {
		slot = &sockets.slots[at & mask];
		if (!*slot || sockets.inodes[*slot - 1] == inode)
			return slot;
	}
}

static void seek_owner(uint32_t number, uint64_t inode)
{
	sockets.inodes[number] = inode;
	*inode_slot(inode) = number + 1;
	sockets.sought++;
}

/* Remember which process it is, and its name. dir: its fd/. */
static void know_process(int dir)
{
	int length;

	if (sockets.named)
		return;
	sockets.named = true;
	memset(sockets.name, 0, sizeof(sockets.name));
	length = file_read(dir, "../comm", sockets.name, sizeof(sockets.name));
	/* It ends with a newline, and may have others. */
	if (length > 0)
		sockets.name[length - 1] = '\0';
	sockets.nameless = length <= 0;
	for (int i = 0; i < OWNERS_LAST; i++)
		if (sockets.last[i] == sockets.pid)
			return;
	sockets.last[sockets.next_last++ % OWNERS_LAST] = sockets.pid;
}

/* For sum_numbered(): if it is a socket that is sought, it is found. */
static int look_at_descriptor(int dir, const char *name)
{
	static const char prefix[] = "socket:[";
	struct accept_event *event;
	const char *at;
	char text[40] = "";
	uint64_t inode;
	uint16_t slot;

	if (!sockets.sought ||
	    readlinkat(dir, name, text, sizeof(text) - 1) < 0 ||
	    strncmp(text, prefix, strlen(prefix)))
		return 0;
	at = text + strlen(prefix);
	inode = text_number(&at);
	slot = *inode_slot(inode);
	if (!slot)
		return 0;
	event = &sockets.look->events[slot - 1];
	if (event->pid != ACCEPT_UNKNOWN)
		return 0;
	know_process(dir);
	event->pid = sockets.pid;
	memcpy(event->comm, sockets.name, sizeof(event->comm) - 1);
	event->comm[ACCEPT_COMM_LEN - 1] = sockets.nameless ? '?' : '\0';
	memcpy(event->pcomm, event->comm, sizeof(event->pcomm));
	sockets.sought--;
	return 0;
}

/* For sum_numbered(). */
static int look_at_process(int proc, const char *pid)
{
	char path[32];

	if (!sockets.sought)
		return 0;
	text_format(path, sizeof(path), "%s/fd", pid);
	sockets.pid = text_number(&pid);
	sockets.named = false;
	sum_numbered(proc, path, look_at_descriptor);
	return 0;
}

/* Set the processes of events, as far as they are found. */
static void find_owners(void)
{
	char pid[16];

	if (!sockets.look->count)
		return;
	for (int i = 0; i < OWNERS_LAST && sockets.sought; i++)
		if (sockets.last[i]) {
			text_format(pid, sizeof(pid), "%u", sockets.last[i]);
			look_at_process(sockets.proc, pid);
		}
	if (sockets.sought)
		sum_numbered(sockets.proc, ".", look_at_process);
	sockets.look->ownerless += sockets.sought;
	sockets.sought = 0;
	memset(sockets.slots, 0, sizeof(sockets.slots));
}

/* ------------------------------------------------------------------------
 * Connections
 */

static bool passes_filters(const struct accept_event *event, uint32_t but)
{
	const struct request *request = sockets.request;

	return (but || !request->pid || request->pid == event->pid) &&
	       (!request->port || request->port == event->lport) &&
	       (!request->filters ||
		filters_pass(request->filters, request->wanted & ~but, event));
}

/* Make the event, all but its time and process; false: there is no room. */
static bool add_event(const struct tcp_socket *socket)
{
	struct look *look = sockets.look;
	struct accept_event *event = &look->events[look->count];

	if (look->count == LOOK_EVENTS) {
		sockets.quiet = 0;
		return false;
	}
	look->accepted++;
	memset(event, 0, sizeof(*event));
	memcpy(event->raddr, &socket->tuple, sizeof(socket->tuple));
	event->pid = event->tid = ACCEPT_UNKNOWN;
	event->comm[ACCEPT_COMM_LEN - 1] = '?';
	event->pcomm[ACCEPT_COMM_LEN - 1] = '?';
	/* The kernel shows that of no more owner as 0. */
	event->uid = socket->inode ? socket->uid : ACCEPT_UNKNOWN;
	event->netns = sockets.netns;
	event->backlog = event->backlog_max = event->drops = ACCEPT_UNKNOWN;
	/* Before its process is sought; and that of others is not. */
	if (!passes_filters(event,
			    ACCEPT_FILTER_PIDS | ACCEPT_FILTER_COMM |
				    (socket->inode ? 0 : ACCEPT_FILTER_UIDS)))
		return true;
	if (socket->inode)
		seek_owner(look->count, socket->inode);
	else
		look->ownerless++;
	look->count++;
	return true;
}

/*
 * The socket was accepted, or connected here. Returns whether that is settled,
 * with its event if a listener had it. The kernel shows listeners first: one
 * that came after them shows in the next look, as does one that was left out.
 */
static bool settle(struct known *known, const struct tcp_socket *socket)
{
	if (sockets.starting)
		return true;
	if (has_listener(&socket->tuple)) {
		known->doubted = 0;
		return add_event(socket);
	}
	if (known->doubted && known->doubted != sockets.number) {
		known->doubted = 0;
		return true;
	}
	known->doubted = sockets.number;
	return false;
}

/* The socket of a connection that no descriptor leads to. */
static void see_without_inode(struct known *known,
			      const struct tcp_socket *socket)
{
	const bool open = socket->state == TCP_STATE_ESTABLISHED ||
			  socket->state == TCP_STATE_CLOSE_WAIT;

	if (open && has_listener(&socket->tuple)) {
		sockets.look->waiting++;
		/*
		 * One that was accepted can be shown so only while it is
		 * closed; if it is another one with the same ports, its inode
		 * will show that.
		 */
		if (!known->inode)
			known->done = false;
	} else if (!open && !known->inode && !known->done) {
		/* It was closed here, so it had been accepted. */
		known->done = settle(known, socket);
	}
}

static void see_socket(const struct tcp_socket *socket)
{
	const uint32_t inode = socket->inode & 0x7fffffff;
	struct known *known;

	/* By TCP Fast Open, one may be accepted before the handshake ends. */
	if (socket->state == TCP_STATE_SYN_SENT ||
	    (socket->state == TCP_STATE_SYN_RECV && !socket->inode))
		return;
	/* It is not connected; gVisor shows those, too. */
	if (socket->state != TCP_STATE_LISTEN && !socket->tuple.rport_be)
		return;
	known = see_tuple(&socket->tuple);
	if (!known)
		return;
	if (socket->state == TCP_STATE_LISTEN) {
		sockets.proven |= socket->inode == sockets.own;
	} else if (!socket->inode) {
		see_without_inode(known, socket);
	} else if (known->inode != inode && settle(known, socket)) {
		known->inode = inode;
		known->done = true;
	}
}

/* ------------------------------------------------------------------------
 * Looks
 */

/*
 * Whether nothing can have been accepted since the last look, as no connection
 * was made and none waited.
 */
static bool is_quiet(uint64_t opens)
{
	if (opens == UINT64_MAX || opens != sockets.last_opens ||
	    sockets.failed)
		sockets.quiet = 0;
	else if (sockets.quiet < LOOKS_QUIET)
		sockets.quiet++;
	sockets.last_opens = opens;
	return sockets.quiet == LOOKS_QUIET && !sockets.starting &&
	       !sockets.look->waiting;
}

/* Note what there is. Returns 0, or -errno. */
static int look_once(void)
{
	struct look *look = sockets.look;
	uint64_t now, opens;
	uint32_t shown = 0;
	int error;

	sockets.proc = fs_open(FS_PROC);
	/* First: what is made during the look is not counted as missed. */
	opens = netstat_opens(sockets.proc);
	/* The kernel's is a long: it wraps early where that has 32 bits. */
	if (opens != UINT64_MAX && sockets.opens != UINT64_MAX)
		look->opened = (unsigned long)(opens - sockets.opens);
	if (is_quiet(opens)) {
		sockets.resumed = sockets.number;
		if (++sockets.idle < LOOKS_IDLE) {
			close(sockets.proc);
			return 0;
		}
	}
	sockets.idle = 0;
	look->count = 0;
	look->waiting = 0;
	sockets.number += !sockets.failed;
	error = tcp_sockets(sockets.proc, see_socket);
	sockets.failed = error;
	look->failed += sockets.failed;
	now = clock_ns();
	find_owners();
	for (uint32_t i = 0; i < look->count; i++) {
		look->events[i].ktime_ns = now;
		if (passes_filters(&look->events[i], 0))
			look->events[shown++] = look->events[i];
		else if (look->events[i].pid == ACCEPT_UNKNOWN)
			look->undecided++;
	}
	look->count = shown;
	close(sockets.proc);
	/* Release: all that belongs to it is there. */
	raw_half_store(&look->number, look->number + 1);
	return error;
}

/*
 * Look until the connections that there are, and their number, agree. Whether
 * the kernel shows them as we expect is seen by our own listener, if we
 * can have one: others would see a connection.
 */
static int look_first(struct reason *reason)
{
	const int proc = fs_open(FS_PROC);
	struct stat info = { 0 };
	uint64_t opens;
	int listener, error = 0;

	if (proc < 0)
		return reason_set(reason, STEP_OTHER, proc,
				  "cannot open /proc, which must be mounted");
	listener = loopback_listen();
	if (!fstatat(proc, "self/ns/net", &info, 0))
		sockets.netns = info.st_ino;
	info.st_ino = 0;
	fstat(listener, &info);
	sockets.own = info.st_ino;
	sockets.starting = true;
	sockets.opens = netstat_opens(proc);
	for (int i = 0; i < LOOKS_FIRST && !error; i++) {
		opens = sockets.opens;
		error = look_once();
		sockets.opens = netstat_opens(proc);
		/* Once more: one look may leave some out. */
		if (i && sockets.opens == opens)
			break;
	}
	sockets.starting = false;
	close(proc);
	close(listener);
	if (error)
		return reason_set(reason, STEP_OTHER, error,
				  "cannot read /proc/net/tcp");
	return sockets.own && !sockets.proven ?
		       reason_kernel(reason, "cannot see our own listener in",
				     "/proc/net/tcp") :
		       0;
}

static bool memory_get(void)
{
	const char *random = (const char *)getauxval(AT_RANDOM);

	/* libc uses the first 8 of the 16 bytes. */
	if (random)
		memcpy(&sockets.seed, random + 8, sizeof(sockets.seed));
	sockets.look = memory(sizeof(*sockets.look), MAP_SHARED);
	if (sockets.look != MAP_FAILED)
		return table_renew();
	sockets.look = NULL;
	return false;
}

int sockets_open(struct look **look, const struct request *request,
		 struct reason *reason)
{
	int error;

	sockets.request = request;
	if (!sockets.look && !memory_get())
		return reason_set(reason, STEP_OTHER, -errno,
				  "cannot keep the sockets");
	error = look_first(reason);
	*look = sockets.look;
	sockets.look->taken = sockets.look->number;
	sockets.look->waited = sockets.look->waiting;
	sockets.look->opened = sockets.opens == UINT64_MAX ? UINT64_MAX : 0;
	return error;
}

void sockets_look(void)
{
	struct look *look = sockets.look;

	/* Acquire: the events of the last look have been read. */
	if (!sockets.stopped && raw_half_load(&look->taken) == look->number)
		look_once();
}

void sockets_stop(void)
{
	sockets_look();
	sockets.stopped = true;
}
