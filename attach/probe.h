/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe.h - a way to see accepts, what it opens, and the steps that rungs of
 * hooks share
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

struct tracer;
struct probe;

/* What the kernel kept from the programs, as far as it tells. */
struct unseen {
	/* Hits, not all of them accepts. */
	uint64_t skipped;
	/* Returns that it did not follow. */
	uint64_t missed;
};

enum hook_kind { HOOK_KPROBE, HOOK_KRETPROBE, HOOK_TRACEPOINT };

/* One way to see accepts. */
struct rung {
	const char *name;
	const char *description;
	/* What it cannot see, or NULL. */
	const char *limits;
	/*
	 * Whether it may be tried on this kernel, found out without opening
	 * anything. 0, or -errno with the reason.
	 */
	int (*possible)(const struct tracer *tracer, const struct rung *rung,
			struct reason *reason);
	/*
	 * Trace by it, and see an accept of our own come through. 0, or -errno
	 * with the reason; what is open then, probe_close() closes.
	 */
	int (*open)(struct tracer *tracer, const struct rung *rung,
		    struct reason *reason);
	/* Say what the user should know, once it is in use; or NULL. */
	void (*say)(const struct probe *probe);
	/* Take the hooks away, by who has them. A second call is harmless. */
	struct unseen (*stop)(struct probe *probe);

	/* Of rungs of hooks: kernel symbols, or tracepoints; only the first
	 * must exist.
	 */
	enum hook_kind kind;
	const char *points[3];
	/* Kprobes: what register of struct pt_regs has the new sock. */
	enum machine_reg sock;
	/* Accepts of AF_UNIX sockets pass there, too. */
	bool sees_unix_accepts;
};

/*
 * What notes that calls begin, where their end does not tell enough: a
 * socketcall(2), or inet_csk_accept() before 5.17.
 */
struct call_entry {
	struct hook hook;
	/* -1 if it is not needed. */
	int program;
	/* A map of the threads that are in a call; or -1. */
	int threads;
};

/* So many of them are known at a time. */
#define ENTRY_THREADS 8192

struct probe {
	/* Of probe_init(). */
	struct kernel *kernel;
	const struct rings *rings;
	/* The one that traces, or NULL. */
	const struct rung *rung;
	int program;
	struct hook hooks[3];
	struct call_entry entry;
	/* Threads that waited in accept() when csk-return began; or -errno. */
	int waiting;
	/* Process IDs are the host's, not ours. */
	bool host_pids;
	/* Connections that wait to be accepted at the end, or -1. */
	int witness;
};

/* Nothing is open yet. kernel and rings outlive the probe. */
void probe_init(struct probe *probe, struct kernel *kernel,
		const struct rings *rings);
/* Close all that is open; then it is as after probe_init(). */
void probe_close(struct probe *probe);

/* What kind of program its hooks run. */
enum bpf_prog_type rung_type(const struct rung *rung);

/*
 * Open the kprobes or tracepoints of a rung, which do nothing yet; have them
 * run a program; put other perf events in place of these, as a perf event runs
 * one program for good. 0, or -errno with the reason; then all are closed.
 */
int hooks_open(struct probe *probe, const struct rung *rung,
	       struct reason *reason);
int hooks_attach(struct probe *probe, const struct rung *rung, int program,
		 struct reason *reason);
int hooks_renew(struct probe *probe, const struct rung *rung,
		struct reason *reason);
void hooks_close(struct probe *probe);

/* A rung's `stop`: what hooks missed is `skipped`. */
struct unseen hooks_stop(struct probe *probe);

/*
 * With entry.hook and entry.threads open: load that program;
 * attach it, or do nothing if there is none. point: where, for the reason. 0,
 * or -errno with the reason.
 */
int entry_load(struct probe *probe, const struct rung *rung,
	       enum program program, const char *point, struct reason *reason);
int entry_attach(const struct probe *probe, struct reason *reason);

#endif
