// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * lab.c - makes TCP accepts of every kind, and says what tcpaccept must print
 *
 *	lab one KIND FAMILY	one accept. KIND: block, poll, epoll, uring (a
 *				connection waits), uring-wait (none does),
 *				uring-worker (a worker of the kernel's accepts),
 *				mptcp, mptcp-plain (MPTCP listener, TCP client),
 *				reset (the client resets before the accept).
 *				FAMILY: 4, 6, mapped
 *	lab blocked N		N threads in accept(), each on its own listener.
 *				"ready" on stderr when all sleep there; for each
 *				line on stdin one connection to each
 *	lab burst N CLIENTS SERVERS	N connections as fast as they go; the
 *				number of accepts instead of rows
 *	lab gap MS		two accepts MS apart; instead of rows the least
 *				and the most milliseconds between them
 *	lab prompt N FILE	N accepts, 0 to 40 ms apart, each after the row
 *				of the one before came to FILE; the median and
 *				the most microseconds that took
 *	lab quiet		a refused connection, AF_UNIX, UDP: no rows
 *	lab cost N		nanoseconds per accept() and per connection
 *	lab deny CALL PROGRAM...	with a seccomp filter that refuses the
 *				system call bpf, perf_event_open or poll (EPERM)
 *	lab caps PROGRAM...	as user 65534 with CAP_BPF and CAP_PERFMON only
 *	lab armed N PROGRAM...	start it N times; the median microseconds from
 *				exec to its first output, and its peak RSS (KiB)
 *
 * Rows come from getpeername(2) and getsockname(2) of the accepted socket and
 * from printf(3) with the formats of the first tcpaccept: nothing of the
 * program under test.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>

#define PROTOCOL_MPTCP 262

/* 15 bytes, of which a row shows 12. */
#define SERVER_NAME "lab-server-name"

static _Noreturn void fail(const char *format, ...)
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

/* family: 4, 6 or mapped. Returns the listener; *to is how to reach it. */
static int listen_on(const char *family, int protocol, int backlog,
		     union address *to)
{
	bool v6 = strcmp(family, "4") != 0, mapped = *family == 'm';
	union address at = { 0 };
	socklen_t length = sizeof(at);
	int fd, off = 0;

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
	NEED(bind(fd, &at.any, v6 ? sizeof(at.in6) : sizeof(at.in)));
	NEED(listen(fd, backlog));
	NEED(getsockname(fd, &at.any, &length));
	*to = at;
	if (mapped) {
		memset(to, 0, sizeof(*to));
		to->in.sin_family = AF_INET;
		to->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		to->in.sin_port = at.in6.sin6_port;
	}
	return fd;
}

static int connect_to(const union address *to, int protocol)
{
	int fd = NEED(socket(to->any.sa_family, SOCK_STREAM, protocol));

	NEED(connect(fd, &to->any, sizeof(*to)));
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

/* The row for an accepted socket; peer: if getpeername() can no longer tell. */
static void print_row(int fd, const union address *peer)
{
	char comm[17] = "", raddr[INET6_ADDRSTRLEN], laddr[INET6_ADDRSTRLEN];
	union address local, remote;
	socklen_t length = sizeof(remote);

	prctl(PR_GET_NAME, comm);
	if (peer)
		remote = *peer;
	else
		NEED(getpeername(fd, &remote.any, &length));
	length = sizeof(local);
	NEED(getsockname(fd, &local.any, &length));
	address_text(raddr, &remote);
	address_text(laddr, &local);
	printf("%-6d %-12.12s %-2d %-16s %-16s %-4d\n", getpid(), comm,
	       strchr(raddr, ':') ? 6 : 4, raddr, laddr,
	       ntohs(local.any.sa_family == AF_INET ? local.in.sin_port :
						      local.in6.sin6_port));
	fflush(stdout);
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
	uring->array[0] = 0;
	__atomic_store_n(uring->sq_tail, 1, __ATOMIC_RELEASE);
	NEED(syscall(SYS_io_uring_enter, uring->fd, 1, 0, 0, NULL, 0));
}

static int uring_wait(struct uring *uring)
{
	NEED(syscall(SYS_io_uring_enter, uring->fd, 0, 1,
		     IORING_ENTER_GETEVENTS, NULL, 0));
	if (__atomic_load_n(uring->cq_tail, __ATOMIC_ACQUIRE) == 0)
		fail("io_uring gave nothing");
	errno = -uring->cqes[0].res;
	return NEED(uring->cqes[0].res < 0 ? -1 : uring->cqes[0].res);
}

/* ------------------------------------------------------------------------
 * one
 */

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
	if (!strncmp(kind, "uring", 5)) {
		uring = uring_open();
		uring_submit_accept(&uring, listener,
				    strcmp(kind, "uring") ? IOSQE_ASYNC : 0);
		return uring_wait(&uring);
	}
	if (!strcmp(kind, "reset")) {
		NEED(setsockopt(*client, SOL_SOCKET, SO_LINGER, &reset,
				sizeof(reset)));
		close(*client);
	}
	if (!strcmp(kind, "epoll")) {
		NEED(fcntl(listener, F_SETFL, O_NONBLOCK));
		epoll = NEED(epoll_create1(0));
		NEED(epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event));
		NEED(epoll_wait(epoll, &event, 1, -1));
		return NEED(accept4(listener, NULL, NULL, SOCK_NONBLOCK));
	}
	if (!strcmp(kind, "poll")) {
		NEED(fcntl(listener, F_SETFL, O_NONBLOCK));
		NEED(poll(&polled, 1, -1));
	}
	return NEED(accept(listener, NULL, NULL));
}

static void one(const char *kind, const char *family)
{
	bool mptcp = !strncmp(kind, "mptcp", 5);
	int server_protocol = mptcp ? PROTOCOL_MPTCP : 0;
	int client_protocol = strcmp(kind, "mptcp") ? 0 : PROTOCOL_MPTCP;
	union address to, peer;
	int listener, client, fd;

	listener = listen_on(family, server_protocol, 8, &to);
	prctl(PR_SET_NAME, SERVER_NAME);
	fd = accept_as(kind, listener, &to, &client, client_protocol);
	/* Loopback: the client's address is the server's. */
	peer = to;
	print_row(fd, !strcmp(kind, "reset") ? &peer : NULL);
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
		fd = NEED(accept(blocked->listener, NULL, NULL));
		print_row(fd, NULL);
		close(fd);
		__atomic_add_fetch(&blocked->accepted, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* Until the thread sleeps in its next accept(): state S, and no sooner row. */
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
 * burst
 */

static union address burst_to;
static int burst_listener, burst_left, burst_accepted, burst_total;

static void *burst_client(void *unused)
{
	struct linger reset = { .l_onoff = 1 };
	char byte;
	int fd;

	while (__atomic_sub_fetch(&burst_left, 1, __ATOMIC_RELAXED) >= 0) {
		fd = connect_to(&burst_to, 0);
		/* The server's byte: accepted; then leave no TIME_WAIT. */
		NEED(read(fd, &byte, 1));
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
	while ((fd = accept(burst_listener, NULL, NULL)) >= 0) {
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
		NEED(accept(listener, NULL, NULL));
		after[i] = now_ns();
	}
	printf("%llu %llu\n",
	       (unsigned long long)(before[1] - after[0]) / 1000000,
	       (unsigned long long)(after[1] - before[0]) / 1000000 + 1);
}

static void quiet(void)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t length;
	union address to;
	int listener, fd;

	listener = listen_on("4", 0, 8, &to);
	close(listener);
	fd = NEED(socket(AF_INET, SOCK_STREAM, 0));
	if (connect(fd, &to.any, sizeof(to.in)) == 0 || errno != ECONNREFUSED)
		fail("not refused");

	/* An abstract name that the kernel picks. */
	listener = NEED(socket(AF_UNIX, SOCK_STREAM, 0));
	NEED(bind(listener, (struct sockaddr *)&name, sizeof(sa_family_t)));
	length = sizeof(name);
	NEED(getsockname(listener, (struct sockaddr *)&name, &length));
	NEED(listen(listener, 8));
	fd = NEED(socket(AF_UNIX, SOCK_STREAM, 0));
	NEED(connect(fd, (struct sockaddr *)&name, length));
	NEED(accept(listener, NULL, NULL));

	fd = NEED(socket(AF_INET, SOCK_DGRAM, 0));
	NEED(connect(fd, &to.any, sizeof(to.in)));
	send(fd, "", 1, 0);

	/* accept() that finds nothing. */
	listener = listen_on("4", 0, 8, &to);
	NEED(fcntl(listener, F_SETFL, O_NONBLOCK));
	if (accept(listener, NULL, NULL) >= 0 || errno != EAGAIN)
		fail("not EAGAIN");
}

/*
 * accept(): as many as the backlog holds, connected before. Connection:
 * connect, accept, close of both ends, one after the other.
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
			servers[i] = NEED(accept(listener, NULL, NULL));
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
		fd = NEED(accept(listener, NULL, NULL));
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
		/* Around where the reader falls asleep, in all its phases. */
		gap.tv_nsec = i * 7919L % 40000 * 1000;
		nanosleep(&gap, NULL);
		client = connect_to(&to, 0);
		before = file_size(file);
		start = now_ns();
		fd = NEED(accept(listener, NULL, NULL));
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

static void deny(const char *call, char **command)
{
	const uint32_t number = !strcmp(call, "bpf")  ? SYS_bpf :
				!strcmp(call, "poll") ? SYS_poll :
							SYS_perf_event_open;
	struct sock_filter lines[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog filter = { .len = 4, .filter = lines };

	NEED(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
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
	/* Before 5.11 BPF maps count against it. */
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	NEED(setrlimit(RLIMIT_MEMLOCK, &unlimited));
	NEED(prctl(PR_SET_KEEPCAPS, 1));
	NEED(setgid(65534));
	NEED(setuid(65534));
	NEED(syscall(SYS_capset, &header, data));
	NEED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_BPF, 0, 0));
	NEED(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_PERFMON, 0, 0));
	execvp(command[0], command);
	fail("%s", command[0]);
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "one"))
		one(argv[2], argv[3]);
	else if (argc == 3 && !strcmp(argv[1], "blocked"))
		blocked(atoi(argv[2]));
	else if (argc == 5 && !strcmp(argv[1], "burst"))
		burst(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	else if (argc == 3 && !strcmp(argv[1], "gap"))
		gap(atoi(argv[2]));
	else if (argc == 2 && !strcmp(argv[1], "quiet"))
		quiet();
	else if (argc == 3 && !strcmp(argv[1], "cost"))
		cost(atoi(argv[2]) / 64 * 64);
	else if (argc == 4 && !strcmp(argv[1], "prompt"))
		prompt(atoi(argv[2]), argv[3]);
	else if (argc > 3 && !strcmp(argv[1], "deny"))
		deny(argv[2], argv + 3);
	else if (argc > 2 && !strcmp(argv[1], "caps"))
		caps(argv + 2);
	else if (argc > 3 && !strcmp(argv[1], "armed"))
		armed(atoi(argv[2]), argv + 3);
	else {
		fputs("lab: see the top of tests/lab.c\n", stderr);
		return 2;
	}
	return 0;
}
