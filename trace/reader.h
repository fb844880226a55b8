/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reader.h - up to when the rings are whole, and what they lack
 */
#ifndef READER_H
#define READER_H

#include "attach/tracer.h"

/* Have the keeper stop tracing. 0, or -errno as keeper_calls.h has it. */
int tracer_detach(struct tracer *tracer);

/*
 * The time up to which all events are in the rings, if it is now_ns
 * (CLOCK_MONOTONIC) now; ask before looking at the rings.
 */
uint64_t tracer_settled(const struct tracer *tracer, uint64_t now_ns);

/*
 * What is lost so far. last: tracing is over, and all rings are read; before
 * that, what needs a bpf(2) is as tracer_ask_skipped() or tracer_detach() last
 * found it.
 */
struct losses tracer_losses(const struct tracer *tracer, bool last);
void tracer_ask_skipped(struct tracer *tracer);

#endif
