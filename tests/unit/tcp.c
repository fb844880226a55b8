// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tcp.c - tcp_line() of kernel/tcp.c: lines as kernels have them, and cut ones
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "kernel/tcp.h"

/* A word of an address, as a machine of this byte order shows it. */
static uint32_t shown_as(uint32_t address)
{
	return htonl(address);
}

static void test_4(void)
{
	struct tcp_socket socket;
	char line[200], address[INET_ADDRSTRLEN];

	snprintf(line, sizeof(line),
		 "   7: %08X:1F90 %08X:C001 01 00000000:0000000A 02:000001A4 "
		 "00000000  1000        0 4294967295 2 0000000000000000 20 4 "
		 "30 10 -1",
		 shown_as(0x7f000001), shown_as(0xc0000207));
	ok(tcp_line(&socket, line) && socket.state == TCP_STATE_ESTABLISHED &&
		   socket.tuple.family == AF_INET &&
		   socket.tuple.lport == 8080 &&
		   socket.tuple.rport_be == htons(49153) &&
		   socket.queue == 10 && socket.uid == 1000 &&
		   socket.inode == 4294967295,
	   "a connection over IPv4");
	inet_ntop(AF_INET, socket.tuple.laddr, address, sizeof(address));
	ok(!strcmp(address, "127.0.0.1"), "its local address");
	inet_ntop(AF_INET, socket.tuple.raddr, address, sizeof(address));
	ok(!strcmp(address, "192.0.2.7"), "its client's");
	ok(!socket.tuple.raddr[4] && !socket.tuple.laddr[15] &&
		   !socket.tuple.unused,
	   "the rest is zeros");
	ok(tcp_line(
		   &socket,
		   "12345: 00000000:0016 00000000:0000 0A 00000000:00000003 "
		   "00:00000000 00000000     0        0 20 1 0 100 0 0 10 0") &&
		   socket.state == TCP_STATE_LISTEN && socket.queue == 3 &&
		   socket.inode == 20 && socket.tuple.lport == 22,
	   "a listener, of many sockets");
	ok(tcp_line(
		   &socket,
		   "  36: 0100007F:C6A3 0100007F:9C40 06 00000000:00000000 "
		   "03:00001530 00000000     0        0 0 3 0000000000000000") &&
		   socket.state == 6 && !socket.inode,
	   "TIME_WAIT, whose lines are shorter");
}

static void test_6(void)
{
	static const uint8_t client[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 9 };
	struct tcp_socket socket;
	char line[300];

	snprintf(line, sizeof(line),
		 "   0: 0000000000000000%08X%08X:01BB "
		 "%08X0000000000000000%08X:0400 08 00000000:00000000 "
		 "00:00000000 00000000    33        0 99 1",
		 shown_as(0xffff), shown_as(0xc0000201), shown_as(0x20010db8),
		 shown_as(9));
	ok(tcp_line(&socket, line) && socket.tuple.family == AF_INET6 &&
		   socket.state == TCP_STATE_CLOSE_WAIT &&
		   socket.tuple.lport == 443 && socket.uid == 33 &&
		   socket.inode == 99,
	   "a connection over IPv6");
	ok(!memcmp(socket.tuple.raddr, client, 16), "its client's address");
	ok(socket.tuple.laddr[10] == 0xff && socket.tuple.laddr[11] == 0xff &&
		   socket.tuple.laddr[12] == 192 && socket.tuple.laddr[15] == 1,
	   "one that is mapped");
}

static void test_others(void)
{
	static const char whole[] =
		"  36: 0100007F:C6A3 0100007F:9C40 01 00000000:00000001 "
		"03:00001530 00000000     7        0 8 3 0";
	struct tcp_socket socket;
	char *copy;

	ok(!tcp_line(&socket, "  sl  local_address rem_address   st tx_queue"),
	   "the header is none");
	ok(!tcp_line(&socket, "") && !tcp_line(&socket, "   ") &&
		   !tcp_line(&socket, "0:") && !tcp_line(&socket, "0: :: : x"),
	   "nor are these");
	/* On the heap, where the sanitizer sees its end. */
	for (size_t length = 0; length <= strlen(whole); length++) {
		copy = strndup(whole, length);
		tcp_line(&socket, copy);
		free(copy);
	}
	ok(socket.inode == 8 && socket.uid == 7, "one that is cut anywhere");
	ok(tcp_line(&socket,
		    "0: 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF:FFFFF "
		    "0:0 01") &&
		   socket.tuple.lport == 0xffff,
	   "an address that is too long is cut");
}

int main(void)
{
	test_4();
	test_6();
	test_others();
	return done();
}
