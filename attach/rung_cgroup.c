// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rung_cgroup.c - cgroup: hooks of cgroup v2, which need no kprobes, no perf
 * and no kernel memory to be read
 *
 * A connection is noted when it is established. accept(2) that is given an
 * address asks the new socket for it (do_accept() in net/socket.c), which runs
 * the hook of getpeername(2) in the task that accepts; else the first
 * getpeername(2) does, or the end of the socket shows who had it.
 */
#include <linux/capability.h>
#include <linux/membarrier.h>

#include "bpf_newer.h"
#include "base/fs.h"
#include "base/rights.h"
#include "base/text.h"
#include "attach/map.h"
#include "attach/rung.h"
#include "attach/selftest.h"
#include "attach/tracer.h"

/* Bytes of data in the ring buffer by default. */
#define RINGBUF_SIZE (1 << 20)

/* What needs the kernel's memory to be read: filters, and columns. */
#define FILTERS_LACKING (ACCEPT_FILTER_NETNS | ACCEPT_FILTER_MNTNS_MAP)
#define FIELDS_LACKING \
	(ACCEPT_FIELD_NETNS | ACCEPT_FIELD_PCOMM | ACCEPT_FIELDS_LISTENER)

static int cgroup_possible(const struct tracer *tracer, const struct rung *rung,
			   struct reason *reason)
{
	(void)rung;
	if (tracer->request.wanted & FILTERS_LACKING)
		return reason_set(reason, STEP_OTHER, 0,
				  "it cannot see namespaces (--netns, "
				  "--mntnsmap)");
	return 0;
}

static int open_ring_and_notes(struct tracer *tracer, struct reason *reason)
{
	const uint32_t pages = tracer->request.ring_pages;
	struct cgroup_hooks *cgroup = &tracer->probe.cgroup;

	cgroup->size = pages ? pages * getpagesize() : RINGBUF_SIZE;
	cgroup->ringbuf = map_create("accept_ringbuf", BPF_MAP_TYPE_RINGBUF, 0,
				     0, cgroup->size, 0, reason);
	if (cgroup->ringbuf == -EINVAL)
		return reason_kernel(
			reason, "it needs a BPF ring buffer:", "Linux 5.8");
	if (cgroup->ringbuf < 0)
		return cgroup->ringbuf;
	cgroup->notes =
		raw_storage_create("accept_notes", sizeof(struct accept_note));
	return cgroup->notes < 0 ? reason_set(reason, STEP_MAP, cgroup->notes,
					      "cannot create a BPF map") :
				   0;
}

/* Load each program, and attach it to the cgroup. */
static int attach_all(struct tracer *tracer, const struct rung *rung,
		      int directory, struct reason *reason)
{
	static const struct {
		enum program program;
		enum bpf_prog_type type;
		enum bpf_attach_type hook;
	} all[] = {
		{ PROGRAM_NOTED, BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS },
		{ PROGRAM_FULL, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		  BPF_CGROUP_INET4_GETPEERNAME },
		{ PROGRAM_FULL, BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
		  BPF_CGROUP_INET6_GETPEERNAME },
		{ PROGRAM_FULL, BPF_PROG_TYPE_CGROUP_SOCK,
		  BPF_CGROUP_INET_SOCK_RELEASE },
	};
	int *links = tracer->probe.cgroup.links;

	/* The last first: what is noted meanwhile would seem not accepted. */
	for (int i = countof(all) - 1; i >= 0; i--) {
		const int program = rung_load(tracer, rung, all[i].program,
					      all[i].type, all[i].hook, reason);

		if (program == -EINVAL &&
		    tracer->granted & ACCEPT_FILTER_CGROUP)
			return reason_kernel(reason,
					     "--cgroup by cgroup hooks needs a "
					     "later kernel:",
					     "bpf_current_task_under_cgroup()");
		if (program < 0)
			return program;
		links[i] = raw_link_create(program, directory, all[i].hook);
		/* The link holds it. */
		close(program);
		if (links[i] < 0)
			return reason_set(reason, STEP_CGROUP, links[i],
					  "cannot attach to the cgroup");
	}
	return 0;
}

static int open_and_prove(struct tracer *tracer, const struct rung *rung,
			  struct reason *reason)
{
	int directory, error;

	error = open_ring_and_notes(tracer, reason);
	if (error)
		return error;
	directory = fs_open(FS_CGROUP);
	if (directory < 0)
		return reason_set(reason, STEP_CGROUP, directory,
				  "cannot mount cgroup2");
	error = attach_all(tracer, rung, directory, reason);
	close(directory);
	return error ? error : selftest_cgroup(&tracer->probe, reason);
}

static int cgroup_open(struct tracer *tracer, const struct rung *rung,
		       struct reason *reason)
{
	const uint32_t granted = tracer->granted, size = tracer->event_size;
	int error;

	/* Whole events also for these columns: they say what is unknown. */
	tracer_grant(tracer, tracer->request.wanted);
	tracer->granted &= ~FIELDS_LACKING;
	error = open_and_prove(tracer, rung, reason);
	if (!error)
		return 0;
	tracer->granted = granted;
	tracer->event_size = size;
	if (error == -EPERM && !has_capability(CAP_NET_ADMIN))
		reason_set(reason, STEP_OTHER, 0,
			   "it needs CAP_BPF and CAP_NET_ADMIN");
	return error;
}

static struct unseen cgroup_stop(struct probe *probe)
{
	struct unseen none = { 0 };

	links_close(probe);
	/* Wait for programs that are at work: they run under RCU. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	return none;
}

const struct rung rung_cgroup = {
	.name = "cgroup",
	.description = "cgroup hooks",
	.limits = "connections from before the start, of MPTCP, and of the "
		  "kernel itself, and show an accept() that is given no "
		  "address only at getpeername(2) or close(2)",
	.possible = cgroup_possible,
	.open = cgroup_open,
	.stop = cgroup_stop,
	.kind = HOOK_CGROUP,
	.without_perf = true,
};
