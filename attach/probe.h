/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * probe.h - the perf events of a rung, and where calls begin
 */
#ifndef PROBE_H
#define PROBE_H

#include "attach/tracer.h"

/* What kind of program its hooks run. */
enum bpf_prog_type rung_type(const struct rung *rung);

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
void hooks_close(struct tracer *tracer);

/*
 * Note which threads are in a call, where the call's end does not say enough
 * (tracer->calling). 0, also where that is not needed; or -errno with the
 * reason.
 */
int calling_open(struct tracer *tracer, const struct rung *rung,
		 struct reason *reason);
int calling_attach(const struct tracer *tracer, struct reason *reason);
void calling_close(struct tracer *tracer);

/* Of the threads in a call: those whose return may have been missed. */
uint64_t count_doubtful(const struct tracer *tracer);

#endif
