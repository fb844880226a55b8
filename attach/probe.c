// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.c - the perf events of a rung, and where calls begin
 *
 * Sections: hooks, calling.
 */
#include "base/text.h"
#include "attach/map.h"
#include "attach/probe.h"
#include "attach/program.h"
#include "attach/tracefs.h"

/* Threads that may be in a socketcall(2), or in inet_csk_accept(), at a time.
 */
#define CALLS_MAX 8192

enum bpf_prog_type rung_type(const struct rung *rung)
{
	return rung->kind == HOOK_TRACEPOINT ? BPF_PROG_TYPE_TRACEPOINT :
					       BPF_PROG_TYPE_KPROBE;
}

/* ------------------------------------------------------------------------
 * Hooks
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

void hooks_close(struct tracer *tracer)
{
	for (size_t i = 0; i < countof(tracer->hooks); i++)
		hook_close(&tracer->hooks[i]);
}

/* Open the probes or tracepoints of a rung; they do nothing yet. */
int hooks_open(struct tracer *tracer, const struct rung *rung,
	       struct reason *reason)
{
	struct reason first;
	int error;

	for (size_t i = 0; i < countof(rung->points) && rung->points[i]; i++) {
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

int hooks_attach(struct tracer *tracer, const struct rung *rung, int program,
		 struct reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < countof(tracer->hooks) && !error; i++) {
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
 * removes one slowly never meets another one at the place (tracefs.c).
 */
int hooks_renew(struct tracer *tracer, const struct rung *rung,
		struct reason *reason)
{
	struct hook fresh;
	int error = 0;

	for (size_t i = 0; i < countof(tracer->hooks) && !error; i++) {
		struct hook *hook = &tracer->hooks[i];

		if (hook->event < 0)
			continue;
		if (hook->probe) {
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

/* ------------------------------------------------------------------------
 * Calling
 */

void calling_close(struct tracer *tracer)
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
				     sizeof(uint32_t), CALLS_MAX, reason);
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
			   sizeof(uint32_t), CALLS_MAX, 0, reason);
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
		return TRACEFS_MANY;
	for (int i = 0; i < tracer->rings.count; i++)
		cpus += tracer->rings.cpus[i].ring.fd >= 0;
	return cpus;
}

/* Note that calls begin, where their end does not tell enough. */
int calling_open(struct tracer *tracer, const struct rung *rung,
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
	symbols_set_map(&symbols, SYM_CALLS, tracer->calls);
	symbols_set_map(&symbols, SYM_STATES, tracer->rings.states);
	symbols_set(&symbols, SYM_INSTANCES, instances(tracer));
	rings_set_symbols(&tracer->rings, &symbols);
	tracer->calling_program = program_load(
		rung_type(rung), returns ? PROGRAM_ENTERED : PROGRAM_CALLING,
		&symbols, 0, NULL);
	return tracer->calling_program < 0 ?
		       refuse(reason, STEP_LOAD, tracer->calling_program,
			      "cannot load a BPF program for %s", point) :
		       0;
}

int calling_attach(const struct tracer *tracer, struct reason *reason)
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
uint64_t count_doubtful(const struct tracer *tracer)
{
	uint32_t thread = UINT32_MAX, value;
	uint64_t count = 0;

	for (int i = 0; i < CALLS_MAX; i++) {
		if (raw_map_next(tracer->calls, &thread, &thread))
			break;
		count += thread != ACCEPT_NOBODY &&
			 !raw_map_get(tracer->calls, thread, &value) &&
			 value == ACCEPT_DOUBTFUL;
	}
	return count;
}
