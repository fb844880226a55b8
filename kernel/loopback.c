// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * loopback.c - make test connections and accept them, to see if that is traced
 */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/child.h"
#include "kernel/loopback.h"

#define PROTOCOL_MPTCP 262

/* As NR_CPUS of any kernel (arch/x86/Kconfig, 7.2). */
#define CPUS_MAX 8192

/* Loopback answers at once, or never if a firewall drops the packets. */
#define ANSWER_MS 500

/* Bring up the only interface that a new network namespace has. */
static void lo_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (!ioctl(fd, SIOCGIFFLAGS, &request)) {
		request.ifr_flags |= IFF_UP;
		ioctl(fd, SIOCSIFFLAGS, &request);
	}
	close(fd);
}

/* Bind to an address of 127.0.0.0/8 and a free port. Returns 0, or -errno. */
static int bind_to(int fd, int family, const uint8_t *address)
{
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} at = { 0 };

	at.any.sa_family = family;
	if (family == AF_INET) {
		memcpy(&at.in.sin_addr, address, 4);
		return bind(fd, &at.any, sizeof(at.in)) ? -errno : 0;
	}
	memset(at.in6.sin6_addr.s6_addr + 10, 0xff, 2);
	memcpy(at.in6.sin6_addr.s6_addr + 12, address, 4);
	return bind(fd, &at.any, sizeof(at.in6)) ? -errno : 0;
}

/* The local port, in host order. */
static uint16_t local_port(int fd)
{
	struct sockaddr_in6 at = { 0 };
	socklen_t length = sizeof(at);

	/* Both families have the port at the same place. */
	getsockname(fd, (struct sockaddr *)&at, &length);
	return ntohs(at.sin6_port);
}

/* Make a socket that is bound to `address`. Returns a descriptor, or -errno. */
static int open_bound(int family, bool mptcp, const uint8_t *address, int flags)
{
	int fd, error, off = 0;

	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags,
		    mptcp ? PROTOCOL_MPTCP : 0);
	if (fd < 0)
		return -errno;
	if (family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	error = bind_to(fd, family, address);
	if (!error)
		return fd;
	close(fd);
	return error;
}

/* Close it with a reset, so that neither end stays in TIME_WAIT. */
static void close_hard(int fd)
{
	const struct linger reset = { .l_onoff = 1 };

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(fd);
}

/* Connect client to listener. Returns the accepted socket, or -errno. */
static int connect_accept(int listener, int client,
			  struct test_connection *sample)
{
	struct pollfd polled = { .fd = listener, .events = POLLIN };
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct sockaddr_in6 from;
	socklen_t length = sizeof(from);
	int fd;

	if (listen(listener, 1))
		return -errno;
	sample->lport = local_port(listener);
	sample->rport = local_port(client);
	memcpy(&to.sin_addr, sample->laddr, 4);
	to.sin_port = htons(sample->lport);
	if (connect(client, (struct sockaddr *)&to, sizeof(to)) &&
	    errno != EINPROGRESS)
		return -errno;
	if (poll(&polled, 1, ANSWER_MS) <= 0)
		return -ETIMEDOUT;
	/* With an address, for the hooks of getpeername(2). */
	fd = accept(listener, (struct sockaddr *)&from, &length);
	return fd < 0 ? -errno : fd;
}

static int make_one(const struct loopback *loopback,
		    struct test_connection *sample, int number)
{
	const uint8_t raddr[] = { 127, 201, number + 1, 77 };
	const uint8_t laddr[] = { 127, 93, number + 1, 180 };
	int listener, client, fd;

	memcpy(sample->raddr, raddr, 4);
	memcpy(sample->laddr, laddr, 4);
	listener = open_bound(sample->family,
			      sample->mptcp || sample->mptcp_listener, laddr,
			      SOCK_NONBLOCK);
	if (listener < 0)
		return listener;
	client = open_bound(AF_INET, sample->mptcp, raddr, SOCK_NONBLOCK);
	fd = client;
	if (client >= 0)
		fd = connect_accept(listener, client, sample);
	if (fd >= 0)
		if (loopback->accepted)
			loopback->accepted(loopback->argument, sample);
	if (client >= 0 && fd >= 0)
		close_hard(fd);
	close_hard(client);
	close(listener);
	return fd < 0 ? fd : 0;
}

static void run_on(int cpu)
{
	cpu_set_t cpus[CPUS_MAX / CPU_SETSIZE];

	memset(cpus, 0, sizeof(cpus));
	CPU_SET_S(cpu, sizeof(cpus), cpus);
	sched_setaffinity(0, sizeof(cpus), cpus);
}

static int make_all(void *argument)
{
	struct loopback *loopback = argument;
	int error, first = 0, done = 0;

	if (loopback->has_cpu)
		run_on(loopback->cpu);
	prctl(PR_SET_NAME, loopback->comm);
	loopback->pid = getpid();
	for (int i = 0; i < loopback->count; i++) {
		error = make_one(loopback, &loopback->samples[i], i);
		if (!error)
			done++;
		else if (!first)
			first = error;
	}
	return done ? done : first;
}

static int make_all_alone(void *argument)
{
	lo_up();
	return make_all(argument);
}

int loopback_run(struct loopback *loopback)
{
	int done = run_in_child(CLONE_NEWNET, make_all_alone, loopback);

	/* Without CONFIG_NET_NS or the right, use the machine's loopback. */
	return done > 0 ? done : run_in_child(0, make_all, loopback);
}

int loopback_listen(void)
{
	static const uint8_t address[] = { 127, 93, 1, 180 };
	const int fd = open_bound(AF_INET, false, address, 0);

	if (fd < 0 || !listen(fd, 1))
		return fd;
	close(fd);
	return -EINVAL;
}

/* Connect, and close: the connection stays in the queue to be accepted. */
static int connect_unix(const struct sockaddr_un *name, socklen_t length)
{
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = 0;

	if (client < 0)
		return -errno;
	if (connect(client, (const struct sockaddr *)name, length))
		error = -errno;
	close(client);
	return error;
}

int loopback_unix_prepare(int count)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	socklen_t length = sizeof(name);
	int listener, error = 0;

	listener =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0)
		return -errno;
	/* The kernel chooses an abstract name, so that there is no file. */
	if (bind(listener, (struct sockaddr *)&name, sizeof(sa_family_t)) ||
	    getsockname(listener, (struct sockaddr *)&name, &length) ||
	    listen(listener, count))
		error = -errno;
	for (int i = 0; i < count && !error; i++)
		error = connect_unix(&name, length);
	/* From now on connect(2) is refused, but what waits can be accepted. */
	shutdown(listener, SHUT_RD);
	if (!error)
		return listener;
	close(listener);
	return error;
}

int loopback_unix_take(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int loopback_unix(void)
{
	int listener = loopback_unix_prepare(1), error;

	if (listener < 0)
		return listener;
	error = loopback_unix_take(listener);
	close(listener);
	return error;
}
