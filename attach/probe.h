/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe.h - a rung, which is a way to see accepts; what it opens; and the steps
 * that rungs with hooks share
 */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf_raw.h"
#include "base/message.h"
#include "kernel/kernel.h"
#include "kernel/machine.h"
#include "attach/hook.h"
#include "attach/program.h"
#include "attach/rings.h"
#include "attach/sample.h"

struct tracer;
struct probe;
struct look;

/* What the programs did not see, as far as the kernel counts it. */
struct unseen {
	/* Hits that the kernel skipped; not all of them are accepts. */
	uint64_t skipped;
	/* Returns of calls that it did not follow. */
	uint64_t missed;
	/* Hits on CPUs that had come online just before; as `skipped`. */
	uint64_t untapped;
};

enum hook_kind { HOOK_KPROBE, HOOK_KRETPROBE, HOOK_TRACEPOINT, HOOK_CGROUP };

/* One way to see accepts. */
struct rung {
	const char *name;
	const char *description;
	/* The accepts that it cannot see, or NULL. */
	const char *limits;
	/*
	 * Find out, without opening a hook, whether this kernel allows a try.
	 * Returns 0, or -errno with the reason.
	 */
	int (*possible)(const struct tracer *tracer, const struct rung *rung,
			struct reason *reason);
	/*
	 * Start to trace by it, and see a test accept come through. Returns 0,
	 * or -errno with the reason; on failure the caller calls probe_close().
	 */
	int (*open)(struct tracer *tracer, const struct rung *rung,
		    struct reason *reason);
	/* Say what the user should know once it is in use; may be NULL. */
	void (*say)(const struct probe *probe);
	/*
	 * Close the hooks; for the process that holds them. A second call is
	 * harmless.
	 */
	struct unseen (*stop)(struct probe *probe);

	/* For rungs with hooks, the kind of these. */
	enum hook_kind kind;
	/* Kernel symbols, or tracepoints; only the first must exist. */
	const char *points[3];
	/* Kprobes: the register of struct pt_regs that has the new sock. */
	enum machine_reg sock;
	/* The hook meets accepts of AF_UNIX sockets, too. */
	bool sees_unix_accepts;
	/* It needs no bpf(2): the probe itself writes to the perf rings. */
	bool without_bpf;
	/* It needs no perf_event_open(2), and uses no perf rings. */
	bool without_perf;
	/* It is for who names it alone: nothing reports accepts to it. */
	bool only_named;
};

/*
 * A hook on the start of calls, for rungs whose hook on the end does not show
 * enough: of socketcall(2), and of inet_csk_accept() before 5.17.
 */
struct call_entry {
	struct hook hook;
	/* A descriptor, or -1 if no program is needed. */
	int program;
	/* The map of the threads that are within a call, or -1. */
	int threads;
};

/* What the rung cgroup has open. Descriptors, or -1. */
struct cgroup_hooks {
	/* The links of its programs, by which these are attached. */
	int links[4];
	/* Maps: what is kept with each socket; the ring buffer. */
	int notes;
	int ringbuf;
	/* Bytes of data in the ring buffer. */
	size_t size;
};

/* Another copy of the program, and what runs it: rung_syscall.c. */
struct twin {
	/* Descriptors, or -1: the copy; the map of accepts that it has seen. */
	int program;
	int seen;
	struct hook hooks[3];
	/* What rung_load() loads: ACCEPT_TWIN_FIRST or _SECOND; 0: the only. */
	int loads;
};

/* The most threads that these maps hold. */
#define ENTRY_THREADS 8192

struct probe {
	/* From probe_init(). */
	struct kernel *kernel;
	struct rings *rings;
	/* The rung that traces, or NULL. */
	const struct rung *rung;
	/* A descriptor, or -1. */
	int program;
	struct hook hooks[3];
	struct call_entry entry;
	struct twin twin;
	struct cgroup_hooks cgroup;
	/* For the rung poll: what it finds (sockets.h); or NULL. */
	struct look *look;
	/* For the rung ftrace: what its probe writes to the rings. */
	struct sample_format format;
	/* How many hits it had before. */
	uint64_t first_hits;
	/* Threads in accept() when csk-return was opened; or -errno. */
	int waiting;
	/* selftest_tcp() has seen a TCP accept come through. */
	bool proven;
	/* Process IDs in events are the host's, not our namespace's. */
	bool host_pids;
	/* The listener of selftest_watch() (selftest.h), or -1. */
	int witness;
};

/* Start with nothing open. kernel and rings must outlive the probe. */
void probe_init(struct probe *probe, struct kernel *kernel,
		struct rings *rings);
/* Close all that is open; the probe is then as after probe_init(). */
void probe_close(struct probe *probe);

/* The type of the programs that kprobes and tracepoints run. */
enum bpf_prog_type rung_type(const struct rung *rung);

/*
 * Open the kprobes or tracepoints of a rung, which run no program yet. This and
 * the next two return 0, or -errno with the reason; then all hooks are closed.
 */
int hooks_open(struct probe *probe, const struct rung *rung,
	       struct reason *reason);
/* Let the hooks run a program, given by its descriptor. */
int hooks_attach(struct probe *probe, const struct rung *rung, int program,
		 struct reason *reason);
/*
 * Open the perf events of the hooks again, so that another program can be
 * attached: a perf event keeps its first one.
 */
int hooks_renew(struct probe *probe, const struct rung *rung,
		struct reason *reason);
/* Close the hooks; those that are closed stay so. */
void hooks_close(struct probe *probe);

/* Detach the programs of the rung cgroup. */
void links_close(struct probe *probe);

/* A rung's `stop`: `skipped` has what the hooks missed, `missed` is 0. */
struct unseen hooks_stop(struct probe *probe);

/*
 * Load the program of probe->entry, of which hook and threads are open. point:
 * the hook's name, for the reason. Returns 0, or -errno with the reason.
 */
int entry_load(struct probe *probe, const struct rung *rung,
	       enum program program, const char *point, struct reason *reason);
/* Attach it, if there is one. Returns 0, or -errno with the reason. */
int entry_attach(const struct probe *probe, struct reason *reason);

#endif
