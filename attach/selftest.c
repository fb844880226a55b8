// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * selftest.c - whether the hooks of a rung fire, by accepts of our own
 *
 * Sections: TCP, AF_UNIX.
 */
#include <sys/socket.h>

#include "base/text.h"
#include "kernel/loopback.h"
#include "attach/map.h"
#include "attach/probe.h"
#include "attach/program.h"
#include "attach/selftest.h"

/* ------------------------------------------------------------------------
 * TCP
 */

/* What the kernel shows of accepts of our own. */
struct look {
	int captures;
	int seen;
};

/* In the task that accepted: the program has just copied the sock. */
static void look_accepted(void *argument, struct sample *sample)
{
	static const unsigned char none[ACCEPT_CAPTURE_PIECE];
	struct look *look = argument;

	for (uint32_t i = 0; i < ACCEPT_CAPTURE_PIECES; i++) {
		unsigned char *piece = sample->bytes + i * ACCEPT_CAPTURE_PIECE;

		if (raw_map_get(look->captures, i, piece))
			memset(piece, 0, ACCEPT_CAPTURE_PIECE);
		if (memcmp(piece, none, sizeof(none)))
			sample->captured = true;
		raw_map_set(look->captures, i, none);
	}
	look->seen += sample->captured;
}

/*
 * Let the program `capture` look at accepts of our own through this rung. The
 * hooks are open, and others afterwards: a perf event takes one program.
 * *made tells how many there were to see. Returns how many it saw, or -errno:
 * ENODATA if it saw none of them.
 */
static int rung_look(struct tracer *tracer, const struct rung *rung,
		     struct sample *samples, int count, int *made,
		     struct reason *reason)
{
	struct look look = { 0 };
	struct loopback loopback = {
		.samples = samples,
		.count = count,
		.accepted = look_accepted,
		.argument = &look,
	};
	struct symbols symbols;
	uint64_t words[2];
	int program, error;

	/* No other process's, nor that of a tcpaccept of another container. */
	text_format(loopback.comm, sizeof(loopback.comm), "tcp%04x%08x",
		    getpid() & 0xffff, (unsigned int)raw_now_ns());
	memcpy(words, loopback.comm, sizeof(words));
	look.captures = map_create("accept_captures", BPF_MAP_TYPE_ARRAY,
				   sizeof(uint32_t), ACCEPT_CAPTURE_PIECE,
				   ACCEPT_CAPTURE_PIECES, 0, reason);
	if (look.captures < 0)
		return look.captures;
	memset(&symbols, 0, sizeof(symbols));
	symbols_set(&symbols, SYM_CAPTURE_COMM_1, words[0]);
	symbols_set(&symbols, SYM_CAPTURE_COMM_2, words[1]);
	symbols_set_map(&symbols, SYM_CAPTURES, look.captures);
	program = program_load(rung_type(rung), PROGRAM_CAPTURE, &symbols,
			       rung->sock, NULL);
	if (program < 0)
		error = refuse(reason, STEP_LOAD, program,
			       "cannot load the BPF program");
	else
		error = hooks_attach(tracer, rung, program, reason);
	if (!error) {
		*made = loopback_run(&loopback);
		error = hooks_renew(tracer, rung, reason);
	}
	if (program >= 0)
		close(program);
	close(look.captures);
	if (!error && *made > 0 && !look.seen)
		error = refuse_dead(reason);
	return error ? error : look.seen;
}

/* Confirm the built-in layout, or correct it. */
int rung_confirm(struct tracer *tracer, const struct rung *rung,
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
	/* Filled in by hand: an initialiser is 16 KiB that clang copies. */
	struct sample samples[countof(kinds)] = { 0 };
	int made = 0, seen;
	const char *unsure;

	for (size_t i = 0; i < countof(kinds); i++) {
		samples[i].family = kinds[i].family;
		samples[i].mptcp = kinds[i].mptcp;
		samples[i].mptcp_listener = kinds[i].mptcp_listener;
	}
	seen = rung_look(tracer, rung, samples, countof(samples), &made,
			 reason);
	if (seen < 0)
		return seen;
	unsure = layout_confirm(&tracer->kernel.layout, samples,
				countof(samples));
	if (unsure && seen)
		return refuse_kernel(reason,
				     "without BTF, in this kernel's struct "
				     "sock cannot find",
				     unsure);
	if (unsure)
		say("note: without BTF, and without a connection of our own to "
		    "find out by (%s), addresses, ports and protocol are shown "
		    "as most kernels have them",
		    strerror(-made));
	return 0;
}

/* See that hooks of TCP alone fire; before the program takes them. */
int rung_fires(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason)
{
	struct sample samples[] = { { .family = AF_INET },
				    { .family = AF_INET } };
	int made = 0, seen;

	seen = rung_look(tracer, rung, samples, countof(samples), &made,
			 reason);
	return seen < 0 ? seen : 0;
}

/* ------------------------------------------------------------------------
 * AF_UNIX
 */

static uint64_t sum_others(const struct tracer *tracer)
{
	return rings_sum(&tracer->rings, offsetof(struct accept_state, others));
}

/*
 * Whether the program runs. The kernel attaches to what does not fire without
 * a word: kprobes that are switched off, ftrace that is. An AF_UNIX accept of
 * our own shows it in some 50 us, and to nobody else; not every hook meets it.
 */
static bool tracer_fires(const struct tracer *tracer)
{
	const uint64_t before = sum_others(tracer);

	/* More than one: the kernel leaves out a hit now and then. */
	for (int i = 0; i < 10; i++) {
		if (loopback_unix())
			return true;
		if (sum_others(tracer) != before)
			return true;
	}
	return false;
}

/* Hits may be left out for a while, where another task was preempted. */
#define WITNESSES 5
#define WITNESS_NS 10000000

void tracer_watch(struct tracer *tracer)
{
	if (tracer->rung->meets_unix)
		tracer->witness = loopback_unix_prepare(WITNESSES);
}

bool tracer_is_dead(const struct tracer *tracer)
{
	const struct timespec pause = { .tv_nsec = WITNESS_NS };
	const uint64_t before = sum_others(tracer);
	const uint64_t missed = raw_program_missed(tracer->program);
	bool any = false;

	/* Of the others only that can be told. */
	if (tracer->witness < 0)
		return tracer->rung->kind != HOOK_TRACEPOINT &&
		       !tracer->hooks[0].past_ftrace && hook_ftrace_is_off();
	while (!loopback_unix_take(tracer->witness)) {
		if (sum_others(tracer) != before)
			return false;
		any = true;
		nanosleep(&pause, NULL);
	}
	return any && raw_program_missed(tracer->program) == missed;
}

/*
 * See an attached rung fire. On arm64, Linux 7.2 in QEMU, 3 of 100 tracepoints
 * of system calls never do, until they are opened anew.
 */
static int rung_awake(struct tracer *tracer, const struct rung *rung,
		      struct reason *reason)
{
	int tries = rung->kind == HOOK_TRACEPOINT ? 5 : 1;
	int error = 0;

	while (!error && !tracer_fires(tracer)) {
		tries--;
		if (!tries && rung->kind == HOOK_KPROBE)
			return refuse_dead(reason);
		if (!tries)
			return refuse_kernel(reason, "it does not fire:",
					     "no accept of ours came through");
		hooks_close(tracer);
		error = hooks_open(tracer, rung, reason);
		if (!error)
			error = hooks_attach(tracer, rung, tracer->program,
					     reason);
	}
	return error;
}

static uint64_t sum_unknown(const struct tracer *tracer)
{
	return rings_sum(&tracer->rings,
			 offsetof(struct accept_state, others_unknown));
}

/* The same, and that the kernel can tell there what --cgroup asks. */
int rung_answers(struct tracer *tracer, const struct rung *rung,
		 struct reason *reason)
{
	const uint64_t before = sum_unknown(tracer);
	int error = rung_awake(tracer, rung, reason);

	if (error || sum_unknown(tracer) == before)
		return error;
	return refuse_kernel(reason,
			     "this kernel does not tell there whether a task "
			     "is of --cgroup's cgroup:",
			     "csk-return can, or a kernel from 4.19 on");
}
