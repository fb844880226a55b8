/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe.h - what a rung opens, and the steps that rungs of hooks share
 */
#ifndef PROBE_H
#define PROBE_H

#include "attach/hook.h"
#include "attach/program.h"
#include "attach/rung.h"

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

/* Nothing is open yet; close all that is open. */
void probe_init(struct probe *probe);
void probe_close(struct probe *probe);

/* What kind of program its hooks run. */
enum bpf_prog_type rung_type(const struct rung *rung);

/* A rung's `possible`, for kprobes: whether they are known to kill a kernel. */
int kprobe_possible(const struct tracer *tracer, const struct rung *rung,
		    struct reason *reason);

/*
 * Open the kprobes or tracepoints of a rung, which do nothing yet; have them
 * run a program; put other perf events in place of these, as a perf event runs
 * one program for good. 0, or -errno with the reason; then all are closed.
 */
int hooks_open(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason);
int hooks_attach(struct tracer *tracer, const struct rung *rung, int program,
		 struct reason *reason);
int hooks_renew(struct tracer *tracer, const struct rung *rung,
		struct reason *reason);
void hooks_close(struct probe *probe);

/* A rung's `stop`: what hooks missed is `skipped`. */
struct unseen hooks_stop(struct tracer *tracer);

/*
 * With entry.hook and entry.threads open: load that program;
 * attach it, or do nothing if there is none. point: where, for the reason. 0,
 * or -errno with the reason.
 */
int entry_load(struct tracer *tracer, const struct rung *rung,
	       enum program program, const char *point, struct reason *reason);
int entry_attach(const struct probe *probe, struct reason *reason);

#endif
