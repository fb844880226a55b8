// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung_ftrace.c - ftrace: a kprobe of tracefs that fetches members of the new
 * sock by itself, where bpf(2) cannot be used
 *
 * It is where the rung graft has its kprobe, and for the same reason.
 */
#include "base/lines.h"
#include "base/text.h"
#include "attach/clock.h"
#include "attach/rung.h"
#include "attach/selftest.h"
#include "attach/tracefs.h"
#include "attach/tracer.h"

/* What needs BPF, or the task: filters, and columns. */
#define FTRACE_NO_FILTERS                                \
	(ACCEPT_FILTER_NETNS | ACCEPT_FILTER_MNTNS_MAP | \
	 ACCEPT_FILTER_CGROUP | ACCEPT_FILTER_CGROUP_MAP)
#define FTRACE_NO_FIELDS \
	(ACCEPT_FIELD_CGROUP | ACCEPT_FIELD_PCOMM | ACCEPT_FIELDS_QUEUE)

#define FTRACE_NETNS \
	(MEMBER_BIT(SKC_NET) | MEMBER_BIT(NET_NS) | MEMBER_BIT(NS_INUM))

static int ftrace_possible(const struct tracer *tracer, const struct rung *rung,
			   struct reason *reason)
{
	const uint32_t wanted = tracer->request.wanted;
	const uint32_t found = tracer->kernel.layout.found;

	(void)rung;
	if (wanted & FTRACE_NO_FILTERS)
		return reason_set(reason, STEP_OTHER, 0,
				  "it cannot see namespaces and cgroups "
				  "(--netns, --mntnsmap, --cgroup, "
				  "--container, --cgroupmap)");
	if (wanted & ACCEPT_FILTER_UIDS && !(found & MEMBER_BIT(SK_UID)))
		return reason_set(reason, STEP_BTF, 0,
				  "it needs BTF, to see users (-u)");
	return 0;
}

/* Those bits of request.wanted that it can grant. */
static uint32_t can_grant(const struct tracer *tracer)
{
	const uint32_t found = tracer->kernel.layout.found;
	uint32_t wanted = tracer->request.wanted & ~FTRACE_NO_FIELDS;

	if (~found & FTRACE_NETNS)
		wanted &= ~ACCEPT_FIELD_NETNS;
	if (!(found & MEMBER_BIT(SK_UID)))
		wanted &= ~ACCEPT_FIELD_UID;
	return wanted;
}

/* Place the probe, with $comm where the kernel knows it. */
static int open_fetching(struct tracer *tracer, const struct rung *rung,
			 struct reason *reason)
{
	char arguments[TRACEFS_ARGUMENTS];
	int error = 0;

	for (int with_comm = 1; with_comm >= 0; with_comm--) {
		sample_arguments(
			arguments, sizeof(arguments), &tracer->kernel.layout,
			machine_first_argument(), can_grant(tracer), with_comm);
		error = hook_open_fetch(&tracer->probe.hooks[0],
					rung->points[0], arguments,
					tracer->rings.first, reason);
		if (error != -EINVAL)
			break;
	}
	return error;
}

static int find_format(struct probe *probe, struct reason *reason)
{
	const int fd = tracefs_probe_format(probe->hooks[0].probe);

	memset(&probe->format, 0, sizeof(probe->format));
	if (fd < 0)
		return reason_set(reason, STEP_TRACEFS, fd,
				  "cannot read the format of the probe");
	any_line_of(fd, sample_line, &probe->format);
	return sample_is_whole(&probe->format) ?
		       0 :
		       reason_kernel(reason, "it cannot use the probe:",
				     "its format lacks a field");
}

static int ftrace_open(struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	struct probe *probe = &tracer->probe;
	int error = 0;

	if (tracer->kernel.layout.built_in)
		error = selftest_layout(probe, rung, reason);
	if (!error)
		error = open_fetching(tracer, rung, reason);
	if (!error)
		error = find_format(probe, reason);
	if (!error)
		error = rings_tap(&tracer->rings, probe->hooks[0].probe->id,
				  reason);
	if (!error)
		error = selftest_taps(probe, reason);
	if (error)
		return error;
	probe->first_hits = tracefs_probe_hits(probe->hooks[0].probe);
	rings_empty(&tracer->rings);
	if (tracer->lacks.error)
		clock_read();
	tracer->granted = can_grant(tracer);
	return 0;
}

/*
 * At most how many hits there were on CPUs that had no tap yet. It includes
 * accepts of AF_UNIX, so ask only where CPUs came online.
 */
static uint64_t count_untapped(const struct probe *probe)
{
	const uint64_t tapped = rings_hits(probe->rings) + probe->first_hits;
	const uint64_t hits = tracefs_probe_hits(probe->hooks[0].probe);

	return hits > tapped ? hits - tapped : 0;
}

static struct unseen ftrace_stop(struct probe *probe)
{
	uint64_t untapped = 0;
	struct unseen unseen;

	if (probe->hooks[0].probe && probe->rings->untapped)
		untapped = count_untapped(probe);
	/* First: a probe that a perf event holds cannot be removed. */
	rings_untap(probe->rings);
	unseen = hooks_stop(probe);
	unseen.untapped = untapped;
	return unseen;
}

const struct rung rung_ftrace = {
	.name = "ftrace",
	.description = "kprobe of tracefs on security_sock_graft",
	.limits = "accepts on a CPU within some milliseconds after it comes "
		  "online; about how many is reported at the end",
	.possible = ftrace_possible,
	.open = ftrace_open,
	.stop = ftrace_stop,
	.kind = HOOK_KPROBE,
	.points = { "security_sock_graft" },
	.sock = MACHINE_ARG1,
	.without_bpf = true,
};
