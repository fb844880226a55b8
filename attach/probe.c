// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.c - the kernel's half of a tracer: rings, maps, program, hook
 *
 * Sections: rungs, setup, program, ladder, tracer.
 */
#include <sys/socket.h>

#include "attach/clock.h"
#include "base/fs.h"
#include "kernel/loopback.h"
#include "attach/map.h"
#include "base/message.h"
#include "attach/probe.h"
#include "attach/program.h"
#include "kernel/tasks.h"
#include "base/text.h"

/* Threads that may be in a socketcall(2), or in inet_csk_accept(), at a time.
 */
#define CALLS_MOST 8192

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* ------------------------------------------------------------------------
 * Rungs
 */

const struct rung rungs[RUNG_COUNT] = {
	{
		.name = "graft",
		.description = "kprobe security_sock_graft",
		.kind = HOOK_KPROBE,
		.sock = RAW_ARG1,
		.meets_unix = true,
		.points = { "security_sock_graft" },
	},
	{
		.name = "inet-accept",
		.description = "kprobe __inet_accept",
		.kind = HOOK_KPROBE,
		.sock = RAW_ARG3,
		.points = { "__inet_accept" },
	},
	{
		.name = "csk-return",
		.description = "kretprobe inet_csk_accept",
		.kind = HOOK_KRETPROBE,
		.sock = RAW_RETVAL,
		.points = { "inet_csk_accept" },
	},
	{
		.name = "syscall",
		.description = "tracepoints sys_exit_accept, sys_exit_accept4",
		.kind = HOOK_TRACEPOINT,
		.points = { "syscalls/sys_exit_accept4",
			    "syscalls/sys_exit_accept",
			    "syscalls/sys_exit_socketcall" },
		.meets_unix = true,
		.limits = "accepts by io_uring, by the kernel itself, and by "
			  "32-bit programs on a 64-bit kernel",
	},
};

/* What a kernel may not be able to show. */
static const struct extra {
	/* Columns that are `-` without, and filters that cannot do without. */
	uint32_t show;
	uint32_t ask;
	/* As the user calls them. */
	const char *what;
	/* The members of BTF that it needs. */
	uint32_t members;
} extras[] = {
	{ ACCEPT_SHOW_NETNS, ACCEPT_ASK_NETNS, "network namespaces (NETNS)",
	  MEMBER_BIT(SKC_NET) | MEMBER_BIT(NET_NS) | MEMBER_BIT(NS_INUM) },
	{ 0, ACCEPT_ASK_MNTNS_MAP, "mount namespaces",
	  MEMBER_BIT(TASK_NSPROXY) | MEMBER_BIT(NSPROXY_MNT_NS) |
		  MEMBER_BIT(MNT_NS_NS) | MEMBER_BIT(NS_INUM) },
	{ ACCEPT_SHOW_PCOMM, 0, "names of processes (PCOMM)",
	  MEMBER_BIT(TASK_GROUP_LEADER) | MEMBER_BIT(TASK_COMM) },
	{ ACCEPT_SHOW_BACKLOG, 0, "lengths of accept queues (BL)",
	  MEMBER_BIT(SK_ACK_BACKLOG) | MEMBER_BIT(SK_MAX_ACK_BACKLOG) },
};
static const struct extra extra_cgroup = {
	ACCEPT_SHOW_CGROUP,
	ACCEPT_ASK_CGROUP_MAP,
	"cgroups (CGROUP)",
	0,
};
static const struct extra extra_queue = {
	ACCEPT_SHOW_BACKLOG | ACCEPT_SHOW_WAIT,
	0,
	"accept queues (BL, WAIT)",
	0,
};

/*
 * Without what the kernel cannot show: 0, or, if a filter depends on it, -errno
 * with the reason.
 */
static int do_without(struct tracer *tracer, const struct extra *extra,
		      const struct reason *why, struct reason *reason)
{
	const struct request *request = &tracer->request;
	const uint32_t missing = tracer->asked & extra->show;

	if (tracer->asked & extra->ask)
		return refuse(reason, STEP_LOAD, 0, "cannot show %s: %s",
			      extra->what, why->text);
	tracer->asked &= ~extra->show;
	if (missing & request->named || (missing && request->verbose))
		say("note: cannot show %s: %s", extra->what, why->text);
	if (missing & ACCEPT_SHOW_PCOMM && tracer->asked & ACCEPT_ASK_COMM)
		say("note: -c looks at the names of threads only, not at those "
		    "of their processes: %s",
		    why->text);
	return 0;
}

/* tracer->asked: what of the request this kernel can do. */
static int extras_open(struct tracer *tracer, struct reason *reason)
{
	const uint32_t cgroup = extra_cgroup.show | extra_cgroup.ask;
	const uint32_t found = tracer->kernel.layout.found;
	struct reason why;
	int error = 0;

	tracer->event_size = ACCEPT_EVENT_BASE;
	if (!tracer->request.asked)
		return 0;
	tracer->event_size = sizeof(struct accept_event);
	tracer->asked = tracer->request.asked | ACCEPT_WHOLE;
	refuse(&why, STEP_BTF, 0, "that needs BTF");
	for (size_t i = 0; i < LENGTH(extras) && !error; i++)
		if (~found & extras[i].members)
			error = do_without(tracer, &extras[i], &why, reason);
	refuse(&why, STEP_LOAD, 0, "that needs Linux 4.18 and CONFIG_CGROUPS");
	if (!error && tracer->asked & cgroup &&
	    !program_may_call(BPF_FUNC_get_current_cgroup_id))
		error = do_without(tracer, &extra_cgroup, &why, reason);
	if (!error && tracer->asked & extra_queue.show &&
	    queue_open(&tracer->queue, &tracer->kernel, &tracer->rings,
		       tracer->request.verbose, &why))
		error = do_without(tracer, &extra_queue, &why, reason);
	return error;
}

int tracer_prepare(struct tracer *tracer, const struct request *request,
		   struct reason *reason)
{
	const struct kernel_wants wants = {
		.no_btf = request->no_btf,
		.all = request->asked || request->check,
		.verbose = request->verbose,
	};
	int error;

	memset(tracer, 0, sizeof(*tracer));
	tracer->request = *request;
	tracer->program = -1;
	queue_init(&tracer->queue);
	for (size_t i = 0; i < LENGTH(tracer->hooks); i++)
		tracer->hooks[i].event = -1;
	tracer->calling.event = tracer->calling_program = tracer->calls = -1;
	tracer->witness = -1;
	kernel_open(&tracer->kernel);
	error = rings_open(&tracer->rings, request->ring_pages, reason);
	if (!error)
		error = rings_create_maps(&tracer->rings, reason);
	if (!error)
		error = clock_find(reason);
	if (!error && !program_helpers_work())
		error = rings_create_cpu_map(&tracer->rings,
					     tracer->kernel.sysfs, reason);
	if (!error)
		error = filters_open(request->filters, &tracer->filter_maps,
				     reason);
	if (error)
		return error;
	hooks_prepare();
	error = kernel_find_layout(&tracer->kernel, &wants, reason);
	/* What begins at the task, which the helper would not tell. */
	if (!error && tracer->rings.cpu_map >= 0) {
		tracer->kernel.layout.no_files = "files";
		tracer->kernel.layout.found &= ~(MEMBER_BIT(TASK_NSPROXY) |
						 MEMBER_BIT(TASK_GROUP_LEADER));
	}
	return error ? error : extras_open(tracer, reason);
}

/* ------------------------------------------------------------------------
 * Program
 */

/* Something of the kernel's that is not as we can use it. */
static int refuse_kernel(struct reason *reason, const char *what,
			 const char *where)
{
	refuse(reason, STEP_FIRE, 0, "%s %s", what, where);
	reason->error = -EOPNOTSUPP;
	return reason->error;
}

/* A filter's map; where it is not asked, any will do. */
static void add_map(struct symbols *symbols, const struct tracer *tracer,
		    const char *name, int map)
{
	symbols_add_map(symbols, name, map >= 0 ? map : tracer->rings.states);
}

/* What only the program `more` knows. */
static void symbols_add_more(struct symbols *symbols,
			     const struct tracer *tracer,
			     const struct rung *rung)
{
	const struct filter_maps *maps = &tracer->filter_maps;
	const struct layout *layout = &tracer->kernel.layout;

	symbols_add(symbols, "ASKED", tracer->asked);
	symbols_add(symbols, "BY_SYSCALL", rung->kind == HOOK_TRACEPOINT);
	symbols_add(symbols, "SOCKETCALL", RAW_SOCKETCALL);
	symbols_add(symbols, "SK_BACKLOG_BITS", layout->backlog_bits);
	add_map(symbols, tracer, "chosen", maps->chosen);
	add_map(symbols, tracer, "networks", maps->networks);
	add_map(symbols, tracer, "cgroups", maps->cgroups);
	add_map(symbols, tracer, "cgroup_map", maps->cgroup_map);
	add_map(symbols, tracer, "mntns_map", maps->mntns_map);
	add_map(symbols, tracer, "queue", tracer->queue.connections);
	add_map(symbols, tracer, "acceptors", tracer->queue.acceptors);
}

static void symbols_make(struct symbols *symbols, const struct tracer *tracer,
			 const struct rung *rung, bool own_pids)
{
	static const char *const prots[PROT_MOST] = { "PROT_1", "PROT_2",
						      "PROT_3", "PROT_4",
						      "PROT_5", "PROT_6" };
	const struct layout *layout = &tracer->kernel.layout;

	memset(symbols, 0, sizeof(*symbols));
	symbols->pidns_helper = own_pids;
	symbols_add_layout(symbols, layout);
	rings_add_symbols(&tracer->rings, symbols);
	symbols_add(symbols, "SK_PROTOCOL_BITS", layout->protocol_bits);
	/* The first stands for those that are not there. */
	for (int i = 0; i < PROT_MOST; i++)
		symbols_add(symbols, prots[i],
			    layout->prots[i < layout->prot_count ? i : 0]);
	symbols_add(symbols, "FILTER_PID", tracer->request.pid);
	symbols_add(symbols, "PIDNS_DEVICE", tracer->kernel.pidns_device);
	symbols_add(symbols, "PIDNS_INODE",
		    own_pids ? tracer->kernel.pidns_inode : 0);
	symbols_add_map(symbols, "rings", tracer->rings.map);
	symbols_add_map(symbols, "states", tracer->rings.states);
	symbols_add_map(symbols, "spill", tracer->rings.spill);
	symbols_add(symbols, "BY_RETURN",
		    rung->kind == HOOK_KRETPROBE && tracer->calls >= 0);
	add_map(symbols, tracer, "calls", tracer->calls);
	symbols_add_more(symbols, tracer, rung);
}

static enum bpf_prog_type rung_type(const struct rung *rung)
{
	return rung->kind == HOOK_TRACEPOINT ? BPF_PROG_TYPE_TRACEPOINT :
					       BPF_PROG_TYPE_KPROBE;
}

/* tracer->program, or -errno with the reason. */
static int tracer_load(struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	bool more = tracer->asked || rung->kind == HOOK_TRACEPOINT;
	const char *section = more ? "more" : "kprobe";
	bool own_pids = tracer->kernel.pidns_inode;
	struct raw_log log = { 0 };
	struct symbols symbols;
	bool silent;

	symbols_make(&symbols, tracer, rung, own_pids);
	tracer->program = program_load(rung_type(rung), section, &symbols,
				       rung->sock, &log);
	if (tracer->program == -EINVAL && own_pids) {
		/* Before 5.7 there is no helper for it. */
		symbols_make(&symbols, tracer, rung, false);
		tracer->program = program_load(rung_type(rung), section,
					       &symbols, rung->sock, &log);
		own_pids = false;
	}
	tracer->host_pids = tracer->kernel.pidns_inode && !own_pids;
	if (tracer->program < 0 && log.text && tracer->request.verbose)
		say_log(log.text);
	silent = !log.text || !log.text[0];
	raw_log_free(&log);
	if (tracer->program == -EINVAL && silent)
		return refuse_kernel(reason, "this kernel has no BPF for",
				     rung->description);
	if (tracer->program < 0)
		return refuse(reason, STEP_LOAD, tracer->program,
			      "cannot load the BPF program");
	return 0;
}

/* ------------------------------------------------------------------------
 * Ladder: take the first rung that works, keep the reasons of the others
 */

static int hook_open(struct tracer *tracer, const struct rung *rung,
		     const char *point, struct hook *hook,
		     struct reason *reason)
{
	int cpu = tracer->rings.first;

	switch (rung->kind) {
	case HOOK_KPROBE:
		return hook_open_kprobe(hook, point, tracer->kernel.sysfs, cpu,
					reason);
	case HOOK_KRETPROBE:
		return hook_open_kretprobe(hook, point, tracer->kernel.sysfs,
					   cpu, reason);
	default:
		return hook_open_tracepoint(hook, point, cpu, reason);
	}
}

static void hooks_close(struct tracer *tracer)
{
	for (size_t i = 0; i < LENGTH(tracer->hooks); i++)
		hook_close(&tracer->hooks[i]);
}

/* Open the probes or tracepoints of a rung; they do nothing yet. */
static int hooks_open(struct tracer *tracer, const struct rung *rung,
		      struct reason *reason)
{
	struct reason first;
	int error;

	for (size_t i = 0; i < LENGTH(rung->points) && rung->points[i]; i++) {
		error = hook_open(tracer, rung, rung->points[i],
				  &tracer->hooks[i], &first);
		/* Not every machine has an accept(2) beside accept4(2). */
		if (error && (!i || error != -ENOENT)) {
			*reason = first;
			hooks_close(tracer);
			return error;
		}
	}
	return 0;
}

static int hooks_attach(struct tracer *tracer, const struct rung *rung,
			int program, struct reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < LENGTH(tracer->hooks) && !error; i++) {
		if (tracer->hooks[i].event < 0)
			continue;
		error = raw_event_attach(tracer->hooks[i].event, program);
		if (error)
			refuse(reason, STEP_ATTACH, error,
			       "cannot attach to %s", rung->points[i]);
	}
	if (error)
		hooks_close(tracer);
	return error;
}

/*
 * Other perf events in place of these, which have a program. They are there
 * before the old ones go: at no time is there no probe, and a kernel that
 * removes one slowly never meets another one at the place (hook.c).
 */
static int hooks_renew(struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	struct hook fresh;
	int error = 0;

	for (size_t i = 0; i < LENGTH(tracer->hooks) && !error; i++) {
		struct hook *hook = &tracer->hooks[i];

		if (hook->event < 0)
			continue;
		if (hook->name[0]) {
			error = hook_reopen(hook, tracer->rings.first, reason);
			continue;
		}
		error = hook_open(tracer, rung, rung->points[i], &fresh,
				  reason);
		if (!error) {
			hook_close(hook);
			*hook = fresh;
		}
	}
	if (error)
		hooks_close(tracer);
	return error;
}

static void calling_close(struct tracer *tracer)
{
	hook_close(&tracer->calling);
	if (tracer->calling_program >= 0)
		close(tracer->calling_program);
	if (tracer->calls >= 0)
		close(tracer->calls);
	tracer->calling_program = tracer->calls = -1;
}

/* At its exit a socketcall(2) does not tell what it was for. */
static int calling_open_socketcall(struct tracer *tracer, const char *point,
				   struct reason *reason)
{
	int error = hook_open_tracepoint(&tracer->calling, point,
					 tracer->rings.first, reason);

	if (error)
		return error;
	tracer->calls =
		map_create_forgetful("accept_calls", sizeof(uint32_t),
				     sizeof(uint32_t), CALLS_MOST, reason);
	return tracer->calls < 0 ? tracer->calls : 0;
}

/* That calls were begun shows what returns were not followed. */
static int calling_open_entry(struct tracer *tracer, const char *point,
			      struct reason *reason)
{
	const uint32_t nobody = ACCEPT_NOBODY, none = 0;
	int error =
		hook_open_kprobe(&tracer->calling, point, tracer->kernel.sysfs,
				 tracer->rings.first, reason);

	if (error)
		return error;
	/* One that forgets nothing. */
	tracer->calls =
		map_create("accept_calls", BPF_MAP_TYPE_HASH, sizeof(uint32_t),
			   sizeof(uint32_t), CALLS_MOST, 0, reason);
	if (tracer->calls < 0)
		return tracer->calls;
	error = raw_map_put(tracer->calls, &nobody, &none);
	return error ? refuse(reason, STEP_MAP, error,
			      "cannot set a slot of a BPF map") :
		       0;
}

/* As many calls the kernel follows to their return, at the least. */
static uint32_t instances(const struct tracer *tracer)
{
	uint32_t cpus = 0;

	if (tracer->hooks[0].many)
		return HOOK_MANY;
	for (int i = 0; i < tracer->rings.count; i++)
		cpus += tracer->rings.cpus[i].ring.fd >= 0;
	return cpus;
}

/* Note that calls begin, where their end does not tell enough. */
static int calling_open(struct tracer *tracer, const struct rung *rung,
			struct reason *reason)
{
	const bool returns = rung->kind == HOOK_KRETPROBE;
	const char *point =
		returns ? rung->points[0] : "syscalls/sys_enter_socketcall";
	struct symbols symbols = { 0 };
	int error;

	if (returns && hook_tells_missed(&tracer->hooks[0]))
		return 0;
	error = returns ? calling_open_entry(tracer, point, reason) :
			  calling_open_socketcall(tracer, point, reason);
	if (!returns && error == -ENOENT)
		return 0;
	if (error)
		return error;
	symbols_add_map(&symbols, "calls", tracer->calls);
	symbols_add_map(&symbols, "states", tracer->rings.states);
	symbols_add(&symbols, "INSTANCES", instances(tracer));
	rings_add_symbols(&tracer->rings, &symbols);
	tracer->calling_program =
		program_load(rung_type(rung), returns ? "entered" : "calling",
			     &symbols, 0, NULL);
	return tracer->calling_program < 0 ?
		       refuse(reason, STEP_LOAD, tracer->calling_program,
			      "cannot load a BPF program for %s", point) :
		       0;
}

static int calling_attach(const struct tracer *tracer, struct reason *reason)
{
	int error = 0;

	if (tracer->calling_program >= 0)
		error = raw_event_attach(tracer->calling.event,
					 tracer->calling_program);
	return error ? refuse(reason, STEP_ATTACH, error,
			      "cannot attach to where calls begin") :
		       0;
}

/* Of threads in a call those whose return may have been missed. */
static uint64_t count_doubtful(const struct tracer *tracer)
{
	uint32_t thread = UINT32_MAX, value;
	uint64_t count = 0;

	for (int i = 0; i < CALLS_MOST; i++) {
		if (raw_map_next(tracer->calls, &thread, &thread))
			break;
		count += thread != ACCEPT_NOBODY &&
			 !raw_map_get(tracer->calls, thread, &value) &&
			 value == ACCEPT_DOUBTFUL;
	}
	return count;
}

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
	symbols_add(&symbols, "CAPTURE_COMM_1", words[0]);
	symbols_add(&symbols, "CAPTURE_COMM_2", words[1]);
	symbols_add_map(&symbols, "captures", look.captures);
	program = program_load(rung_type(rung), "capture", &symbols, rung->sock,
			       NULL);
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
static int rung_confirm(struct tracer *tracer, const struct rung *rung,
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
	struct sample samples[LENGTH(kinds)] = { 0 };
	int made = 0, seen;
	const char *unsure;

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		samples[i].family = kinds[i].family;
		samples[i].mptcp = kinds[i].mptcp;
		samples[i].mptcp_listener = kinds[i].mptcp_listener;
	}
	seen = rung_look(tracer, rung, samples, LENGTH(samples), &made, reason);
	if (seen < 0)
		return seen;
	unsure = layout_confirm(&tracer->kernel.layout, samples,
				LENGTH(samples));
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
static int rung_answers(struct tracer *tracer, const struct rung *rung,
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

/* See that hooks of TCP alone fire; before the program takes them. */
static int rung_fires(struct tracer *tracer, const struct rung *rung,
		      struct reason *reason)
{
	struct sample samples[] = { { .family = AF_INET },
				    { .family = AF_INET } };
	int made = 0, seen;

	seen = rung_look(tracer, rung, samples, LENGTH(samples), &made, reason);
	return seen < 0 ? seen : 0;
}

/*
 * Why this kernel may panic of a BPF program there, or NULL. Whoever asks for
 * the rung by --probe gets it all the same.
 *
 * mips 6.1 ("Break instruction in kernel code") and ppc64le 7.2.12 ("Kernel
 * stack is corrupted") were seen to die in QEMU. Where ftrace does not place
 * probes at a function's start, these are optimized, and 4.19.15
 * to 4.19.36, 4.20 and 5.0.0 to 5.0.9 free what is in use if that is done again
 * soon (reuse_unused_kprobe(); hook.c, which waits, but the kprobe PMU has no
 * lock that others could heed).
 */
static const char *panics(const struct tracer *tracer, const struct rung *rung)
{
	const uint32_t version = raw_kernel_version();
	const char *why = NULL;

	if (rung->kind == HOOK_TRACEPOINT || tracer->request.only == rung)
		return NULL;
#if defined(__mips__)
	if (!rung->meets_unix)
		why = "Linux on mips was seen to panic of it";
#elif defined(__powerpc__)
	if (version >= raw_version_parse("7.2"))
		why = "Linux 7.2 on ppc64le was seen to panic of it";
#else
	char text[8];

	if ((version >= raw_version_parse("4.19.15") &&
	     version <= raw_version_parse("4.19.36")) ||
	    (version >= raw_version_parse("4.20") &&
	     version <= raw_version_parse("5.0.9"))) {
		fs_read(FS_PROC, "sys/debug/kprobes-optimization", text,
			sizeof(text));
		if (text[0] == '1' &&
		    fs_read(FS_PROC, "sys/kernel/ftrace_enabled", text,
			    sizeof(text)) < 0)
			why = "this kernel may panic of it (mended in 4.19.37 "
			      "and 5.0.10), but not with "
			      "/proc/sys/debug/kprobes-optimization at 0";
	}
#endif
	(void)version;
	return why;
}

/* On a busy machine a few instances may be taken by others all the time. */
static bool can_see(const struct tracer *tracer, const struct rung *rung)
{
	return rung->kind != HOOK_KRETPROBE || tracer->hooks[0].many;
}

/*
 * Whether an AF_UNIX accept is no proof for TCP. Each calls
 * security_sock_graft() for itself, and what links the kernel with LTO (clang)
 * may have put it into one and not the other; nor are the two one where AF_UNIX
 * is a module (before 6.4).
 */
static bool unix_is_apart(const struct tracer *tracer)
{
	char version[256], state[16];

	if (fs_read(FS_PROC, "version", version, sizeof(version)) > 0 &&
	    raw_find(version, "clang"))
		return true;
	return tracer->kernel.sysfs >= 0 &&
	       raw_file_read(tracer->kernel.sysfs, "module/unix/initstate",
			     state, sizeof(state)) > 0;
}

/* Whether a TCP accept of our own must show that it fires. */
static bool needs_tcp(const struct tracer *tracer, const struct rung *rung)
{
	if (rung->meets_unix)
		return rung->kind == HOOK_KPROBE && unix_is_apart(tracer);
	return can_see(tracer, rung);
}

void tracer_release(struct tracer *tracer)
{
	hooks_close(tracer);
	calling_close(tracer);
	if (tracer->program >= 0)
		close(tracer->program);
	tracer->program = -1;
	tracer->rung = NULL;
}

int tracer_try(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason)
{
	const char *why = panics(tracer, rung);
	int error;

	if (why)
		return refuse_kernel(reason, "not tried without --probe:", why);
	if (rung->kind == HOOK_TRACEPOINT && tracer->kernel.layout.no_files)
		return refuse(reason, STEP_BTF, 0, "%s",
			      tracer->rings.cpu_map >= 0 ?
				      "it needs the BPF JIT "
				      "(net.core.bpf_jit_enable), to find a "
				      "descriptor's socket" :
				      "it needs BTF, to find a descriptor's "
				      "socket");
	/* Cheap things first: to load a program takes most of the time. */
	error = hooks_open(tracer, rung, reason);
	if (error)
		return error;
	if (tracer->kernel.layout.built_in)
		error = rung_confirm(tracer, rung, reason);
	else if (needs_tcp(tracer, rung))
		error = rung_fires(tracer, rung, reason);
	/* Those that come from now on are followed. */
	if (!error && rung->kind == HOOK_KRETPROBE)
		tracer->waiting = tasks_in_accept(tracer->request.pid);
	if (!error && rung->kind != HOOK_KPROBE)
		error = calling_open(tracer, rung, reason);
	if (!error)
		error = tracer_load(tracer, rung, reason);
	if (!error)
		error = hooks_attach(tracer, rung, tracer->program, reason);
	if (!error)
		error = calling_attach(tracer, reason);
	if (!error && rung->meets_unix)
		error = rung_answers(tracer, rung, reason);
	if (!error) {
		tracer->rung = rung;
		return 0;
	}
	tracer_release(tracer);
	return error;
}

/* What the user should know of the rung that is in use. */
static void say_limits(const struct tracer *tracer)
{
	const struct rung *rung = tracer->rung;
	int waiting = tracer->host_pids ? -1 : tracer->waiting;

	if (tracer->request.verbose)
		say("tracing by %s (%s)", rung->description, rung->name);
	if (rung->limits)
		say("note: %s cannot see %s", rung->description, rung->limits);
	if (tracer->calls >= 0 && rung->kind == HOOK_TRACEPOINT)
		say("note: the next accept of threads that already wait in "
		    "socketcall(2) is missed");
	if (rung->kind != HOOK_KRETPROBE)
		return;
	if (waiting > 0)
		say("note: threads that already wait in accept(): %d; the next "
		    "accept of each is missed",
		    waiting);
	if (waiting < 0)
		say("note: the next accept of threads that already wait in "
		    "accept() is missed");
	if (!tracer->hooks[0].many)
		say("note: %s cannot follow many calls at a time: of more "
		    "threads in accept() than there are CPUs (with "
		    "CONFIG_PREEMPT: than ten), most accepts are missed; about "
		    "how many is told at the end",
		    rung->description);
}

/* One line: what is wanting. */
static _Noreturn void die_no_rung(const struct tracer *tracer,
				  const struct reason *reasons)
{
	const struct rung *only = tracer->request.only;
	const char *hint = "tcpaccept --check tells more";
	int i;

	if (only)
		die(0, NULL, "%s (%s): %s", only->name, only->description,
		    reasons[only - rungs].text);
	if (fs_is_locked_down())
		die(EPERM, hint_for(STEP_ATTACH, EPERM),
		    "cannot trace accepts");
	/* ENODEV: no kprobes; ENOENT: no such function or tracepoint. */
	for (i = 0; i < RUNG_COUNT && (reasons[i].error == -ENOENT ||
				       reasons[i].error == -ENODEV);
	     i++)
		;
	if (i < RUNG_COUNT)
		die(0, hint, "cannot trace accepts: %s", reasons[i].text);
	if (reasons[0].error != -ENODEV)
		die(0, hint, "cannot trace accepts: %s", reasons[0].text);
	if (tracer->kernel.layout.no_files)
		die(0, hint,
		    "cannot trace accepts: this kernel has no kprobes "
		    "(CONFIG_KPROBE_EVENTS), and to do without them takes BTF "
		    "(CONFIG_DEBUG_INFO_BTF%s)",
		    tracer->request.no_btf ? ", without --no-btf" : "");
	die(0, hint,
	    "cannot trace accepts: this kernel has neither kprobes "
	    "(CONFIG_KPROBE_EVENTS) nor syscall tracepoints "
	    "(CONFIG_FTRACE_SYSCALLS)");
}

static void ladder_climb(struct tracer *tracer)
{
	const struct rung *only = tracer->request.only;
	bool verbose = tracer->request.verbose, told = false, dead;
	struct reason reasons[RUNG_COUNT];

	for (int i = 0; i < RUNG_COUNT && !tracer->rung; i++) {
		if ((only && only != &rungs[i]) ||
		    !tracer_try(tracer, &rungs[i], &reasons[i]))
			continue;
		/* Something that the user switched off, and can switch on. */
		dead = reasons[i].error == -ENODATA && !only && !told;
		if (verbose || dead)
			say("%s (%s): %s", rungs[i].name, rungs[i].description,
			    reasons[i].text);
		told = told || dead;
	}
	if (!tracer->rung)
		die_no_rung(tracer, reasons);
	say_limits(tracer);
}

/* ------------------------------------------------------------------------
 * Tracer
 */

void tracer_open(struct tracer *tracer, const struct request *request)
{
	struct reason reason;

	if (tracer_prepare(tracer, request, &reason))
		die(0, NULL, "%s", reason.text);
	ladder_climb(tracer);
	if (tracer->kernel.sysfs >= 0)
		close(tracer->kernel.sysfs);
	if (tracer->host_pids)
		say("note: process IDs are the host's, not those of this PID "
		    "namespace, and so is that of -p; a kernel from 5.7 on "
		    "would tell");
	else if (tracer->kernel.pids_unknown)
		say("note: process IDs, and that of -p, are those of the "
		    "initial PID namespace, which may not be ours: there is no "
		    "/proc to tell");
	else if (tracer->kernel.pidns_inode)
		say("note: processes that are not in this PID namespace show "
		    "with PID 0");
}

struct losses tracer_stop(struct tracer *tracer)
{
	struct losses losses = { 0 };
	uint64_t missed = 0;

	/* First: a call that began after the returns went would seem missed. */
	hook_close(&tracer->calling);
	hooks_close(tracer);
	queue_close(&tracer->queue);
	losses.skipped = raw_program_missed(tracer->program);
	for (size_t i = 0; i < LENGTH(tracer->hooks); i++)
		missed += tracer->hooks[i].missed;
	/* An entry probe misses a hit within another probe's handler. */
	if (tracer->rung->kind != HOOK_KRETPROBE)
		losses.skipped += missed;
	else if (tracer->calls >= 0)
		losses.missed =
			rings_sum(&tracer->rings,
				  offsetof(struct accept_state, unfollowed)) +
			count_doubtful(tracer);
	if (tracer->rung->kind == HOOK_KRETPROBE && losses.missed < missed)
		losses.missed = missed;
	return losses;
}
