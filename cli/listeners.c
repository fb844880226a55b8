// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * listeners.c - which sockets listen now, and how full their accept queues are
 *
 * Sections: sock_diag, /proc/net, processes, rows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "base/fs.h"
#include "base/message.h"
#include "base/text.h"
#include "attach/clock.h"
#include "kernel/tasks.h"
#include "kernel/tcp.h"
#include "cli/json.h"
#include "cli/listeners.h"
#include "cli/output.h"
#include "cli/put.h"
#include "cli/row.h"

#define LISTENERS_MAX 4096

struct listener {
	/* What rows show: the process, the socket, its queue and its drops. */
	struct accept_event event;
	/* The socket's, in sockfs. */
	uint64_t inode;
	/* Threads in accept(); ACCEPT_UNKNOWN if that cannot be read. */
	uint32_t threads;
	/* Its descriptor in the process that is looked at, or -1. */
	int fd;
};

/* Not a static array: code for aarch64 reaches a MiB (tools/arches.mk). */
static struct listener *listeners;
static size_t listener_count;

/* The next one, as far as there is room. */
static struct listener *new_listener(void)
{
	struct listener *listener = &listeners[listener_count];

	if (listener_count == LISTENERS_MAX)
		return NULL;
	listener_count++;
	listener->event.drops = ACCEPT_UNKNOWN;
	listener->event.backlog_max = ACCEPT_UNKNOWN;
	return listener;
}

/* ------------------------------------------------------------------------
 * sock_diag
 */

static void add_message(const struct nlmsghdr *header)
{
	const struct inet_diag_msg *message = NLMSG_DATA(header);
	const struct rtattr *attribute = (const void *)(message + 1);
	int left = NLMSG_PAYLOAD(header, sizeof(*message));
	struct listener *listener = new_listener();

	if (!listener)
		return;
	listener->inode = message->idiag_inode;
	listener->event.family = message->idiag_family;
	listener->event.lport = ntohs(message->id.idiag_sport);
	memcpy(listener->event.laddr, message->id.idiag_src, 16);
	/* Of a listener these are the queue and its limit: tcp_diag.c. */
	listener->event.backlog = message->idiag_rqueue;
	listener->event.backlog_max = message->idiag_wqueue;
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left))
		if (attribute->rta_type == INET_DIAG_SKMEMINFO &&
		    RTA_PAYLOAD(attribute) > 4 * SK_MEMINFO_DROPS)
			memcpy(&listener->event.drops,
			       (const char *)RTA_DATA(attribute) +
				       4 * SK_MEMINFO_DROPS,
			       4);
}

/* Returns whether all have come. */
static bool receive(int fd)
{
	char buffer[16 << 10] __attribute__((aligned(8)));
	const struct nlmsghdr *header;
	/* NLMSG_OK() compares it with unsigned ones of 32 bits. */
	int64_t left;

	while ((left = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		for (header = (const void *)buffer; NLMSG_OK(header, left);
		     header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type == NLMSG_DONE)
				return true;
			if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY)
				return false;
			add_message(header);
		}
	return false;
}

static bool by_diag(int family)
{
	struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 request;
	} message = {
		.header.nlmsg_len = sizeof(message),
		.header.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.request.sdiag_family = family,
		.request.sdiag_protocol = IPPROTO_TCP,
		.request.idiag_ext = 1 << (INET_DIAG_SKMEMINFO - 1),
		.request.idiag_states = 1 << TCP_STATE_LISTEN,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	bool done = false;

	if (fd < 0)
		return false;
	if (send(fd, &message, sizeof(message), 0) == sizeof(message))
		done = receive(fd);
	close(fd);
	return done;
}

/* ------------------------------------------------------------------------
 * /proc/net
 */

static void add_socket(const struct tcp_socket *socket)
{
	struct listener *listener;

	if (socket->state != TCP_STATE_LISTEN)
		return;
	listener = new_listener();
	if (!listener)
		return;
	listener->event.family = socket->tuple.family;
	listener->event.lport = socket->tuple.lport;
	memcpy(listener->event.laddr, socket->tuple.laddr, 16);
	listener->event.backlog = socket->queue;
	listener->inode = socket->inode;
}

/* ------------------------------------------------------------------------
 * Processes
 */

/* Note that this descriptor, of fd/, is one of the listeners. */
static int see_descriptor(int dir, const char *name)
{
	static const char prefix[] = "socket:[";
	char text[40] = "";
	const char *at = text + strlen(prefix);
	uint64_t inode;
	int seen = 0;

	if (readlinkat(dir, name, text, sizeof(text) - 1) < 0 ||
	    strncmp(text, prefix, strlen(prefix)))
		return 0;
	inode = text_number(&at);
	for (size_t i = 0; i < listener_count; i++)
		if (listeners[i].inode == inode) {
			at = name;
			listeners[i].fd = text_number(&at);
			seen++;
		}
	return seen;
}

/* Count the thread, of task/, at the listener that it accepts from. */
static int see_thread(int dir, const char *name)
{
	char path[32], text[64];
	const char *at = text;
	uint64_t call;
	int fd;

	text_format(path, sizeof(path), "%s/syscall", name);
	/* "running", or the call's number and its arguments: 288 0x3 ... */
	if (file_read(dir, path, text, sizeof(text)) <= 0)
		return 1;
	call = text_number(&at);
#ifdef SYS_accept
	if (call == SYS_accept)
		call = SYS_accept4;
#endif
	if (text[0] == 'r' || call != SYS_accept4 || strncmp(at, " 0x", 3))
		return 0;
	for (fd = 0, at += 3; *at > ' '; at++)
		fd = fd << 4 | (*at > '9' ? *at - 'a' + 10 : *at - '0');
	for (size_t i = 0; i < listener_count; i++)
		listeners[i].threads += listeners[i].fd == fd;
	return 0;
}

static int see_process(int proc, const char *pid)
{
	char path[32], comm[ACCEPT_COMM_LEN + 1];
	const char *at = pid;
	bool hidden;

	for (size_t i = 0; i < listener_count; i++)
		listeners[i].fd = -1;
	text_format(path, sizeof(path), "%s/fd", pid);
	if (sum_numbered(proc, path, see_descriptor) <= 0)
		return 0;
	text_format(path, sizeof(path), "%s/task", pid);
	hidden = sum_numbered(proc, path, see_thread);
	text_format(path, sizeof(path), "%s/comm", pid);
	for (size_t i = 0; i < listener_count; i++) {
		if (listeners[i].fd < 0)
			continue;
		if (hidden)
			listeners[i].threads = ACCEPT_UNKNOWN;
		if (listeners[i].event.pid)
			continue;
		/* The first of several, as the parent of workers is. */
		at = pid;
		listeners[i].event.pid = text_number(&at);
		file_read(proc, path, comm, sizeof(comm));
		/* A newline ends it. */
		memcpy(listeners[i].event.comm, comm, strcspn(comm, "\n"));
	}
	return 0;
}

/* ------------------------------------------------------------------------
 * Rows
 */

static void sort(void)
{
	struct listener moved;
	size_t at;

	for (size_t i = 1; i < listener_count; i++) {
		moved = listeners[i];
		for (at = i;
		     at && listeners[at - 1].event.lport > moved.event.lport;
		     at--)
			listeners[at] = listeners[at - 1];
		listeners[at] = moved;
	}
}

static char *put_threads(char *to, uint32_t threads, const char *unknown)
{
	return threads == ACCEPT_UNKNOWN ? put_text(to, unknown) :
					   put_number(to, threads);
}

static char *put_listener(char *to, const struct listener *listener,
			  const struct view *view,
			  const struct row_context *context)
{
	const struct accept_event *event = &listener->event;

	if (!view->json) {
		to += row_columns(to, event, view, context);
		return put_text(put_threads(to, listener->threads, "-"), "\n");
	}
	to = json_columns(json_begin(to, context), event, view, context);
	to = put_text(to, ",\"accepting\":");
	return put_text(put_threads(to, listener->threads, "null"), "}\n");
}

void listeners_show(struct output *output)
{
	static const struct view shown = {
		.columns = { COLUMN_PID, COLUMN_COMM, COLUMN_LADDR,
			     COLUMN_LPORT, COLUMN_BACKLOG, COLUMN_DROPS },
		.count = 6,
		.followed = true,
	};
	struct row_context context;
	struct view view = shown;
	int proc = fs_open(FS_PROC);
	char *start;

	listeners = mmap(NULL, LISTENERS_MAX * sizeof(*listeners),
			 PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	if (listeners == MAP_FAILED)
		die(errno, NULL, "cannot keep the listeners");
	if (!by_diag(AF_INET) || !by_diag(AF_INET6)) {
		listener_count = 0;
		errno = -tcp_sockets(proc, add_socket);
		if (errno)
			die(errno, NULL,
			    "cannot find listeners, neither by sock_diag nor "
			    "by /proc/net/tcp");
	}
	sum_numbered(proc, ".", see_process);
	sort();
	view.json = output->view.json;
	view.wide = output->view.wide;
	view.no_header = output->view.no_header;
	view.tsv = output->view.tsv;
	start = output_room(output);
	if (!view.json && !view.no_header)
		output_took(output, put_text(start + row_names(start, &view),
					     "ACCEPTING\n") -
					    start);
	context = output_context(output, clock_ns());
	for (size_t i = 0; i < listener_count; i++) {
		start = output_room(output);
		output_took(output, put_listener(start, &listeners[i], &view,
						 &context) -
					    start);
	}
	output_flush(output);
	if (listener_count == LISTENERS_MAX)
		say("there may be more than %d listeners; those are shown",
		    (int)listener_count);
}
