// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tcp.c - the TCP sockets of this network namespace, as proc(5) shows them
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/lines.h"
#include "base/text.h"
#include "kernel/tcp.h"

/* Read up to so many hexadecimal digits at *at, and move *at past them. */
static uint32_t hex(const char **at, int digits)
{
	uint32_t number = 0;

	for (; digits; digits--, ++*at)
		if (**at >= '0' && **at <= '9')
			number = number << 4 | (**at - '0');
		else if (**at >= 'A' && **at <= 'F')
			number = number << 4 | (**at - 'A' + 10);
		else
			break;
	return number;
}

/* The next word but n, from 0 on. */
static const char *word_after(const char *line, int n)
{
	for (line += strspn(line, " "); n--; line += strspn(line, " "))
		line += strcspn(line, " ");
	return line;
}

/*
 * "0100007F:0050": words in the machine's byte order, and a port in that of
 * people. Returns the family.
 */
static uint16_t endpoint(const char *at, uint8_t address[16], uint16_t *port)
{
	const size_t digits = strcspn(at, ":");
	const char *end = at + digits;
	uint32_t word;

	for (size_t done = 0; done < digits && done < 32; done += 8) {
		word = hex(&at, 8);
		memcpy(address + done / 2, &word, 4);
	}
	end += *end == ':';
	*port = hex(&end, 4);
	return digits > 8 ? AF_INET6 : AF_INET;
}

/* "0: 0100007F:0050 00000000:0000 0A 00000000:00000003 00:0 0 UID 0 INODE" */
bool tcp_line(struct tcp_socket *to, const char *line)
{
	const char *at = word_after(line, 0);
	uint16_t port;

	memset(to, 0, sizeof(*to));
	if (*at < '0' || *at > '9')
		return false;
	at = word_after(at, 1);
	to->tuple.family = endpoint(at, to->tuple.laddr, &to->tuple.lport);
	at = word_after(at, 1);
	endpoint(at, to->tuple.raddr, &port);
	to->tuple.rport_be = htons(port);
	at = word_after(at, 1);
	to->state = hex(&at, 2);
	at = word_after(at, 0);
	at += strcspn(at, ":");
	at += *at == ':';
	to->queue = hex(&at, 8);
	at = word_after(at, 2);
	to->uid = text_number(&at);
	at = word_after(at, 1);
	to->inode = text_number(&at);
	return to->state;
}

static bool call_for(void *argument, char *line)
{
	void (*const *call)(const struct tcp_socket *) = argument;
	struct tcp_socket socket;

	if (tcp_line(&socket, line))
		(*call)(&socket);
	return false;
}

static int read_sockets(int proc, const char *path,
			void (*call)(const struct tcp_socket *socket))
{
	const int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	errno = 0;
	any_line_of(fd, call_for, (void *)&call);
	return -errno;
}

int tcp_sockets(int proc, void (*call)(const struct tcp_socket *socket))
{
	int error = read_sockets(proc, "self/net/tcp", call);

	if (error)
		return error;
	error = read_sockets(proc, "self/net/tcp6", call);
	/* There may be no IPv6. */
	return error == -ENOENT ? 0 : error;
}
