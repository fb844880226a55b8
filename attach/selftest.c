// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * selftest.c - whether a rung's hooks fire, seen by test connections
 *
 * Sections: patience, TCP, AF_UNIX.
 */
#include <sys/socket.h>

#include "base/text.h"
#include "kernel/loopback.h"
#include "attach/fetch.h"
#include "attach/map.h"
#include "attach/program.h"
#include "attach/selftest.h"

/* ------------------------------------------------------------------------
 * Patience
 *
 * A CPU skips all hits while a task that runs a BPF program, or has bpf(2) at
 * work on a map, is preempted on it (bpf_prog_active in kernel/trace/
 * bpf_trace.c): on a busy machine for as long as that task has to wait.
 */

/* 4, 8, 16 ... 512 ms: 1 s in all. */
#define PATIENCE_TRIES 8
#define PATIENCE_NS 4000000

/*
 * Let other tasks run before the hooks are tried again. Returns false if that
 * was done often enough, or cannot help.
 */
static bool patience_left(const struct rung *rung, int *tries)
{
	const struct timespec pause = { .tv_nsec = PATIENCE_NS << *tries };

	if (*tries == PATIENCE_TRIES)
		return false;
	if (rung->kind != HOOK_TRACEPOINT && hint_switched_off())
		return false;
	nanosleep(&pause, NULL);
	++*tries;
	return true;
}

/* ------------------------------------------------------------------------
 * TCP
 */

/* Test connections, and what the program `capture` saw of them. */
struct capture {
	struct test_connection *samples;
	int count;
	/* How many were accepted; or -errno. */
	int made;
	/* The map that has a copy of the sock, in pieces. */
	int map;
	/* How many the program saw. */
	int seen;
};

/* Called in the task that accepted, after the program copied the sock. */
static void capture_taken(void *argument, struct test_connection *sample)
{
	static const unsigned char none[ACCEPT_CAPTURE_PIECE];
	struct capture *capture = argument;

	for (uint32_t i = 0; i < ACCEPT_CAPTURE_PIECES; i++) {
		unsigned char *piece = sample->bytes + i * ACCEPT_CAPTURE_PIECE;

		if (raw_map_get(capture->map, i, piece))
			memset(piece, 0, ACCEPT_CAPTURE_PIECE);
		if (memcmp(piece, none, sizeof(none)))
			sample->captured = true;
		raw_map_set(capture->map, i, none);
	}
	capture->seen += sample->captured;
}

/* Load the program `capture`: a descriptor, or -errno with the reason. */
static int load_capture(const struct rung *rung, const char *comm, int map,
			struct reason *reason)
{
	struct symbols symbols = { 0 };
	uint64_t words[2];
	int program;

	memcpy(words, comm, sizeof(words));
	symbols_set(&symbols, SYM_CAPTURE_COMM_1, words[0]);
	symbols_set(&symbols, SYM_CAPTURE_COMM_2, words[1]);
	symbols_set_map(&symbols, SYM_CAPTURES, map);
	program = program_load(rung_type(rung), PROGRAM_CAPTURE, &symbols,
			       rung->sock, NULL);
	return program < 0 ? reason_set(reason, STEP_LOAD, program,
					"cannot load the BPF program") :
			     program;
}

/*
 * Let the program `capture` look at test accepts through the rung's open hooks,
 * and renew these, as a perf event keeps its first program. Returns 0, or
 * -errno with the reason: -ENODATA if it saw none of the accepts.
 */
static int rung_capture(struct probe *probe, const struct rung *rung,
			struct capture *capture, struct reason *reason)
{
	struct loopback loopback = {
		.samples = capture->samples,
		.count = capture->count,
		.accepted = capture_taken,
		.argument = capture,
	};
	int program, error, tries = 0;

	/* Unique, also among the tcpaccepts of other containers. */
	text_format(loopback.comm, sizeof(loopback.comm), "tcp%04x%08x",
		    getpid() & 0xffff, (unsigned int)raw_now_ns());
	capture->map = map_create("accept_captures", BPF_MAP_TYPE_ARRAY,
				  sizeof(uint32_t), ACCEPT_CAPTURE_PIECE,
				  ACCEPT_CAPTURE_PIECES, 0, reason);
	if (capture->map < 0)
		return capture->map;
	program = load_capture(rung, loopback.comm, capture->map, reason);
	if (program < 0) {
		close(capture->map);
		return program;
	}
	error = hooks_attach(probe, rung, program, reason);
	if (!error) {
		do
			capture->made = loopback_run(&loopback);
		while (capture->made > 0 && !capture->seen &&
		       patience_left(rung, &tries));
		error = hooks_renew(probe, rung, reason);
	}
	close(program);
	close(capture->map);
	if (error)
		return error;
	return capture->made > 0 && !capture->seen ? reason_silent(reason) : 0;
}

/* The same for a rung without BPF, whose hooks need not be open. */
static int rung_fetch(struct probe *probe, const struct rung *rung,
		      struct capture *capture, struct reason *reason)
{
	const int seen = fetch_socks(probe, rung, capture->samples,
				     capture->count, &capture->made, reason);

	if (seen < 0)
		return seen;
	capture->seen = seen;
	return capture->made > 0 && !seen ? reason_silent(reason) : 0;
}

int selftest_layout(struct probe *probe, const struct rung *rung,
		    struct reason *reason)
{
	static const struct {
		uint16_t family;
		bool mptcp, mptcp_listener;
	} kinds[] = {
		{ AF_INET, false, false },  { AF_INET, false, false },
		{ AF_INET6, false, false }, { AF_INET6, false, false },
		{ AF_INET, true, false },   { AF_INET6, true, false },
		{ AF_INET, false, true },   { AF_INET6, false, true },
	};
	/* Not by an initialiser, which clang would store as 16 KiB. */
	struct test_connection samples[countof(kinds)] = { 0 };
	struct capture capture = {
		.samples = samples,
		.count = countof(samples),
	};
	const char *unsure;
	int error;

	for (size_t i = 0; i < countof(kinds); i++) {
		samples[i].family = kinds[i].family;
		samples[i].mptcp = kinds[i].mptcp;
		samples[i].mptcp_listener = kinds[i].mptcp_listener;
	}
	error = rung->without_bpf ? rung_fetch(probe, rung, &capture, reason) :
				    rung_capture(probe, rung, &capture, reason);
	if (error)
		return error;
	unsure = layout_confirm(&probe->kernel->layout, samples,
				countof(samples));
	if (unsure && capture.seen)
		return reason_kernel(reason,
				     "without BTF, in this kernel's struct "
				     "sock cannot find",
				     unsure);
	if (unsure)
		say("note: without BTF, and as no test connection could be "
		    "made (%s), addresses, ports and protocol are shown as "
		    "most kernels have them",
		    strerror(-capture.made));
	return 0;
}

/*
 * Whether the hook's perf event, which has no program yet, counts test accepts
 * on its CPU. So the hook need not be opened again, which waits for RCU.
 */
static bool tcp_is_counted(const struct probe *probe,
			   struct test_connection *samples, int count)
{
	struct loopback loopback = {
		.samples = samples,
		.count = count,
		.comm = "tcpaccept",
		.has_cpu = true,
		.cpu = probe->rings->first,
	};
	const int event = probe->hooks[0].event;
	const uint64_t before = raw_event_count(event);

	/* More than are made: others accept there as well. */
	return loopback_run(&loopback) == count &&
	       raw_event_count(event) - before >= (uint64_t)count;
}

int selftest_tcp(struct probe *probe, const struct rung *rung,
		 struct reason *reason)
{
	struct test_connection samples[] = { { .family = AF_INET },
					     { .family = AF_INET } };
	struct capture capture = {
		.samples = samples,
		.count = countof(samples),
	};
	int error;

	probe->proven = tcp_is_counted(probe, samples, countof(samples));
	if (probe->proven)
		return 0;
	error = rung_capture(probe, rung, &capture, reason);
	probe->proven = capture.seen;
	return error;
}

/* Make a test connection of each family. Returns how many, or -errno. */
static int connect_each(void)
{
	struct test_connection samples[] = { { .family = AF_INET },
					     { .family = AF_INET6 } };
	struct loopback loopback = {
		.samples = samples,
		.count = countof(samples),
		.comm = "tcpaccept-test",
	};

	return loopback_run(&loopback);
}

int selftest_taps(struct probe *probe, struct reason *reason)
{
	const uint64_t before = rings_hits(probe->rings);
	const int made = connect_each();

	return made > 0 && rings_hits(probe->rings) - before < (uint64_t)made ?
		       reason_silent(reason) :
		       0;
}

int selftest_cgroup(struct probe *probe, struct reason *reason)
{
	const size_t own = offsetof(struct accept_state, own);
	const uint64_t before = rings_sum(probe->rings, own);
	int made;

	rings_mark_proving(probe->rings, true);
	made = connect_each();
	rings_mark_proving(probe->rings, false);
	if (made > 0 && rings_sum(probe->rings, own) < before + made)
		return reason_kernel(reason, "its hooks are not hit:",
				     "no test accept came through");
	return 0;
}

/* ------------------------------------------------------------------------
 * AF_UNIX
 */

static uint64_t sum_others(const struct probe *probe)
{
	return rings_sum(probe->rings, offsetof(struct accept_state, others));
}

/*
 * Whether the program runs. The kernel reports no error if kprobes or ftrace
 * are switched off. An AF_UNIX test accept, for hooks that meet it, shows it in
 * some 50 us and is not seen by others.
 */
static bool unix_fires(const struct probe *probe)
{
	const uint64_t before = sum_others(probe);

	/* Most skips are over at once. */
	for (int i = 0; i < 10; i++) {
		if (loopback_unix())
			return true;
		if (sum_others(probe) != before)
			return true;
	}
	return false;
}

/* Hits may be skipped for a while, if another task was preempted. */
#define WITNESSES 5
#define WITNESS_NS 10000000

void selftest_watch(struct probe *probe)
{
	if (probe->rung->sees_unix_accepts)
		probe->witness = loopback_unix_prepare(WITNESSES);
}

bool selftest_is_dead(const struct probe *probe)
{
	const struct timespec pause = { .tv_nsec = WITNESS_NS };
	const uint64_t before = sum_others(probe);
	const uint64_t missed = raw_program_missed(probe->program);
	bool any = false;

	/* For hooks that do not meet AF_UNIX, only ftrace can be checked. */
	if (probe->witness < 0)
		return probe->hooks[0].event >= 0 &&
		       probe->rung->kind != HOOK_TRACEPOINT &&
		       !probe->hooks[0].past_ftrace && hook_ftrace_is_off();
	while (!loopback_unix_take(probe->witness)) {
		if (sum_others(probe) != before)
			return false;
		any = true;
		nanosleep(&pause, NULL);
	}
	return any && raw_program_missed(probe->program) == missed;
}

/*
 * See an attached rung fire. On arm64 with Linux 7.2 in QEMU, 3 of 100 system
 * call tracepoints do so only after they are opened again.
 */
static int selftest_retry(struct probe *probe, const struct rung *rung,
			  struct reason *reason)
{
	int tries = 0, error = 0;

	while (!error && !unix_fires(probe)) {
		if (!patience_left(rung, &tries))
			return rung->kind == HOOK_KPROBE ?
				       reason_silent(reason) :
				       reason_kernel(
					       reason, "its hook is never hit:",
					       "no test accept came through");
		if (rung->kind != HOOK_TRACEPOINT)
			continue;
		hooks_close(probe);
		error = hooks_open(probe, rung, reason);
		if (!error)
			error = hooks_attach(probe, rung, probe->program,
					     reason);
	}
	return error;
}

static uint64_t sum_unknown(const struct probe *probe)
{
	return rings_sum(probe->rings,
			 offsetof(struct accept_state, others_unknown));
}

int selftest_unix(struct probe *probe, const struct rung *rung,
		  struct reason *reason)
{
	const uint64_t before = sum_unknown(probe);
	int error = selftest_retry(probe, rung, reason);

	if (error || sum_unknown(probe) == before)
		return error;
	return reason_kernel(reason,
			     "this kernel cannot say there whether a task is "
			     "in --cgroup's cgroup:",
			     "csk-return can, or Linux 4.19 and later");
}
