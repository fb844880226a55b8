// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lab.c - makes TCP accepts of every kind, and says what tcpaccept must print
 *
 * Accepts; each prints its row unless it says otherwise:
 *
 *	lab one KIND FAMILY
 *		One accept. FAMILY: 4, 6, mapped. KIND: block; poll; epoll;
 *		uring (a connection waits); uring-wait (no connection waits);
 *		uring-worker (a worker of the kernel accepts); socketcall;
 *		mptcp; mptcp-plain (MPTCP listener, TCP client); reset (the
 *		client resets before the accept).
 *	lab each KINDS FAMILIES
 *		As one, for each of the KINDS and FAMILIES, which are lists with
 *		blanks; all in one process. mptcp? and mptcp-plain? are left out
 *		where the kernel has no MPTCP. With LAB_HOLD all connections
 *		stay open until stdin ends.
 *	lab facts KIND FAMILY
 *		As one, but instead of the row it prints what it knows: pid=1
 *		tid=1 comm=HEX pcomm=HEX uid=0 ip=4 raddr= rport= laddr= lport=
 *		netns=INODE cgroup='PATH'
 *	lab backlog KIND FAMILY N
 *		A listener with backlog N that obeys lines on stdin: connect N,
 *		sleep MS, accept. Before each line it prints "ready" on stderr.
 *		accept prints facts, len= and max= of the listener's queue right
 *		after it, and wait_least= and wait_most= microseconds in it.
 *	lab blocked N
 *		N threads in accept(), each with its own listener. It prints
 *		"ready" on stderr when all sleep there; for each line on stdin
 *		it makes one connection to each.
 *	lab odd FAMILY
 *		Accepts that fail for want of a descriptor (EMFILE), or whose
 *		threads end in accept(), killed or by exec(2); after each of
 *		them an accept that succeeds. Then one accept by each of four
 *		children that share a listener.
 *	lab sockmap DIR
 *		One accept of a listener in a sockmap; a program of cgroup DIR
 *		puts the new socket there, too.
 *
 * Accepts; each prints numbers instead of rows:
 *
 *	lab sources N
 *		N accepts from N addresses, or from LAB_FROM alone: how many.
 *	lab burst N CLIENTS SERVERS
 *		N connections, as fast as possible: how many were accepted.
 *	lab cgroups DIR N COUNT
 *		COUNT accepts, by N processes in turn, each in a cgroup of its
 *		own below DIR: how many.
 *	lab vanish N
 *		N accepts; another thread closes each descriptor at once: how
 *		many.
 *	lab gap MS
 *		Two accepts MS apart: the least and the most milliseconds that
 *		may lie between them.
 *	lab prompt N FILE
 *		N accepts, 0 to 40 ms apart, each after the row of the one
 *		before came to FILE: the median and the most microseconds that
 *		a row needed.
 *	lab cost N
 *		The nanoseconds per accept() and per connection.
 *
 * With LAB_ADDRESS, accept() is given room for the client's address.
 *
 * No accepts:
 *
 *	lab die N
 *		N connections that nobody accepts: their listeners close, IPv4
 *		and IPv6 in turn.
 *	lab quiet
 *		A refused connection, AF_UNIX, UDP: no rows.
 *	lab begun FILE PID
 *		Wait until FILE is not empty, or that process has ended, at most
 *		a minute.
 *	lab rows FILE N
 *		Wait until FILE has N rows of lab's accepts below its header, at
 *		most a minute. N may be a file that has as many lines.
 *	lab same FILE TRUTH [sorted]
 *		Are these rows the lines of TRUTH, byte for byte? sorted: in any
 *		order. Prints the first line of each that differs.
 *	lab writes FILE
 *		Print "written" at each write to FILE, or at several at once,
 *		until a signal ends it; first "ready" on stderr.
 *	lab pin KIND PATH KEY...
 *		Make a BPF map of these keys at PATH of a bpffs. KIND: cgroup,
 *		mount, array, short (keys of 4 bytes).
 *	lab map NAME [PATH]
 *		Make a BPF map of that name, pinned at PATH of a bpffs. Without
 *		PATH print "ready" and keep it until stdin ends.
 *	lab keys PID
 *		How many keys of 8 bytes the BPF hash maps of that process hold.
 *	lab objects
 *		The BPF programs and maps with one of tcpaccept's names: prog or
 *		map, ID, name. All objects if the kernel has no names.
 *
 * Run PROGRAM, which is a command and its arguments:
 *
 *	lab deny CALL PROGRAM...
 *		With a seccomp filter that refuses (EPERM) the system call bpf,
 *		perf_event_open, poll or close_range, or netlink or inet
 *		sockets; or seccomp filters (EINVAL), as a kernel without them.
 *	lab allow FILE OTHERS PROGRAM...
 *		With a seccomp filter that allows the system calls whose numbers
 *		FILE has, one a line. OTHERS: kill, or refuse (EPERM).
 *	lab preempted PROGRAM...
 *		On CPU 0, beside a task of low priority that copies a large BPF
 *		map for 300 ms. The kernel runs no BPF program of a kprobe on
 *		that CPU while such a copy is preempted.
 *	lab crowd PROGRAM...
 *		With /proc/version open as descriptors 1500 and 4000, which are
 *		past the limit of descriptors.
 *	lab signals PROGRAM...
 *		With the default actions of SIGHUP, SIGINT and SIGTERM, even if
 *		nohup(1) or a shell's & has them ignored.
 *	lab cgroupns DIR PROGRAM...
 *		In a new cgroup namespace, whose cgroup v2 is mounted at DIR.
 *	lab token PROGRAM...
 *		As user 65534, who is root of a new user namespace, with a bpffs
 *		on /sys/fs/bpf that delegates all rights of bpf(2).
 *	lab timens S PROGRAM...
 *		In a new time namespace, whose CLOCK_MONOTONIC is S seconds
 *		ahead.
 *	lab caps PROGRAM...
 *		As user 65534, or LAB_UID, with only CAP_BPF and CAP_PERFMON,
 *		and with 64 KiB of locked memory, which it may raise to 4 MiB.
 *	lab armed N PROGRAM...
 *		N times: the median microseconds from exec to its first output,
 *		and its peak RSS (KiB).
 *	lab first MS FILE PROGRAM...
 *		Its output to FILE. Accepts from 127.1.0.1 and on, MS apart,
 *		until FILE has one of them: the microseconds from exec to the
 *		first that it shows. It runs on as a child of lab's, which waits
 *		for it.
 *
 * The environment, for one, each, facts and backlog: LAB_TO and LAB_PORT are
 * the server's address and port; LAB_FROM is the client's address; LAB_NAME is
 * the name of the accepting task, in hex. For one and facts: LAB_PCOMM is the
 * process's name, in hex, and a thread of it accepts; LAB_UID is the user that
 * accepts; with LAB_UNSHARE the accepting task is in a new network namespace,
 * and the listener is not.
 *
 * Rows come from getpeername(2) and getsockname(2) of the accepted socket and
 * from printf(3) with the formats of bcc's tcpaccept: from nothing of the
 * program under test.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/mount.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>

#define PROTOCOL_MPTCP 262

/* 15 bytes, of which a row shows 12. */
#define SERVER_NAME "lab-server-name"

__attribute__((format(printf, 1, 2))) static _Noreturn void
fail(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	fputs("lab: ", stderr);
	vfprintf(stderr, format, list);
	fprintf(stderr, ": %s\n", strerror(errno));
	exit(1);
}

#define NEED(expression)                         \
	({                                       \
		int need_ = (expression);        \
		if (need_ < 0)                   \
			fail("%s", #expression); \
		need_;                           \
	})

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* LAB_ADDRESS is set; where io_uring puts the address then. */
static bool asks_address;
static union address asked;
static socklen_t asked_length = sizeof(asked);

/* accept4(2), which is given room for the client's address or is not. */
static int take4(int listener, int flags)
{
	union address from;
	socklen_t length = sizeof(from);

	return asks_address ? accept4(listener, &from.any, &length, flags) :
			      accept4(listener, NULL, NULL, flags);
}

static int take(int listener)
{
	union address from;
	socklen_t length = sizeof(from);

	return asks_address ? accept(listener, &from.any, &length) :
			      accept(listener, NULL, NULL);
}

/* Replace the address by that of the environment, if there is one. */
static void address_override(union address *address, const char *variable)
{
	const char *text = getenv(variable);
	int family = address->any.sa_family;
	void *to = family == AF_INET ? (void *)&address->in.sin_addr :
				       (void *)&address->in6.sin6_addr;

	errno = EINVAL;
	if (text && inet_pton(family, text, to) != 1)
		fail("%s", variable);
}

static int environment_number(const char *variable)
{
	const char *text = getenv(variable);

	return text ? atoi(text) : 0;
}

/* family: 4, 6 or mapped. Returns the listener; *to is its address. */
static int listen_on(const char *family, int protocol, int backlog,
		     union address *to)
{
	bool v6 = strcmp(family, "4") != 0, mapped = *family == 'm';
	union address at = { 0 };
	socklen_t length = sizeof(at);
	int fd, off = 0, on = 1;

	if (v6) {
		at.in6.sin6_family = AF_INET6;
		at.in6.sin6_addr = mapped ? in6addr_any : in6addr_loopback;
	} else {
		at.in.sin_family = AF_INET;
		at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	fd = NEED(socket(at.any.sa_family, SOCK_STREAM, protocol));
	if (v6)
		NEED(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off,
				sizeof(off)));
	/* The port is at the same place in both. */
	at.in.sin_port = htons(environment_number("LAB_PORT"));
	if (at.in.sin_port)
		NEED(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	if (!mapped)
		address_override(&at, "LAB_TO");
	NEED(bind(fd, &at.any, v6 ? sizeof(at.in6) : sizeof(at.in)));
	NEED(listen(fd, backlog));
	NEED(getsockname(fd, &at.any, &length));
	*to = at;
	if (mapped) {
		memset(to, 0, sizeof(*to));
		to->in.sin_family = AF_INET;
		to->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		to->in.sin_port = at.in6.sin6_port;
		address_override(to, "LAB_TO");
	}
	return fd;
}

/* Wait for a connect(2) that was interrupted: it must not be made again. */
static int connected(int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLOUT };
	int error;
	socklen_t length = sizeof(error);

	while (poll(&polled, 1, -1) < 0)
		if (errno != EINTR)
			return -1;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length))
		return -1;
	errno = error;
	return error ? -1 : 0;
}

static int connect_to(const union address *to, int protocol)
{
	int fd = NEED(socket(to->any.sa_family, SOCK_STREAM, protocol));
	union address from = { .any.sa_family = to->any.sa_family };
	int error;

	if (getenv("LAB_FROM")) {
		address_override(&from, "LAB_FROM");
		NEED(bind(fd, &from.any, sizeof(from)));
	}
	error = connect(fd, &to->any, sizeof(*to));
	if (error && errno == EINTR)
		error = connected(fd);
	/*
	 * EPIPE: it was accepted, closed by its server and then reset, all
	 * before we ran again: tcp_reset() of net/ipv4/tcp_input.c in
	 * CLOSE_WAIT.
	 */
	if (error && errno != EPIPE)
		fail("connect");
	return fd;
}

static void address_text(char *text, const union address *address)
{
	const struct in6_addr *in6 = &address->in6.sin6_addr;

	if (address->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &address->in.sin_addr, text,
			  INET6_ADDRSTRLEN);
	else if (IN6_IS_ADDR_V4MAPPED(in6))
		inet_ntop(AF_INET, in6->s6_addr + 12, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, in6, text, INET6_ADDRSTRLEN);
}

struct ends {
	char raddr[INET6_ADDRSTRLEN], laddr[INET6_ADDRSTRLEN];
	int rport, lport;
};

/* An accepted socket's ends; peer: its peer if getpeername() would fail. */
static struct ends ends_of(int fd, const union address *peer)
{
	union address local, remote;
	socklen_t length = sizeof(remote);
	struct ends ends;

	if (peer)
		remote = *peer;
	else
		NEED(getpeername(fd, &remote.any, &length));
	length = sizeof(local);
	NEED(getsockname(fd, &local.any, &length));
	address_text(ends.raddr, &remote);
	address_text(ends.laddr, &local);
	/* The port is at the same place in both. */
	ends.rport = ntohs(remote.in.sin_port);
	ends.lport = ntohs(local.in.sin_port);
	return ends;
}

static void print_row(int fd, const union address *peer)
{
	struct ends ends = ends_of(fd, peer);
	char comm[17] = "";

	prctl(PR_GET_NAME, comm);
	printf("%-6d %-12.12s %-2d %-16s %-16s %-4d\n", getpid(), comm,
	       strchr(ends.raddr, ':') ? 6 : 4, ends.raddr, ends.laddr,
	       ends.lport);
	fflush(stdout);
}

static size_t read_file(const char *path, char *text, size_t size)
{
	int fd = NEED(open(path, O_RDONLY));
	ssize_t length = NEED(read(fd, text, size - 1));

	close(fd);
	text[length] = '\0';
	return length;
}

static void print_hex(const char *name, const char *bytes)
{
	printf(" %s=", name);
	while (*bytes)
		printf("%02x", (unsigned char)*bytes++);
}

static uint64_t network_namespace(void)
{
	struct stat stat_;

	NEED(stat("/proc/thread-self/ns/net", &stat_));
	return stat_.st_ino;
}

/* The path of "0::/path" in /proc/self/cgroup; "" if there is no cgroup v2. */
static void cgroup_path(char *path, size_t size)
{
	char text[4096], *line;

	read_file("/proc/thread-self/cgroup", text, sizeof(text));
	*path = '\0';
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (!strncmp(line, "0::", 3))
			snprintf(path, size, "%s", line + 3);
}

/* Print the facts of an accept, without a newline. netns: of the socket. */
static void print_facts(int fd, uint64_t netns)
{
	struct ends ends = ends_of(fd, NULL);
	char comm[17] = "", pcomm[32], cgroup[1024];

	prctl(PR_GET_NAME, comm);
	pcomm[read_file("/proc/self/comm", pcomm, sizeof(pcomm)) - 1] = '\0';
	cgroup_path(cgroup, sizeof(cgroup));
	printf("pid=%d tid=%ld", getpid(), syscall(SYS_gettid));
	print_hex("comm", comm);
	print_hex("pcomm", pcomm);
	printf(" uid=%u ip=%d raddr=%s rport=%d laddr=%s lport=%d", getuid(),
	       strchr(ends.raddr, ':') ? 6 : 4, ends.raddr, ends.rport,
	       ends.laddr, ends.lport);
	printf(" netns=%llu cgroup='%s'", (unsigned long long)netns, cgroup);
}

/* ------------------------------------------------------------------------
 * io_uring: one accept
 */

struct uring {
	int fd;
	struct io_uring_sqe *sqes;
	unsigned int *array, *sq_tail, *cq_head, *cq_tail;
	struct io_uring_cqe *cqes;
};

static struct uring uring_open(void)
{
	struct io_uring_params params = { 0 };
	struct uring uring;
	char *sq, *cq;

	uring.fd = NEED(syscall(SYS_io_uring_setup, 4, &params));
	sq = mmap(NULL, params.sq_off.array + 64, PROT_READ | PROT_WRITE,
		  MAP_SHARED, uring.fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, params.cq_off.cqes + 16 * sizeof(struct io_uring_cqe),
		  PROT_READ | PROT_WRITE, MAP_SHARED, uring.fd,
		  IORING_OFF_CQ_RING);
	uring.sqes = mmap(NULL, 4 * sizeof(struct io_uring_sqe),
			  PROT_READ | PROT_WRITE, MAP_SHARED, uring.fd,
			  IORING_OFF_SQES);
	if (sq == MAP_FAILED || cq == MAP_FAILED || uring.sqes == MAP_FAILED)
		fail("mmap of io_uring");
	uring.array = (unsigned int *)(sq + params.sq_off.array);
	uring.sq_tail = (unsigned int *)(sq + params.sq_off.tail);
	uring.cq_head = (unsigned int *)(cq + params.cq_off.head);
	uring.cq_tail = (unsigned int *)(cq + params.cq_off.tail);
	uring.cqes = (struct io_uring_cqe *)(cq + params.cq_off.cqes);
	return uring;
}

static void uring_submit_accept(struct uring *uring, int listener, int flags)
{
	memset(uring->sqes, 0, sizeof(*uring->sqes));
	uring->sqes->opcode = IORING_OP_ACCEPT;
	uring->sqes->fd = listener;
	uring->sqes->flags = flags;
	if (asks_address) {
		uring->sqes->addr = (uintptr_t)&asked;
		uring->sqes->addr2 = (uintptr_t)&asked_length;
	}
	uring->array[0] = 0;
	__atomic_store_n(uring->sq_tail, 1, __ATOMIC_RELEASE);
	NEED(syscall(SYS_io_uring_enter, uring->fd, 1, 0, 0, NULL, 0));
}

static int uring_wait(struct uring *uring)
{
	/* The kernel may return early, with other work of this task. */
	for (int i = 0; !__atomic_load_n(uring->cq_tail, __ATOMIC_ACQUIRE);
	     i++) {
		if (i == 1000)
			fail("io_uring gave nothing");
		NEED(syscall(SYS_io_uring_enter, uring->fd, 0, 1,
			     IORING_ENTER_GETEVENTS, NULL, 0));
		usleep(10000);
	}
	errno = -uring->cqes[0].res;
	return NEED(uring->cqes[0].res < 0 ? -1 : uring->cqes[0].res);
}

/* ------------------------------------------------------------------------
 * one
 */

/* Of linux/net.h, which conflicts with musl's headers. */
#define SYS_ACCEPT 5
#define SYS_RECV 10

/*
 * Accept by socketcall(2). Then another socketcall(2), a recv of as many bytes,
 * returns the same number as the new descriptor.
 */
static int accept_by_socketcall(int listener, int client)
{
#ifdef SYS_socketcall
	unsigned long words[4] = {
		listener,
		asks_address ? (unsigned long)&asked : 0,
		asks_address ? (unsigned long)&asked_length : 0,
	};
	char bytes[256] = "";
	int fd = NEED(syscall(SYS_socketcall, SYS_ACCEPT, words));

	words[0] = fd;
	words[1] = (unsigned long)bytes;
	words[2] = write(client, bytes, fd);
	words[3] = MSG_WAITALL;
	if (syscall(SYS_socketcall, SYS_RECV, words) != fd)
		fail("recv by socketcall");
	return fd;
#else
	(void)listener;
	(void)client;
	errno = ENOSYS;
	fail("socketcall: not supported");
#endif
}

static int accept_as(const char *kind, int listener, const union address *to,
		     int *client, int protocol)
{
	struct epoll_event event = { .events = EPOLLIN };
	struct pollfd polled = { .fd = listener, .events = POLLIN };
	struct linger reset = { .l_onoff = 1 };
	struct uring uring;
	int epoll;

	if (!strcmp(kind, "uring-wait")) {
		uring = uring_open();
		uring_submit_accept(&uring, listener, 0);
		*client = connect_to(to, protocol);
		return uring_wait(&uring);
	}
	*client = connect_to(to, protocol);
	if (getenv("LAB_UNSHARE"))
		NEED(unshare(CLONE_NEWNET));
	if (!strncmp(kind, "uring", 5)) {
		uring = uring_open();
		uring_submit_accept(&uring, listener,
				    strcmp(kind, "uring") ? IOSQE_ASYNC : 0);
		return uring_wait(&uring);
	}
	if (!strcmp(kind, "reset")) {
		/*
		 * In the queue. By way of another CPU, the reset may come
		 * before the last part of the handshake, and ends that.
		 */
		NEED(poll(&polled, 1, -1));
		NEED(setsockopt(*client, SOL_SOCKET, SO_LINGER, &reset,
				sizeof(reset)));
		close(*client);
	}
	if (!strcmp(kind, "socketcall"))
		return accept_by_socketcall(listener, *client);
	if (!strcmp(kind, "epoll")) {
		NEED(fcntl(listener, F_SETFL, O_NONBLOCK));
		epoll = NEED(epoll_create1(0));
		NEED(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event));
		NEED(epoll_wait(epoll, &event, 1, -1));
		return NEED(take4(listener, SOCK_NONBLOCK));
	}
	if (!strcmp(kind, "poll")) {
		NEED(fcntl(listener, F_SETFL, O_NONBLOCK));
		NEED(poll(&polled, 1, -1));
	}
	return NEED(take(listener));
}

/* Set the task's name to that of the environment, in hex, or to `other`. */
static void take_name(const char *variable, const char *other)
{
	const char *hex = getenv(variable);
	char name[64] = "";
	unsigned int byte;

	for (int i = 0; hex && i < 63 && sscanf(hex + 2 * i, "%2x", &byte) == 1;
	     i++)
		name[i] = (char)byte;
	prctl(PR_SET_NAME, hex ? name : other);
}

static int server_protocol(const char *kind)
{
	return !strncmp(kind, "mptcp", 5) ? PROTOCOL_MPTCP : 0;
}

static int client_protocol(const char *kind)
{
	return strcmp(kind, "mptcp") ? 0 : PROTOCOL_MPTCP;
}

struct one {
	const char *kind;
	int listener;
	union address to;
	bool facts;
};

static void *one_accept(void *argument)
{
	struct one *one = argument;
	/* Only facts need /proc. */
	uint64_t netns = one->facts ? network_namespace() : 0;
	int client, fd;

	take_name("LAB_NAME", SERVER_NAME);
	fd = accept_as(one->kind, one->listener, &one->to, &client,
		       client_protocol(one->kind));
	if (one->facts) {
		print_facts(fd, netns);
		puts("");
	} else {
		/* On loopback the client has the server's address. */
		print_row(fd, strcmp(one->kind, "reset") ? NULL : &one->to);
	}
	return NULL;
}

static void one(const char *kind, const char *family, bool facts)
{
	struct one one = { .kind = kind, .facts = facts };
	pthread_t thread;

	one.listener = listen_on(family, server_protocol(kind), 8, &one.to);
	if (getenv("LAB_UID"))
		NEED(setuid(environment_number("LAB_UID")));
	if (!getenv("LAB_PCOMM")) {
		one_accept(&one);
		return;
	}
	/* The kernel may keep the rest of a longer name behind the NUL. */
	prctl(PR_SET_NAME, SERVER_NAME);
	take_name("LAB_PCOMM", NULL);
	errno = pthread_create(&thread, NULL, one_accept, &one);
	if (errno)
		fail("pthread_create");
	pthread_join(thread, NULL);
}

/* The words of a list with blanks; the memory is never freed. */
static char **words_of(const char *list)
{
	char **words = calloc(strlen(list) + 1, sizeof(*words));
	char *copy = strdup(list);
	int count = 0;

	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	return words;
}

/* Take the question mark from a kind; true if the kernel has no such kind. */
static bool is_left_out(char *kind)
{
	char *mark = strchr(kind, '?');
	int fd;

	if (!mark)
		return false;
	*mark = '\0';
	fd = socket(AF_INET, SOCK_STREAM, server_protocol(kind));
	if (fd < 0 && errno == EPROTONOSUPPORT)
		return true;
	close(NEED(fd));
	return false;
}

static void each(const char *kinds, const char *families)
{
	char **of_family = words_of(families);

	for (char **kind = words_of(kinds); *kind; kind++) {
		if (is_left_out(*kind))
			continue;
		for (char **family = of_family; *family; family++)
			one(*kind, *family, false);
	}
	while (getenv("LAB_HOLD") && getchar() != EOF)
		;
}

/* ------------------------------------------------------------------------
 * backlog, die, sources
 */

/* A listener's Recv-Q and Send-Q of ss(8). */
static void listener_queue(int listener, int *length, int *most)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	NEED(getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &size));
	*length = (int)info.tcpi_unacked;
	*most = (int)info.tcpi_sacked;
}

/* A connection came into the queue between these times. */
struct queued {
	uint64_t before_ns, after_ns;
};

/* Connect, and wait until the connection is in the listener's queue. */
static struct queued backlog_connect(int listener, const union address *to,
				     int protocol)
{
	struct queued queued = { .before_ns = now_ns() };
	int before, length, most;

	listener_queue(listener, &before, &most);
	connect_to(to, protocol);
	do {
		listener_queue(listener, &length, &most);
		queued.after_ns = now_ns();
		errno = ETIMEDOUT;
		if (queued.after_ns - queued.before_ns > 20000000000)
			fail("a queue of %d", before + 1);
	} while (length != before + 1);
	return queued;
}

static void backlog_accept(int listener, const struct queued *queued)
{
	uint64_t before_ns = now_ns(), after_ns;
	int fd = NEED(take(listener)), length, most;

	after_ns = now_ns();
	listener_queue(listener, &length, &most);
	print_facts(fd, network_namespace());
	printf(" len=%d max=%d wait_least=%llu wait_most=%llu\n", length, most,
	       (unsigned long long)(before_ns - queued->after_ns) / 1000,
	       (unsigned long long)(after_ns - queued->before_ns) / 1000 + 1);
	fflush(stdout);
}

static void backlog(const char *kind, const char *family, int count)
{
	enum { MOST = 20000 };
	static struct queued queue[MOST];
	int listener, first = 0, last = 0, more;
	union address to;
	char line[32];

	listener = listen_on(family, server_protocol(kind), count, &to);
	if (getenv("LAB_UID"))
		NEED(setuid(environment_number("LAB_UID")));
	take_name("LAB_NAME", SERVER_NAME);
	do {
		fputs("ready\n", stderr);
		if (!fgets(line, sizeof(line), stdin))
			return;
		more = !strncmp(line, "connect ", 8) ? atoi(line + 8) : 0;
		if (more && last + more <= MOST)
			while (more--)
				queue[last++] = backlog_connect(
					listener, &to, client_protocol(kind));
		else if (!strncmp(line, "sleep ", 6))
			usleep(atoi(line + 6) * 1000);
		else if (!strcmp(line, "accept\n") && first < last)
			backlog_accept(listener, &queue[first++]);
		else
			*line = '\0';
	} while (*line);
	errno = EINVAL;
	fail("backlog");
}

static void die(int count)
{
	enum { BATCH = 100 };
	int listener, length, most, clients[BATCH];
	union address to;

	for (int done = 0; done < count; done += BATCH) {
		listener =
			listen_on(done / BATCH % 2 ? "6" : "4", 0, BATCH, &to);
		for (int i = 0; i < BATCH; i++)
			clients[i] = connect_to(&to, 0);
		do
			listener_queue(listener, &length, &most);
		while (length != BATCH);
		/* This resets the connections, so that none is in TIME_WAIT. */
		close(listener);
		for (int i = 0; i < BATCH; i++)
			close(clients[i]);
	}
}

static void sources(int count)
{
	union address to, from = { .in.sin_family = AF_INET };
	int listener, client;

	listener = listen_on("4", 0, 8, &to);
	take_name("LAB_NAME", SERVER_NAME);
	for (int i = 0; i < count; i++) {
		client = NEED(socket(AF_INET, SOCK_STREAM, 0));
		from.in.sin_addr.s_addr = htonl(0x7f010001 + i);
		if (getenv("LAB_FROM"))
			address_override(&from, "LAB_FROM");
		NEED(bind(client, &from.any, sizeof(from.in)));
		NEED(connect(client, &to.any, sizeof(to.in)));
		close(NEED(take(listener)));
		close(client);
	}
	printf("%d\n", count);
}

/* ------------------------------------------------------------------------
 * blocked
 */

struct blocked {
	int listener;
	union address to;
	pthread_t thread;
	pid_t tid;
	int accepted;
};

static void *blocked_thread(void *argument)
{
	struct blocked *blocked = argument;
	int fd;

	prctl(PR_SET_NAME, SERVER_NAME);
	__atomic_store_n(&blocked->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	for (;;) {
		fd = NEED(take(blocked->listener));
		print_row(fd, NULL);
		close(fd);
		__atomic_add_fetch(&blocked->accepted, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/*
 * Wait until the thread sleeps (state S) in accept() after so many accepted
 * connections.
 */
static void wait_asleep(struct blocked *blocked, int accepted)
{
	char path[64], text[256], *state;
	ssize_t length;
	int fd;

	do {
		sched_yield();
		length = 0;
		if (!__atomic_load_n(&blocked->tid, __ATOMIC_ACQUIRE) ||
		    __atomic_load_n(&blocked->accepted, __ATOMIC_ACQUIRE) !=
			    accepted)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
			 blocked->tid);
		fd = NEED(open(path, O_RDONLY));
		length = NEED(read(fd, text, sizeof(text) - 1));
		close(fd);
		text[length] = '\0';
		state = strrchr(text, ')');
		if (!state || state[2] != 'S')
			length = 0;
	} while (!length);
}

static void blocked(int count)
{
	struct blocked *all = calloc(count, sizeof(*all));
	char line[16];

	for (int i = 0; i < count; i++) {
		all[i].listener = listen_on("4", 0, 8, &all[i].to);
		errno = pthread_create(&all[i].thread, NULL, blocked_thread,
				       &all[i]);
		if (errno)
			fail("pthread_create");
	}
	for (int round = 0;; round++) {
		for (int i = 0; i < count; i++)
			wait_asleep(&all[i], round);
		fputs("ready\n", stderr);
		if (!fgets(line, sizeof(line), stdin))
			exit(0);
		for (int i = 0; i < count; i++)
			close(connect_to(&all[i].to, 0));
	}
}

/* ------------------------------------------------------------------------
 * odd
 */

static void odd_accept(int listener, const union address *to)
{
	int client = connect_to(to, 0), fd;

	fd = NEED(take(listener));
	print_row(fd, NULL);
	close(fd);
	close(client);
}

/* The accept() fails, and the next one gets the connection. */
static void odd_emfile(int listener, const union address *to)
{
	int client = connect_to(to, 0), fd;
	struct rlimit before, none;

	NEED(getrlimit(RLIMIT_NOFILE, &before));
	none = before;
	none.rlim_cur = client + 1;
	NEED(setrlimit(RLIMIT_NOFILE, &none));
	if (take(listener) >= 0 || errno != EMFILE)
		fail("not EMFILE");
	NEED(setrlimit(RLIMIT_NOFILE, &before));
	fd = NEED(take(listener));
	print_row(fd, NULL);
	close(fd);
	close(client);
}

/* A child with a thread in accept() is killed, or executes another program. */
static void odd_end(int listener, const union address *to, bool by_exec)
{
	struct blocked blocked = { .listener = listener, .to = *to };
	pid_t child = NEED(fork());

	if (!child) {
		pthread_create(&blocked.thread, NULL, blocked_thread, &blocked);
		wait_asleep(&blocked, 0);
		close(STDERR_FILENO);
		if (by_exec)
			execl("/proc/self/exe", "lab", NULL);
		raise(SIGKILL);
	}
	NEED(waitpid(child, NULL, 0));
	odd_accept(listener, to);
}

static void odd(const char *family)
{
	union address to;
	int listener;

	prctl(PR_SET_NAME, SERVER_NAME);
	listener = listen_on(family, 0, 8, &to);
	odd_emfile(listener, &to);
	odd_end(listener, &to, false);
	odd_end(listener, &to, true);
	for (int i = 0; i < 4; i++) {
		pid_t child = NEED(fork());

		if (!child) {
			odd_accept(listener, &to);
			_exit(0);
		}
		NEED(waitpid(child, NULL, 0));
	}
}

/* ------------------------------------------------------------------------
 * burst
 */

static union address burst_to;
static int burst_listener, burst_left, burst_accepted, burst_total;

/*
 * Wait for the server's byte, which says that the connection was accepted. So
 * was one that was reset before we ran again, as in connect_to().
 */
static bool is_accepted(int fd)
{
	char byte;
	ssize_t length = read(fd, &byte, 1);

	return length == 1 || (length < 0 && errno == ENOTCONN);
}

static void *burst_client(void *unused)
{
	struct linger reset = { .l_onoff = 1 };
	int fd;

	while (__atomic_sub_fetch(&burst_left, 1, __ATOMIC_RELAXED) >= 0) {
		fd = connect_to(&burst_to, 0);
		if (!is_accepted(fd))
			fail("read");
		/* Leave no TIME_WAIT. */
		NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset,
				sizeof(reset)));
		close(fd);
	}
	return unused;
}

static void *burst_server(void *unused)
{
	int fd;

	prctl(PR_SET_NAME, SERVER_NAME);
	while ((fd = take(burst_listener)) >= 0) {
		NEED(write(fd, "", 1));
		close(fd);
		if (__atomic_add_fetch(&burst_accepted, 1, __ATOMIC_RELAXED) ==
		    burst_total)
			shutdown(burst_listener, SHUT_RD);
	}
	return unused;
}

static void burst(int count, int clients, int servers)
{
	pthread_t threads[64];

	burst_left = burst_total = count;
	burst_listener = listen_on("4", 0, 4096, &burst_to);
	for (int i = 0; i < clients + servers; i++) {
		errno = pthread_create(
			&threads[i], NULL,
			i < servers ? burst_server : burst_client, NULL);
		if (errno)
			fail("pthread_create");
	}
	for (int i = 0; i < clients + servers; i++)
		pthread_join(threads[i], NULL);
	printf("%d\n", burst_accepted);
}

/* ------------------------------------------------------------------------
 * cgroups
 */

/* A child in a new cgroup that accepts whatever comes to the listener. */
static pid_t cgroup_server(const char *path, int listener)
{
	char procs[600];
	pid_t child;
	int fd;

	NEED(mkdir(path, 0755));
	child = NEED(fork());
	if (child)
		return child;
	snprintf(procs, sizeof(procs), "%s/cgroup.procs", path);
	fd = NEED(open(procs, O_WRONLY));
	NEED((int)write(fd, "0", 1));
	close(fd);
	prctl(PR_SET_NAME, SERVER_NAME);
	while ((fd = take(listener)) >= 0) {
		NEED((int)write(fd, "", 1));
		close(fd);
	}
	_exit(1);
}

static void cgroups(const char *dir, int servers, int count)
{
	struct linger reset = { .l_onoff = 1 };
	union address to[1024];
	pid_t pids[1024];
	char path[512];
	int fd, made = 0;

	for (int i = 0; i < servers; i++) {
		snprintf(path, sizeof(path), "%s/lab-%d", dir, i);
		fd = listen_on("4", 0, 8, &to[i]);
		pids[i] = cgroup_server(path, fd);
		close(fd);
	}
	for (; made < count; made++) {
		fd = connect_to(&to[made % servers], 0);
		if (!is_accepted(fd))
			break;
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	for (int i = 0; i < servers; i++) {
		kill(pids[i], SIGKILL);
		NEED(waitpid(pids[i], NULL, 0));
		snprintf(path, sizeof(path), "%s/lab-%d", dir, i);
		/* The kernel needs a moment to remove the tasks. */
		while (rmdir(path) && errno == EBUSY)
			usleep(1000);
	}
	printf("%d\n", made);
}

/* ------------------------------------------------------------------------
 * vanish
 */

/* The descriptor that accept() returns next, and whether to continue. */
static int vanish_fd;
static bool vanish_goes_on = true;

static void *vanish_closer(void *unused)
{
	while (__atomic_load_n(&vanish_goes_on, __ATOMIC_RELAXED))
		close(vanish_fd);
	return unused;
}

/* Another process, whose descriptors nobody closes. */
static pid_t vanish_client(const union address *to, int count)
{
	struct linger reset = { .l_onoff = 1 };
	pid_t child = NEED(fork());
	char byte;
	int fd;

	if (child)
		return child;
	for (; count; count--) {
		fd = connect_to(to, 0);
		/* Until the server's end is closed. */
		(void)!read(fd, &byte, 1);
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	_exit(0);
}

static void vanish(int count)
{
	union address to;
	int listener = listen_on("4", 0, 128, &to), accepted = 0, fd;
	pid_t client = vanish_client(&to, count);
	pthread_t closer;

	prctl(PR_SET_NAME, SERVER_NAME);
	vanish_fd = NEED(dup(listener));
	close(vanish_fd);
	errno = pthread_create(&closer, NULL, vanish_closer, NULL);
	if (errno)
		fail("pthread_create");
	for (int i = 0; i < count; i++) {
		fd = take(listener);
		accepted += fd >= 0;
		/* The other thread may not have closed it. */
		close(fd);
	}
	__atomic_store_n(&vanish_goes_on, false, __ATOMIC_RELAXED);
	pthread_join(closer, NULL);
	NEED(waitpid(client, NULL, 0));
	printf("%d\n", accepted);
}

/* ------------------------------------------------------------------------
 * gap, quiet, cost
 */

static void gap(int ms)
{
	struct timespec pause = { ms / 1000, ms % 1000 * 1000000L };
	uint64_t before[2], after[2];
	union address to;
	int listener;

	listener = listen_on("4", 0, 8, &to);
	prctl(PR_SET_NAME, SERVER_NAME);
	for (int i = 0; i < 2; i++) {
		if (i)
			nanosleep(&pause, NULL);
		before[i] = now_ns();
		connect_to(&to, 0);
		NEED(take(listener));
		after[i] = now_ns();
	}
	printf("%llu %llu\n",
	       (unsigned long long)(before[1] - after[0]) / 1000000,
	       (unsigned long long)(after[1] - before[0]) / 1000000 + 1);
}

static void quiet(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const struct timeval second = { .tv_sec = 1 };
	socklen_t length;
	union address to;
	int listener, fd;

	listener = listen_on("4", 0, 8, &to);
	close(listener);
	fd = NEED(socket(AF_INET, SOCK_STREAM, 0));
	/* Linux 7.2 in QEMU's s390x sends no reset: wait only a second. */
	NEED(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof(second)));
	if (connect(fd, &to.any, sizeof(to.in)) == 0 ||
	    (errno != ECONNREFUSED && errno != EINPROGRESS))
		fail("not refused");

	/* An abstract name that the kernel picks. */
	listener = NEED(socket(AF_UNIX, SOCK_STREAM, 0));
	NEED(bind(listener, (struct sockaddr *)&name, sizeof(sa_family_t)));
	length = sizeof(name);
	NEED(getsockname(listener, (struct sockaddr *)&name, &length));
	NEED(listen(listener, 8));
	fd = NEED(socket(AF_UNIX, SOCK_STREAM, 0));
	NEED(connect(fd, (struct sockaddr *)&name, length));
	NEED(take(listener));

	fd = NEED(socket(AF_INET, SOCK_DGRAM, 0));
	NEED(connect(fd, &to.any, sizeof(to.in)));
	send(fd, "", 1, 0);

	/* accept() that finds nothing. */
	listener = listen_on("4", 0, 8, &to);
	NEED(fcntl(listener, F_SETFL, O_NONBLOCK));
	if (take(listener) >= 0 || errno != EAGAIN)
		fail("not EAGAIN");
}

/*
 * For accept() as many connections as the backlog holds are made before. A
 * connection is a connect, an accept and a close of both ends.
 */
static void cost(int count)
{
	enum { BATCH = 64 };
	int listener, fd, clients[BATCH], servers[BATCH];
	struct linger reset = { .l_onoff = 1 };
	uint64_t start, accepts = 0, whole;
	union address to;

	listener = listen_on("4", 0, BATCH, &to);
	for (int done = 0; done < count; done += BATCH) {
		for (int i = 0; i < BATCH; i++)
			clients[i] = connect_to(&to, 0);
		start = now_ns();
		for (int i = 0; i < BATCH; i++)
			servers[i] = NEED(take(listener));
		accepts += now_ns() - start;
		for (int i = 0; i < BATCH; i++) {
			NEED(setsockopt(clients[i], SOL_SOCKET, SO_LINGER,
					&reset, sizeof(reset)));
			close(clients[i]);
			close(servers[i]);
		}
	}
	start = now_ns();
	for (int i = 0; i < count; i++) {
		clients[0] = connect_to(&to, 0);
		fd = NEED(take(listener));
		close(fd);
		close(clients[0]);
	}
	whole = now_ns() - start;
	printf("%llu %llu\n", (unsigned long long)accepts / count,
	       (unsigned long long)whole / count);
}

/* ------------------------------------------------------------------------
 * prompt, armed
 */

static int compare_times(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static off_t file_size(int fd)
{
	return NEED(lseek(fd, 0, SEEK_END));
}

static void prompt(int count, const char *path)
{
	uint64_t *times = calloc(count, sizeof(*times)), start;
	struct timespec gap = { 0 };
	int listener, client, fd, file;
	union address to;
	off_t before;

	prctl(PR_SET_NAME, SERVER_NAME);
	listener = listen_on("4", 0, 8, &to);
	file = NEED(open(path, O_RDONLY));
	for (int i = 0; i < count; i++) {
		/* So that the reader is in each of its moods. */
		gap.tv_nsec = i * 7919L % 40000 * 1000;
		nanosleep(&gap, NULL);
		client = connect_to(&to, 0);
		before = file_size(file);
		start = now_ns();
		fd = NEED(take(listener));
		while (file_size(file) == before) {
			errno = ETIMEDOUT;
			if (now_ns() - start > 5000000000)
				fail("row %d", i);
			sched_yield();
		}
		times[i] = now_ns() - start;
		close(fd);
		close(client);
	}
	qsort(times, count, sizeof(*times), compare_times);
	printf("%llu %llu\n", (unsigned long long)times[count / 2] / 1000,
	       (unsigned long long)times[count - 1] / 1000);
}

/* Pause two milliseconds; returns false once that was a minute. */
static bool again(int *tries)
{
	const struct timespec gap = { .tv_nsec = 2000000 };

	nanosleep(&gap, NULL);
	return ++*tries < 30000;
}

/* Whether a process has ended; it may be a zombie. */
static bool has_ended(pid_t pid)
{
	struct pollfd polled = { .events = POLLIN };
	char path[32], target[8];
	bool ended;

	polled.fd = syscall(SYS_pidfd_open, pid, 0);
	if (polled.fd >= 0) {
		ended = poll(&polled, 1, 0) == 1;
		close(polled.fd);
		return ended;
	}
	if (errno == ESRCH)
		return true;
	/* Before Linux 5.3: this link of a zombie cannot be read. */
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return kill(pid, 0) || readlink(path, target, sizeof(target)) < 0;
}

/* There may be no such file yet. */
static void begun(const char *path, pid_t pid)
{
	struct stat found;
	int tries = 0;

	while (stat(path, &found) || !found.st_size)
		if (has_ended(pid))
			return;
		else if (!again(&tries)) {
			errno = ETIMEDOUT;
			fail("%s", path);
		}
}

/* Whether a line is a row: one with a name that begins with "lab". */
static bool is_row(const char *line)
{
	return !strncmp(line, "lab", 3) || strstr(line, " lab");
}

/* Count rows: whole lines after the first one. */
static int rows_in(FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	int count = 0, number = 0;

	rewind(file);
	while (getline(&line, &size, file) > 0)
		count += number++ && strchr(line, '\n') && is_row(line);
	free(line);
	return count;
}

struct lines {
	struct line {
		char *text;
		ssize_t length;
	} * line;
	size_t count;
};

/* The lines of a file; rows: only those that are rows below its header. */
static struct lines lines_of(const char *path, bool rows)
{
	struct lines lines = { 0 };
	FILE *file = fopen(path, "r");
	struct line line = { 0 };
	size_t size = 0;

	if (!file)
		fail("%s", path);
	for (int number = 0;; number++) {
		line.length = getline(&line.text, &size, file);
		if (line.length <= 0)
			break;
		if (rows && (!number || !is_row(line.text)))
			continue;
		lines.line =
			realloc(lines.line, (lines.count + 1) * sizeof(line));
		if (!lines.line)
			fail("%s", path);
		lines.line[lines.count++] = line;
		line.text = NULL;
	}
	fclose(file);
	return lines;
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *one = a, *other = b;

	if (one->length != other->length)
		return one->length < other->length ? -1 : 1;
	return memcmp(one->text, other->text, one->length);
}

static void tell_line(const char *what, const struct lines *lines, size_t n)
{
	printf("%s, line %zu of %zu: %s", what, n + 1, lines->count,
	       n < lines->count ? lines->line[n].text : "none\n");
}

static int same(const char *path, const char *truth, bool sorted)
{
	struct lines got = lines_of(path, true), want = lines_of(truth, false);
	size_t n = 0;

	if (sorted) {
		qsort(got.line, got.count, sizeof(struct line), compare_lines);
		qsort(want.line, want.count, sizeof(struct line),
		      compare_lines);
	}
	while (n < got.count && n < want.count &&
	       !compare_lines(&got.line[n], &want.line[n]))
		n++;
	if (n == got.count && n == want.count)
		return 0;
	tell_line("shown", &got, n);
	tell_line("truth", &want, n);
	return 1;
}

static void rows(const char *path, const char *number)
{
	FILE *file = fopen(path, "r");
	off_t size = -1, now;
	int tries = 0, count = 0, wanted;
	char *end;

	wanted = strtol(number, &end, 10);
	if (*end)
		wanted = lines_of(number, false).count;
	if (!file)
		fail("%s", path);
	while (count < wanted) {
		now = file_size(fileno(file));
		if (now != size)
			count = rows_in(file);
		size = now;
		if (count < wanted && !again(&tries)) {
			errno = ETIMEDOUT;
			fail("%d rows of %d", count, wanted);
		}
	}
}

static long peak_rss_kb(pid_t pid)
{
	char path[32], text[4096] = "", *line;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	fd = NEED(open(path, O_RDONLY));
	NEED(read(fd, text, sizeof(text) - 1));
	close(fd);
	line = strstr(text, "VmHWM:");
	return line ? atol(line + 6) : 0;
}

static void armed(int count, char **command)
{
	uint64_t *times = calloc(count, sizeof(*times)), start;
	long peak = 0, kb;
	int ends[2];
	pid_t pid;
	char byte;

	for (int i = 0; i < count; i++) {
		NEED(pipe2(ends, O_CLOEXEC));
		start = now_ns();
		pid = NEED(fork());
		if (!pid) {
			dup2(ends[1], STDOUT_FILENO);
			execvp(command[0], command);
			_exit(127);
		}
		close(ends[1]);
		if (read(ends[0], &byte, 1) != 1)
			fail("%s printed nothing", command[0]);
		times[i] = now_ns() - start;
		kb = peak_rss_kb(pid);
		if (kb > peak)
			peak = kb;
		kill(pid, SIGTERM);
		NEED(waitpid(pid, NULL, 0));
		close(ends[0]);
	}
	qsort(times, count, sizeof(*times), compare_times);
	printf("%llu %ld\n", (unsigned long long)times[count / 2] / 1000, peak);
}

static void default_signals(char **command)
{
	signal(SIGHUP, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	execvp(command[0], command);
	fail("%s", command[0]);
}

/* The number of the first client 127.1.x.y that a file names; -1 if none. */
static int first_client(const char *path)
{
	static char text[1 << 20];
	int fd = NEED(open(path, O_RDONLY));
	ssize_t length = NEED(read(fd, text, sizeof(text) - 1));
	unsigned int high, low;
	const char *at;

	close(fd);
	text[length] = '\0';
	at = strstr(text, "127.1.");
	/* Not one of which only a part is there. */
	if (!at || !strpbrk(at, " \n") ||
	    sscanf(at, "127.1.%u.%u", &high, &low) != 2)
		return -1;
	return high << 8 | low;
}

static void first(int ms, const char *path, char **command)
{
	static uint64_t times[1 << 16];
	const uint64_t start = now_ns();
	union address to, from = { .in.sin_family = AF_INET };
	int listener = listen_on("4", 0, 8, &to), client, shown = -1, fd;
	pid_t pid;

	fd = NEED(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
	pid = NEED(fork());
	if (!pid) {
		dup2(fd, STDOUT_FILENO);
		default_signals(command);
	}
	prctl(PR_SET_NAME, SERVER_NAME);
	for (int i = 1;
	     shown < 0 && i < 1 << 16 && !waitpid(pid, NULL, WNOHANG); i++) {
		client = NEED(socket(AF_INET, SOCK_STREAM, 0));
		from.in.sin_addr.s_addr = htonl(0x7f010000 + i);
		NEED(bind(client, &from.any, sizeof(from.in)));
		NEED(connect(client, &to.any, sizeof(to.in)));
		times[i] = now_ns() - start;
		close(NEED(take(listener)));
		close(client);
		usleep(ms * 1000);
		shown = first_client(path);
	}
	if (shown < 0)
		fail("%s showed nothing", command[0]);
	printf("%llu\n", (unsigned long long)times[shown] / 1000);
	fflush(stdout);
	waitpid(pid, NULL, 0);
}

/* The system call of poll(3). */
#ifdef SYS_poll
#define NUMBER_POLL SYS_poll
#else
#define NUMBER_POLL SYS_ppoll
#endif

static void deny(const char *call, char **command)
{
	const bool seccomp = !strcmp(call, "seccomp");
	/* Refuse only calls with this first argument; 0: all calls. */
	const int first = !strcmp(call, "netlink") ? AF_NETLINK :
			  !strcmp(call, "inet")	   ? AF_INET :
			  seccomp		   ? PR_SET_SECCOMP :
						     0;
	const uint32_t number = !strcmp(call, "bpf")	     ? SYS_bpf :
				!strcmp(call, "poll")	     ? NUMBER_POLL :
				!strcmp(call, "close_range") ? SYS_close_range :
				seccomp			     ? SYS_prctl :
				first			     ? SYS_socket :
					SYS_perf_event_open;
	/* The low word of the first argument. */
	const size_t argument =
		offsetof(struct seccomp_data, args[0]) + 4 * (htons(1) == 1);
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument),
		BPF_JUMP(BPF_JMP | BPF_K | (first ? BPF_JEQ : BPF_JGE), first,
			 0, 1),
		BPF_STMT(BPF_RET | BPF_K,
			 SECCOMP_RET_ERRNO | (seccomp ? EINVAL : EPERM)),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = 6, .filter = lines };

	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
	execvp(command[0], command);
	fail("%s", command[0]);
}

static void allow(const char *path, const char *others, char **command)
{
	enum { MOST = 600 };
	static struct sock_filter lines[2 * MOST + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog filter = { .len = 1, .filter = lines };
	FILE *file = fopen(path, "re");
	uint32_t number;

	if (!file)
		fail("%s", path);
	while (filter.len < 2 * MOST && fscanf(file, "%u", &number) == 1) {
		lines[filter.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1);
		lines[filter.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	fclose(file);
	lines[filter.len++] = (struct sock_filter)BPF_STMT(
		BPF_RET | BPF_K, strcmp(others, "kill") ?
					 SECCOMP_RET_ERRNO | EPERM :
					 SECCOMP_RET_KILL_PROCESS);
	NEED(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
	execvp(command[0], command);
	fail("%s", command[0]);
}

static void crowd(char **command)
{
	struct rlimit limit, wide;
	int fd = NEED(open("/proc/version", O_RDONLY));

	NEED(getrlimit(RLIMIT_NOFILE, &limit));
	wide = limit;
	wide.rlim_cur = 4001;
	NEED(setrlimit(RLIMIT_NOFILE, &wide));
	NEED(dup2(fd, 1500));
	NEED(dup2(fd, 4000));
	close(fd);
	limit.rlim_cur = 1024;
	NEED(setrlimit(RLIMIT_NOFILE, &limit));
	execvp(command[0], command);
	fail("%s", command[0]);
}

static void cgroupns(const char *dir, char **command)
{
	NEED(unshare(CLONE_NEWCGROUP | CLONE_NEWNS));
	NEED(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	/* Remove the mount that shows all cgroups. */
	NEED(umount2(dir, MNT_DETACH));
	NEED(mount("none", dir, "cgroup2", 0, NULL));
	execvp(command[0], command);
	fail("%s", command[0]);
}

static void write_map(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", getppid(), name);
	fd = NEED(open(path, O_WRONLY));
	NEED((int)write(fd, "0 65534 1", 9));
	close(fd);
}

/* As root, who shares the descriptors: mount what was opened, delegate all. */
static _Noreturn void token_helper(int ready, int go)
{
	static const char *const all[] = { "delegate_cmds", "delegate_maps",
					   "delegate_progs",
					   "delegate_attachs" };
	int bpffs, mounted;

	NEED((int)read(ready, &bpffs, sizeof(bpffs)));
	for (int i = 0; i < 4; i++)
		NEED(syscall(SYS_fsconfig, bpffs, FSCONFIG_SET_STRING, all[i],
			     "any", 0));
	NEED(syscall(SYS_fsconfig, bpffs, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
	mounted = NEED(syscall(SYS_fsmount, bpffs, 0, 0));
	write_map("uid_map");
	write_map("gid_map");
	NEED((int)write(go, &mounted, sizeof(mounted)));
	_exit(0);
}

static void token(char **command)
{
	int ready[2], go[2], bpffs, mounted, status;
	pid_t helper;

	NEED(pipe(ready));
	NEED(pipe(go));
	helper = NEED(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
	if (!helper)
		token_helper(ready[0], go[1]);
	NEED(setgid(65534));
	NEED(setuid(65534));
	NEED(unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWCGROUP));
	bpffs = NEED(syscall(SYS_fsopen, "bpf", 0));
	NEED((int)write(ready[1], &bpffs, sizeof(bpffs)));
	/* Then we are root here; before Linux 6.9 it fails, and says why. */
	NEED(waitpid(helper, &status, 0));
	if (status)
		exit(1);
	NEED((int)read(go[0], &mounted, sizeof(mounted)));
	NEED(syscall(SYS_move_mount, mounted, "", AT_FDCWD, "/sys/fs/bpf",
		     MOVE_MOUNT_F_EMPTY_PATH));
	execvp(command[0], command);
	fail("%s", command[0]);
}

static void timens(const char *seconds, char **command)
{
	char text[64];
	int fd, length;

	NEED(unshare(0x80 /* CLONE_NEWTIME */));
	length = snprintf(text, sizeof(text), "monotonic %s 0", seconds);
	fd = NEED(open("/proc/self/timens_offsets", O_WRONLY));
	NEED((int)write(fd, text, length));
	close(fd);
	fd = NEED(open("/proc/self/ns/time_for_children", O_RDONLY));
	NEED(setns(fd, 0));
	close(fd);
	execvp(command[0], command);
	fail("%s", command[0]);
}

static void caps(char **command)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	uint32_t both = CAP_TO_MASK(CAP_BPF) | CAP_TO_MASK(CAP_PERFMON);
	struct __user_cap_data_struct data[2] = {
		[1] = { both, both, both },
	};
	/* Perf rings count against it; before 5.11 BPF objects, too. */
	struct rlimit locked = { 64 << 10, 4 << 20 };

	NEED(setrlimit(RLIMIT_MEMLOCK, &locked));
	/* So that even user 0 gains no capability by exec(2). */
	NEED(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT));
	NEED(prctl(PR_SET_KEEPCAPS, 1));
	NEED(setgid(65534));
	NEED(setuid(getenv("LAB_UID") ? environment_number("LAB_UID") : 65534));
	NEED(syscall(SYS_capset, &header, data));
	NEED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_BPF, 0, 0));
	NEED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_PERFMON, 0, 0));
	execvp(command[0], command);
	fail("%s", command[0]);
}

/* ------------------------------------------------------------------------
 * pin, keys
 */

static const struct {
	const char *kind;
	enum bpf_map_type type;
	uint32_t key_size, value_size;
} map_kinds[] = {
	{ "cgroup", BPF_MAP_TYPE_HASH, 8, 8 },
	{ "mount", BPF_MAP_TYPE_HASH, 8, 4 },
	{ "array", BPF_MAP_TYPE_ARRAY, 4, 8 },
	{ "short", BPF_MAP_TYPE_HASH, 4, 8 },
};

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Create a BPF map: its descriptor. */
static int map_create(uint32_t type, uint32_t key_size, uint32_t value_size,
		      uint32_t entries)
{
	/* Before 5.11 BPF maps count against it; later it may fail. */
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attr;

	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	memset(&attr, 0, sizeof(attr));
	attr.map_type = type;
	attr.key_size = key_size;
	attr.value_size = value_size;
	attr.max_entries = entries;
	return NEED(bpf(BPF_MAP_CREATE, &attr));
}

/* keys: numbers as text, up to a NULL. */
static void pin(const char *kind, const char *path, char **keys)
{
	union bpf_attr attr;
	uint64_t key, value = 1;
	size_t i = 0;
	int map;

	while (strcmp(map_kinds[i].kind, kind))
		if (++i == sizeof(map_kinds) / sizeof(*map_kinds))
			fail("kind %s", kind);
	map = map_create(map_kinds[i].type, map_kinds[i].key_size,
			 map_kinds[i].value_size, 64);
	for (; *keys; keys++) {
		key = strtoull(*keys, NULL, 10);
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = map;
		attr.key = (uintptr_t)&key;
		attr.value = (uintptr_t)&value;
		NEED(bpf(BPF_MAP_UPDATE_ELEM, &attr));
	}
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uintptr_t)path;
	attr.bpf_fd = map;
	NEED(bpf(BPF_OBJ_PIN, &attr));
}

static void run_preempted(char **command)
{
	enum { SIZE = 4 << 20 };
	const uint64_t until = now_ns() + 300000000;
	union bpf_attr attr;
	uint32_t key = 0;
	cpu_set_t first;
	char *value = malloc(SIZE);
	int map;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	NEED(sched_setaffinity(0, sizeof(first), &first));
	map = map_create(BPF_MAP_TYPE_ARRAY, sizeof(key), SIZE, 1);
	if (!NEED(fork())) {
		NEED(nice(19));
		memset(value, 1, SIZE);
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = map;
		attr.key = (uintptr_t)&key;
		attr.value = (uintptr_t)value;
		do
			NEED(bpf(BPF_MAP_LOOKUP_ELEM, &attr));
		while (now_ns() < until);
		_exit(0);
	}
	close(map);
	/* So that it has begun. */
	usleep(50000);
	execvp(command[0], command);
	fail("%s", command[0]);
}

/* The number behind a name, in lines of "NAME:\tNUMBER"; 0 if missing. */
static uint32_t number_of(const char *lines, const char *name)
{
	const char *at = strstr(lines, name);

	return at ? (uint32_t)strtoul(at + strlen(name), NULL, 10) : 0;
}

static uint32_t map_keys(uint32_t id)
{
	uint64_t key, next;
	union bpf_attr attr;
	uint32_t count = 0;
	int map;

	memset(&attr, 0, sizeof(attr));
	attr.map_id = id;
	map = NEED(bpf(BPF_MAP_GET_FD_BY_ID, &attr));
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.next_key = (uintptr_t)&next;
	for (; !bpf(BPF_MAP_GET_NEXT_KEY, &attr); count++) {
		key = next;
		attr.key = (uintptr_t)&key;
	}
	close(map);
	return count;
}

/* The sockmap changes both the listener and the new socket. */
static void sockmap(const char *dir)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_LDX | BPF_W | BPF_MEM,
		  .dst_reg = 2,
		  .src_reg = 1 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K,
		  .dst_reg = 2,
		  .imm = BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB,
		  .off = 7 },
		{ .code = BPF_ST | BPF_W | BPF_MEM,
		  .dst_reg = 10,
		  .off = -4,
		  .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X,
		  .dst_reg = 3,
		  .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K,
		  .dst_reg = 3,
		  .imm = -4 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 2,
		  .src_reg = BPF_PSEUDO_MAP_FD },
		{ 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_sock_map_update },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct bpf_insn code[sizeof(insns) / sizeof(*insns)];
	union address to;
	union bpf_attr attr;
	int listener, map, program, cgroup, fd;
	uint32_t key = 0, value;

	map = map_create(BPF_MAP_TYPE_SOCKMAP, 4, 4, 2);
	memcpy(code, insns, sizeof(code));
	code[5].imm = map;
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SOCK_OPS;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = sizeof(code) / sizeof(*code);
	attr.license = (uintptr_t) "GPL";
	program = NEED(bpf(BPF_PROG_LOAD, &attr));
	cgroup = NEED(open(dir, O_RDONLY | O_DIRECTORY));
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = cgroup;
	attr.attach_bpf_fd = program;
	attr.attach_type = BPF_CGROUP_SOCK_OPS;
	NEED(bpf(BPF_PROG_ATTACH, &attr));
	listener = listen_on("4", 0, 8, &to);
	value = listener;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&value;
	NEED(bpf(BPF_MAP_UPDATE_ELEM, &attr));
	prctl(PR_SET_NAME, SERVER_NAME);
	connect_to(&to, 0);
	fd = NEED(take(listener));
	print_row(fd, NULL);
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = cgroup;
	attr.attach_type = BPF_CGROUP_SOCK_OPS;
	NEED(bpf(BPF_PROG_DETACH, &attr));
}

static void keys(const char *pid)
{
	char path[300], text[4096];
	struct dirent *entry;
	uint32_t type, count = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/fdinfo", pid);
	dir = opendir(path);
	if (!dir)
		fail("%s", path);
	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/fdinfo/%s", pid,
			 entry->d_name);
		read_file(path, text, sizeof(text));
		type = number_of(text, "map_type:\t");
		if ((type == BPF_MAP_TYPE_HASH ||
		     type == BPF_MAP_TYPE_LRU_HASH) &&
		    number_of(text, "key_size:\t") == 8)
			count += map_keys(number_of(text, "map_id:\t"));
	}
	closedir(dir);
	printf("%u\n", count);
}

/*
 * Print the objects with one of tcpaccept's names; before 4.15, without names,
 * all. The name is at offset `at` of struct bpf_prog_info or bpf_map_info, of
 * `size` bytes.
 */
static void objects_of(const char *kind, enum bpf_cmd next,
		       enum bpf_cmd open_one, size_t size, size_t at)
{
	union bpf_attr ids, attr;
	char info[512];
	int fd;

	memset(&ids, 0, sizeof(ids));
	for (; !bpf(next, &ids); ids.start_id = ids.next_id) {
		memset(&attr, 0, sizeof(attr));
		attr.map_id = ids.next_id;
		fd = bpf(open_one, &attr);
		/* It is gone by now. */
		if (fd < 0 && errno == ENOENT)
			continue;
		NEED(fd);
		memset(info, 0, sizeof(info));
		memset(&attr, 0, sizeof(attr));
		attr.info.bpf_fd = fd;
		attr.info.info_len = size;
		attr.info.info = (uintptr_t)info;
		NEED(bpf(BPF_OBJ_GET_INFO_BY_FD, &attr));
		close(fd);
		if (attr.info.info_len < at + BPF_OBJ_NAME_LEN ||
		    !strncmp(info + at, "accept_", strlen("accept_")))
			printf("%s %u %.*s\n", kind, ids.next_id,
			       BPF_OBJ_NAME_LEN, info + at);
	}
}

static void objects(void)
{
	objects_of("prog", BPF_PROG_GET_NEXT_ID, BPF_PROG_GET_FD_BY_ID,
		   sizeof(struct bpf_prog_info),
		   offsetof(struct bpf_prog_info, name));
	objects_of("map", BPF_MAP_GET_NEXT_ID, BPF_MAP_GET_FD_BY_ID,
		   sizeof(struct bpf_map_info),
		   offsetof(struct bpf_map_info, name));
}

static void named_map(const char *name, const char *path)
{
	union bpf_attr attr;
	int map;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	strncpy(attr.map_name, name, sizeof(attr.map_name) - 1);
	map = NEED(bpf(BPF_MAP_CREATE, &attr));
	if (path) {
		memset(&attr, 0, sizeof(attr));
		attr.pathname = (uintptr_t)path;
		attr.bpf_fd = map;
		NEED(bpf(BPF_OBJ_PIN, &attr));
		return;
	}
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
}

static void writes(const char *path)
{
	char events[sizeof(struct inotify_event) + NAME_MAX + 1];
	int fd = inotify_init1(IN_CLOEXEC);

	if (fd < 0 || inotify_add_watch(fd, path, IN_MODIFY) < 0)
		fail("inotify of %s", path);
	fputs("ready\n", stderr);
	while (read(fd, events, sizeof(events)) > 0) {
		puts("written");
		fflush(stdout);
	}
	fail("inotify of %s", path);
}

int main(int argc, char **argv)
{
	asks_address = getenv("LAB_ADDRESS");
	if (argc == 4 && (!strcmp(argv[1], "one") || !strcmp(argv[1], "facts")))
		one(argv[2], argv[3], *argv[1] == 'f');
	else if (argc == 4 && !strcmp(argv[1], "each"))
		each(argv[2], argv[3]);
	else if (argc == 4 && !strcmp(argv[1], "begun"))
		begun(argv[2], atoi(argv[3]));
	else if (argc == 4 && !strcmp(argv[1], "rows"))
		rows(argv[2], argv[3]);
	else if ((argc == 4 || argc == 5) && !strcmp(argv[1], "same"))
		return same(argv[2], argv[3], argc == 5);
	else if (argc == 5 && !strcmp(argv[1], "backlog"))
		backlog(argv[2], argv[3], atoi(argv[4]));
	else if (argc == 3 && !strcmp(argv[1], "die"))
		die(atoi(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "sources"))
		sources(atoi(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "keys"))
		keys(argv[2]);
	else if (argc == 2 && !strcmp(argv[1], "objects"))
		objects();
	else if ((argc == 3 || argc == 4) && !strcmp(argv[1], "map"))
		named_map(argv[2], argv[3]);
	else if (argc > 3 && !strcmp(argv[1], "pin"))
		pin(argv[2], argv[3], argv + 4);
	else if (argc == 3 && !strcmp(argv[1], "blocked"))
		blocked(atoi(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "odd"))
		odd(argv[2]);
	else if (argc == 5 && !strcmp(argv[1], "burst"))
		burst(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	else if (argc == 3 && !strcmp(argv[1], "sockmap"))
		sockmap(argv[2]);
	else if (argc == 5 && !strcmp(argv[1], "cgroups"))
		cgroups(argv[2], atoi(argv[3]), atoi(argv[4]));
	else if (argc == 3 && !strcmp(argv[1], "vanish"))
		vanish(atoi(argv[2]));
	else if (argc == 3 && !strcmp(argv[1], "gap"))
		gap(atoi(argv[2]));
	else if (argc == 2 && !strcmp(argv[1], "quiet"))
		quiet();
	else if (argc == 3 && !strcmp(argv[1], "cost"))
		cost(atoi(argv[2]) / 64 * 64);
	else if (argc == 4 && !strcmp(argv[1], "prompt"))
		prompt(atoi(argv[2]), argv[3]);
	else if (argc == 3 && !strcmp(argv[1], "writes"))
		writes(argv[2]);
	else if (argc > 3 && !strcmp(argv[1], "deny"))
		deny(argv[2], argv + 3);
	else if (argc > 4 && !strcmp(argv[1], "allow"))
		allow(argv[2], argv[3], argv + 4);
	else if (argc > 2 && !strcmp(argv[1], "preempted"))
		run_preempted(argv + 2);
	else if (argc > 2 && !strcmp(argv[1], "crowd"))
		crowd(argv + 2);
	else if (argc > 2 && !strcmp(argv[1], "signals"))
		default_signals(argv + 2);
	else if (argc > 3 && !strcmp(argv[1], "cgroupns"))
		cgroupns(argv[2], argv + 3);
	else if (argc > 2 && !strcmp(argv[1], "token"))
		token(argv + 2);
	else if (argc > 3 && !strcmp(argv[1], "timens"))
		timens(argv[2], argv + 3);
	else if (argc > 2 && !strcmp(argv[1], "caps"))
		caps(argv + 2);
	else if (argc > 3 && !strcmp(argv[1], "armed"))
		armed(atoi(argv[2]), argv + 3);
	else if (argc > 4 && !strcmp(argv[1], "first"))
		first(atoi(argv[2]), argv[3], argv + 4);
	else {
		fputs("lab: see the top of tests/guest/lab.c\n", stderr);
		return 2;
	}
	return 0;
}
