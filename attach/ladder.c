// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ladder.c - the first rung that works, and what this kernel can grant of what
 * is wanted
 *
 * Sections: set-up, ladder, tracer.
 */
#include "base/fs.h"
#include "base/text.h"
#include "attach/clock.h"
#include "attach/ladder.h"
#include "attach/program.h"
#include "attach/rung.h"
#include "attach/tracefs.h"

/* ------------------------------------------------------------------------
 * Set-up: all that the rungs share
 */

/* Columns and filters that need something which a kernel may lack. */
static const struct extra {
	/* Without it, these columns are `-`. */
	uint32_t fields;
	/* Without it, these filters are refused. */
	uint32_t filters;
	/* The name in messages. */
	const char *what;
	/* The members that have to be found in BTF. */
	uint32_t members;
} extras[] = {
	{ ACCEPT_FIELD_NETNS, ACCEPT_FILTER_NETNS, "network namespaces (NETNS)",
	  MEMBER_BIT(SKC_NET) | MEMBER_BIT(NET_NS) | MEMBER_BIT(NS_INUM) },
	{ 0, ACCEPT_FILTER_MNTNS_MAP, "mount namespaces",
	  MEMBER_BIT(TASK_NSPROXY) | MEMBER_BIT(NSPROXY_MNT_NS) |
		  MEMBER_BIT(MNT_NS_NS) | MEMBER_BIT(NS_INUM) },
	{ ACCEPT_FIELD_PCOMM, 0, "names of processes (PCOMM)",
	  MEMBER_BIT(TASK_GROUP_LEADER) | MEMBER_BIT(TASK_COMM) },
	{ ACCEPT_FIELD_BACKLOG, 0, "lengths of accept queues (BL)",
	  MEMBER_BIT(SK_ACK_BACKLOG) | MEMBER_BIT(SK_MAX_ACK_BACKLOG) },
	{ ACCEPT_FIELD_DROPS, 0, "drops of listeners (DROPS)",
	  MEMBER_BIT(SK_DROPS) },
};
static const struct extra extra_cgroup = {
	ACCEPT_FIELD_CGROUP,
	ACCEPT_FILTER_CGROUP_MAP,
	"cgroups (CGROUP)",
	0,
};
static const struct extra extra_queue = {
	ACCEPT_FIELDS_QUEUE,
	0,
	"accept queues (BL, WAIT, DROPS)",
	0,
};

/*
 * Drop columns that this kernel cannot show, and note in tracer->refused if a
 * filter needs them. tell: report that, too.
 */
static void drop_extra(struct tracer *tracer, const struct extra *extra,
		       struct reason *why, bool tell)
{
	const struct request *request = &tracer->request;
	const uint32_t missing = tracer->granted & extra->fields;

	if (tracer->granted & extra->filters)
		reason_set(&tracer->refused, STEP_LOAD, 0, "cannot show %s: %s",
			   extra->what, reason_text(why));
	tracer->granted &= ~extra->fields;
	if (!tell)
		return;
	if (missing & request->named || (missing && request->verbose))
		say("note: cannot show %s: %s", extra->what, reason_text(why));
	if (missing & ACCEPT_FIELD_PCOMM &&
	    tracer->granted & ACCEPT_FILTER_COMM)
		say("note: -c looks at the names of threads only, not at those "
		    "of their processes: %s",
		    reason_text(why));
}

/*
 * Set tracer->granted, for rungs with kprobes and tracepoints: what the cgroup
 * rung can, it knows itself. tell: report what is missing.
 */
static void extras_find(struct tracer *tracer, bool tell)
{
	const uint32_t cgroup = extra_cgroup.fields | extra_cgroup.filters;
	const uint32_t found = tracer->kernel.layout.found;
	struct reason why;

	tracer_grant(tracer, tracer->request.wanted);
	reason_set(&why, STEP_BTF, 0, "that needs BTF");
	for (size_t i = 0; i < countof(extras); i++)
		if (~found & extras[i].members)
			drop_extra(tracer, &extras[i], &why, tell);
	if (tracer->granted & cgroup &&
	    !program_may_call(BPF_FUNC_get_current_cgroup_id)) {
		reason_set(&why, STEP_LOAD, 0,
			   "that needs Linux 4.18 and CONFIG_CGROUPS");
		drop_extra(tracer, &extra_cgroup, &why, tell);
	}
	if (tracer->no_queue.error)
		drop_extra(tracer, &extra_queue, &tracer->no_queue, tell);
}

static int open_queue(struct tracer *tracer, uint32_t fields)
{
	struct reason why = { .error = 0 };
	int error = 0;

	if (fields)
		error = queue_open(&tracer->queue, &tracer->kernel,
				   &tracer->rings, fields,
				   tracer->request.verbose, &why);
	/* It may be why kprobes do not work, where tracepoints do. */
	if (error)
		tracer->no_queue = why;
	return error;
}

/*
 * Trace by __inet_accept(), if that is proven to work: its first argument has
 * the listener, so that BL and DROPS need no other hook, and are right for
 * threads that have waited since before the start, too. Returns whether it
 * does.
 */
static bool trace_by_listener(struct tracer *tracer)
{
	const struct rung *only = tracer->request.only;
	struct reason reason;

	if (!(tracer->granted & ACCEPT_FIELDS_LISTENER) ||
	    !(tracer->kernel.layout.found & MEMBER_BIT(SOCKET_SK)) ||
	    (only && only != &rung_inet_accept))
		return false;
	tracer->by_listener = true;
	if (!open_queue(tracer, tracer->granted & ACCEPT_FIELD_WAIT) &&
	    !tracer_try(tracer, &rung_inet_accept, &reason) &&
	    tracer->probe.proven)
		return true;
	tracer->by_listener = false;
	probe_close(&tracer->probe);
	queue_close(&tracer->queue);
	tracer->no_queue.error = 0;
	return false;
}

/* The columns of the accept queue, if they are wanted, need hooks. */
static void extras_open(struct tracer *tracer)
{
	extras_find(tracer, false);
	if (!tracer->no_perf.error && !trace_by_listener(tracer) &&
	    open_queue(tracer, tracer->granted & extra_queue.fields))
		extras_find(tracer, false);
}

/*
 * Open what BPF programs need: the rings, their maps, the clock, filters. Notes
 * why there are none in tracer->lacks, and for the rings in tracer->no_perf.
 */
static void bpf_prepare(struct tracer *tracer)
{
	struct rings *rings = &tracer->rings;
	struct reason why;
	int error = rings_open(rings, tracer->request.ring_pages, &why);

	/* Not all rungs need rings. */
	if (error && error != -EMFILE && error != -ENFILE && error != -ENOMEM &&
	    error != -ENOENT) {
		tracer->no_perf = why;
		error = 0;
	}
	if (!error)
		error = rings_create_maps(rings, &why);
	if (!error)
		error = clock_find(&why);
	if (!error && !program_helpers_work())
		error = rings_create_cpu_map(rings, tracer->kernel.sysfs, &why);
	if (!error)
		error = filters_open(tracer->request.filters,
				     &tracer->filter_maps, &why);
	/* Whoever may do neither learns of the first. */
	if (error)
		tracer->lacks = tracer->no_perf.error ? tracer->no_perf : why;
}

/* For the rung poll, which needs nothing of all this. */
static void prepare_nothing(struct tracer *tracer)
{
	tracer->kernel.sysfs = -1;
	tracer->rings.first = tracer->rings.uevents = -1;
}

int tracer_prepare(struct tracer *tracer, const struct request *request,
		   struct reason *reason)
{
	const struct kernel_wants wants = {
		.no_btf = request->no_btf,
		.all = request->wanted || request->check,
		.verbose = request->verbose,
	};
	int error;

	memset(tracer, 0, sizeof(*tracer));
	tracer->request = *request;
	probe_init(&tracer->probe, &tracer->kernel, &tracer->rings);
	queue_init(&tracer->queue);
	if (request->only && request->only->only_named && !request->check) {
		prepare_nothing(tracer);
		return 0;
	}
	kernel_open(&tracer->kernel);
	bpf_prepare(tracer);
	tracefs_prepare();
	error = kernel_find(&tracer->kernel, &wants, reason);
	if (error || tracer->lacks.error)
		return error;
	/*
	 * bpf_get_current_task() fails as well: do without the members that
	 * are reached through the task.
	 */
	if (tracer->rings.cpu_map >= 0) {
		tracer->kernel.layout.no_files = "files";
		tracer->kernel.layout.found &= ~(MEMBER_BIT(TASK_NSPROXY) |
						 MEMBER_BIT(TASK_GROUP_LEADER));
	}
	extras_open(tracer);
	return 0;
}

/* ------------------------------------------------------------------------
 * Ladder: take the first rung that works; keep why the others do not
 */

/* Say which columns that -o names this rung cannot show on any kernel. */
static void say_columns(const struct tracer *tracer)
{
	const uint32_t missing = tracer->request.named & ~tracer->granted;
	const char *const by = tracer->probe.rung->description;
	const bool queue = missing & ACCEPT_FIELD_WAIT;

	for (size_t i = 0; i < countof(extras); i++)
		if (missing & extras[i].fields &&
		    !(queue && extras[i].fields & extra_queue.fields))
			say("note: %s cannot show %s", by, extras[i].what);
	if (missing & extra_cgroup.fields)
		say("note: %s cannot show %s", by, extra_cgroup.what);
	if (queue)
		say("note: %s cannot show %s", by, extra_queue.what);
	if (tracer->request.wanted & ACCEPT_FILTER_COMM &&
	    !tracer->probe.rung->only_named)
		say("note: -c looks at the names of threads only, not at those "
		    "of their processes");
}

/*
 * Say what the user should know about the rung that is in use, and close what
 * it does not need.
 */
static void say_limits(struct tracer *tracer)
{
	const struct rung *rung = tracer->probe.rung;
	char memory[64];

	if (tracer->request.verbose && tracer->rings.first >= 0)
		say("memory of perf rings: %s",
		    rings_memory(&tracer->rings, memory, sizeof(memory)));
	if (tracer->request.verbose)
		say("tracing by %s (%s)", rung->description, rung->name);
	if (rung->without_perf)
		rings_close(&tracer->rings);
	if (rung->without_perf || rung->without_bpf) {
		queue_close(&tracer->queue);
		say_columns(tracer);
	} else {
		extras_find(tracer, true);
	}
	/* With -v this was said before. */
	if (tracer->lacks.error && !tracer->request.verbose)
		say("note: cannot use BPF: %s", reason_text(&tracer->lacks));
	if (rung->limits)
		say("note: %s cannot see %s", rung->description, rung->limits);
	if (rung->say)
		rung->say(&tracer->probe);
}

/*
 * What to do where no rung of the ladder works, or "". What the user can give
 * more of is no reason for it.
 */
static const char *offer_poll(const struct tracer *tracer)
{
	char text[2];

	return is_short(tracer->lacks.error) ||
			       fs_read(FS_PROC, "self/net/tcp", text,
				       sizeof(text)) <= 0 ?
		       "" :
		       rung_poll_offer;
}

/* Die with one line, which says what is missing. */
static _Noreturn void die_no_rung(struct tracer *tracer, struct reason *reasons)
{
	const struct rung *only = tracer->request.only;
	const char *hint = "; tcpaccept --check shows more";
	const char *offer = offer_poll(tracer), *semicolon = *offer ? "; " : "";
	const char *missing = "this kernel has neither kprobes "
			      "(CONFIG_KPROBE_EVENTS) nor syscall tracepoints "
			      "(CONFIG_FTRACE_SYSCALLS)";
	struct reason *why;
	char no_btf[160];
	int i;

	text_format(no_btf, sizeof(no_btf),
		    "this kernel has no kprobes (CONFIG_KPROBE_EVENTS), and "
		    "tracing without them needs BTF (CONFIG_DEBUG_INFO_BTF%s)",
		    tracer->request.no_btf ? ", without --no-btf" : "");
	why = rung_lacks(tracer, only ? only : rungs[0]);
	for (i = 0; only && rungs[i] != only; i++)
		;
	if (only)
		die(0, NULL, "%s (%s): %s", only->name, only->description,
		    reason_text(why ? why : &reasons[i]));
	if (why)
		die(0, NULL, "%s%s%s", reason_text(why), semicolon, offer);
	if (fs_is_locked_down())
		die(0, NULL, "cannot trace accepts: %s; %s%s%s",
		    strerror(EPERM), hint_for(STEP_ATTACH, EPERM), semicolon,
		    offer);
	/* ENODEV: no kprobes; ENOENT: no such function or tracepoint. */
	for (i = 0; i < RUNG_LADDER && (reasons[i].error == -ENOENT ||
					reasons[i].error == -ENODEV);
	     i++)
		;
	if (i == RUNG_LADDER && reasons[0].error != -ENODEV)
		i = 0;
	if (i < RUNG_LADDER)
		missing = reason_text(&reasons[i]);
	else if (tracer->kernel.layout.no_files)
		missing = no_btf;
	die(0, NULL, "cannot trace accepts: %s%s%s%s", missing, hint, semicolon,
	    offer);
}

static void ladder_climb(struct tracer *tracer)
{
	const struct rung *only = tracer->request.only;
	bool verbose = tracer->request.verbose, said = false, dead;
	struct reason *lacks = rung_lacks(tracer, rungs[0]);
	struct reason reasons[RUNG_COUNT];

	if (lacks && verbose)
		say("%s", reason_text(lacks));
	for (int i = 0; i < RUNG_COUNT && !tracer->probe.rung; i++) {
		if ((only ? only != rungs[i] : rungs[i]->only_named) ||
		    rung_lacks(tracer, rungs[i]) ||
		    !tracer_try(tracer, rungs[i], &reasons[i]))
			continue;
		/* Something is switched off, which the user can switch on. */
		dead = reasons[i].error == -ENODATA && !only && !said &&
		       !tracer->lacks.error;
		if (verbose || dead)
			say("%s (%s): %s", rungs[i]->name,
			    rungs[i]->description, reason_text(&reasons[i]));
		said = said || dead;
	}
	if (!tracer->probe.rung)
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
		die(0, NULL, "%s", reason_text(&reason));
	ladder_climb(tracer);
	if (tracer->kernel.sysfs >= 0)
		close(tracer->kernel.sysfs);
	/* Its process IDs are those of /proc. */
	if (tracer->probe.rung->only_named)
		return;
	if (tracer->probe.host_pids)
		say("note: process IDs are the host's, not those of this PID "
		    "namespace, and so is that of -p; Linux 5.7 and later can "
		    "show the namespace's");
	else if (tracer->kernel.pids_unknown &&
		 !tracer->probe.rung->without_bpf)
		say("note: process IDs, and that of -p, are those of the "
		    "initial PID namespace, which may not be ours: there is no "
		    "/proc to find out");
	else if (tracer->kernel.pidns_inode)
		say("note: processes that are not in this PID namespace are "
		    "shown with PID 0");
}

struct unseen tracer_stop(struct tracer *tracer)
{
	struct unseen unseen = tracer->probe.rung->stop(&tracer->probe);

	queue_close(&tracer->queue);
	return unseen;
}
