// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fetch.c - what test connections look like in the kernel, without BPF
 */
#include "base/lines.h"
#include "base/text.h"
#include "attach/fetch.h"

/*
 * A probe fetches at most 128 words (MAX_TRACE_ARGS of kernel/trace/
 * trace_probe.h) and 2 KiB in all (PERF_MAX_TRACE_SIZE before 5.16).
 */
#define HALF (ACCEPT_CAPTURE / 2)
#define WORDS (HALF / sizeof(uint64_t))

/* A probe that fetches half of the sock, and its ring. */
struct half {
	struct hook hook;
	struct raw_ring ring;
	int tap;
	/* Where the sample has what is fetched. */
	struct sample_format format;
};

struct fetch {
	struct half halves[2];
	/* The task that accepts. */
	const pid_t *pid;
	int seen;
};

static void half_close(struct half *half)
{
	if (half->tap >= 0)
		close(half->tap);
	raw_ring_close(&half->ring);
	hook_close(&half->hook);
}

/* The first word is named, so that sample_line() finds it. */
static int half_open(struct half *half, const char *symbol, int number, int cpu,
		     struct reason *reason)
{
	const char *first = machine_first_argument();
	char arguments[TRACEFS_ARGUMENTS];
	size_t end = 0;
	int fd, error;

	for (unsigned int i = 0; i < WORDS; i++)
		end += text_format(arguments + end, sizeof(arguments) - end,
				   i ? " +%u(%s):u64" : " pair=+%u(%s):u64",
				   (unsigned int)(number * HALF + 8 * i),
				   first);
	error = hook_open_fetch(&half->hook, symbol, arguments, cpu, reason);
	if (error)
		return error;
	fd = tracefs_probe_format(half->hook.probe);
	if (fd >= 0)
		any_line_of(fd, sample_line, &half->format);
	error = raw_ring_open(&half->ring, cpu,
			      8 * HALF > getpagesize() ? 8 * HALF :
							 getpagesize());
	if (!error)
		half->tap = raw_tap_open(&half->ring, cpu, half->hook.probe->id,
					 NULL);
	if (!error && half->tap < 0)
		error = half->tap;
	if (error)
		return reason_set(reason, STEP_RING, error,
				  "cannot look at test connections");
	ioctl(half->tap, PERF_EVENT_IOC_ENABLE, 0);
	return 0;
}

/* Read what the task's last accept has put into the ring. */
static bool half_read(struct half *half, uint32_t pid, unsigned char *bytes)
{
	const uint32_t at = half->format.fields[FIELD_PAIR].at;
	unsigned long from = 0;
	uint32_t length = 0;
	struct raw_tap tap;
	uint64_t lost = 0;
	bool seen = false;

	raw_ring_snapshot(&half->ring);
	while (raw_ring_find(&half->ring, sizeof(tap), &from, &length, &lost) >
	       0) {
		raw_ring_copy(&half->ring, from, &tap, sizeof(tap));
		if (tap.pid != pid || length < at + HALF)
			continue;
		raw_ring_copy(&half->ring,
			      from + sizeof(tap) + sizeof(length) + at, bytes,
			      HALF);
		seen = true;
	}
	raw_ring_release(&half->ring);
	return seen;
}

/* Called in the task that accepted. */
static void fetch_accepted(void *argument, struct test_connection *sample)
{
	struct fetch *fetch = argument;
	const uint32_t pid = *fetch->pid;
	bool both = true;

	for (int i = 0; i < 2; i++)
		both &= half_read(&fetch->halves[i], pid,
				  sample->bytes + i * HALF);
	sample->captured = both;
	fetch->seen += both;
}

int fetch_socks(const struct probe *probe, const struct rung *rung,
		struct test_connection *samples, int count, int *made,
		struct reason *reason)
{
	struct fetch fetch = { 0 };
	struct loopback loopback = {
		.samples = samples,
		.count = count,
		.comm = "tcpaccept-test",
		.accepted = fetch_accepted,
		.argument = &fetch,
		.has_cpu = true,
		.cpu = probe->rings->first,
	};
	int error = 0;

	fetch.pid = &loopback.pid;
	for (int i = 0; i < 2; i++) {
		fetch.halves[i].hook.event = -1;
		fetch.halves[i].ring.fd = fetch.halves[i].ring.wakeup_fd = -1;
		fetch.halves[i].tap = -1;
	}
	for (int i = 0; i < 2 && !error; i++)
		error = half_open(&fetch.halves[i], rung->points[0], i,
				  probe->rings->first, reason);
	if (!error)
		*made = loopback_run(&loopback);
	for (int i = 0; i < 2; i++)
		half_close(&fetch.halves[i]);
	return error ? error : fetch.seen;
}
