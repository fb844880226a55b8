// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bench-rows.c - N events from a perf ring to rows on stdout
 *
 *	bench-rows ours N	through the loop of tcpaccept.c
 *	bench-rows printf N	through printf(3) and inet_ntop(3), as a first
 *				version would
 *
 * To be run under callgrind with two Ns: the difference is the rows' alone.
 */
int tcpaccept_main(int argc, char **argv);
#define main tcpaccept_main
#include "../../tcpaccept.c"
#undef main

#include <arpa/inet.h>
#include <stdio.h>

static struct loop loop;

static void fill(struct raw_ring *ring, int count)
{
	struct {
		struct perf_event_header header;
		uint32_t size;
		unsigned char event[ACCEPT_EVENT_BASE];
		uint32_t padding;
	} __attribute__((packed)) record = {
		.header.type = PERF_RECORD_SAMPLE,
		.header.size = sizeof(record),
		.size = sizeof(record.event) + 4,
	};
	struct accept_event event = { .family = AF_INET, .comm = "sshd" };

	ring->size = 1 << 20;
	ring->page = calloc(1, sizeof(*ring->page));
	ring->data = malloc(ring->size);
	for (int i = 0; i < count; i++) {
		event.ktime_ns = 1000000ULL * i;
		event.pid = 900 + i % 100;
		event.lport = 22;
		memcpy(event.raddr, "\300\250\070\001", 4);
		memcpy(event.laddr, "\300\250\070\146", 4);
		memcpy(record.event, &event, sizeof(record.event));
		memcpy((char *)ring->data + i * sizeof(record), &record,
		       sizeof(record));
	}
	ring->page->data_head = count * sizeof(record);
}

static void print_plainly(struct raw_ring *ring)
{
	char raddr[INET6_ADDRSTRLEN], laddr[INET6_ADDRSTRLEN];
	struct accept_event event;
	uint64_t lost = 0;

	raw_ring_snapshot(ring);
	while (raw_ring_next(ring, &event, ACCEPT_EVENT_BASE, &lost) > 0)
		printf("%-9.3f%-6d %-12.12s %-2d %-16s %-16s %-4d\n",
		       event.ktime_ns / 1e9, event.pid, event.comm, 4,
		       inet_ntop(AF_INET, event.raddr, raddr, sizeof(raddr)),
		       inet_ntop(AF_INET, event.laddr, laddr, sizeof(laddr)),
		       event.lport);
	raw_ring_release(ring);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	static const struct view view = {
		.columns = { COLUMN_SECONDS, COLUMN_PID, COLUMN_COMM, COLUMN_IP,
			     COLUMN_RADDR, COLUMN_LADDR, COLUMN_LPORT },
		.count = 7,
	};
	struct raw_ring ring = { 0 };
	struct cpu cpu = { 0 };
	int count = argc == 3 ? atoi(argv[2]) : 0;

	if (count > 10000)
		return 2;
	fill(&ring, count);
	perf_source_open(&cpu, &ring, ACCEPT_EVENT_BASE);
	reader_add(&loop.reader, &cpu.source);
	loop.reader.stopped = true;
	output_open(&loop.output, &view, -1);
	if (argc == 3 && !strcmp(argv[1], "printf"))
		print_plainly(&ring);
	else
		loop_drain(&loop);
	return 0;
}
