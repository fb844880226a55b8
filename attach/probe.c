// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * probe.c - what a rung opens, and the steps that rungs with hooks share
 *
 * Sections: hooks, entry, probe.
 */
#include "base/text.h"
#include "attach/probe.h"
#include "attach/program.h"
#include "attach/tracefs.h"

enum bpf_prog_type rung_type(const struct rung *rung)
{
	return rung->kind == HOOK_TRACEPOINT ? BPF_PROG_TYPE_TRACEPOINT :
					       BPF_PROG_TYPE_KPROBE;
}

/* ------------------------------------------------------------------------
 * Hooks
 */

static int hook_open(struct probe *probe, const struct rung *rung,
		     const char *point, struct hook *hook,
		     struct reason *reason)
{
	int cpu = probe->rings->first;

	switch (rung->kind) {
	case HOOK_KPROBE:
		return hook_open_kprobe(hook, point, probe->kernel->sysfs, cpu,
					reason);
	case HOOK_KRETPROBE:
		return hook_open_kretprobe(hook, point, probe->kernel->sysfs,
					   cpu, reason);
	default:
		return hook_open_tracepoint(hook, point, cpu, reason);
	}
}

/* The other copy's first: this one does all that is left. */
void hooks_close(struct probe *probe)
{
	for (size_t i = 0; i < countof(probe->hooks); i++)
		hook_close(&probe->twin.hooks[i]);
	for (size_t i = 0; i < countof(probe->hooks); i++)
		hook_close(&probe->hooks[i]);
}

struct unseen hooks_stop(struct probe *probe)
{
	struct unseen unseen = { 0 };

	/* First: a call that begins without the others would seem missed. */
	hook_close(&probe->entry.hook);
	hooks_close(probe);
	unseen.skipped = raw_program_missed(probe->program);
	/* A kprobe skips a hit within another probe's handler. */
	for (size_t i = 0; i < countof(probe->hooks); i++)
		unseen.skipped += probe->hooks[i].missed;
	return unseen;
}

int hooks_open(struct probe *probe, const struct rung *rung,
	       struct reason *reason)
{
	struct reason first;
	int error;

	for (size_t i = 0; i < countof(rung->points) && rung->points[i]; i++) {
		error = hook_open(probe, rung, rung->points[i],
				  &probe->hooks[i], &first);
		/* Some machines have accept4(2) but no accept(2). */
		if (error && (!i || error != -ENOENT)) {
			*reason = first;
			hooks_close(probe);
			return error;
		}
	}
	return 0;
}

int hooks_attach(struct probe *probe, const struct rung *rung, int program,
		 struct reason *reason)
{
	int error = 0;

	for (size_t i = 0; i < countof(probe->hooks) && !error; i++) {
		if (probe->hooks[i].event < 0)
			continue;
		error = raw_event_attach(probe->hooks[i].event, program);
		if (error)
			reason_set(reason, STEP_ATTACH, error,
				   "cannot attach to %s", rung->points[i]);
	}
	if (error)
		hooks_close(probe);
	return error;
}

/*
 * Each event is opened before the old one is closed: there is always a probe,
 * and a kernel that is slow to remove one never gets another at the same place
 * (tracefs.c).
 */
int hooks_renew(struct probe *probe, const struct rung *rung,
		struct reason *reason)
{
	struct hook fresh;
	int error = 0;

	for (size_t i = 0; i < countof(probe->hooks) && !error; i++) {
		struct hook *hook = &probe->hooks[i];

		if (hook->event < 0)
			continue;
		if (hook->probe) {
			error = hook_reopen(hook, probe->rings->first, reason);
			continue;
		}
		error = hook_open(probe, rung, rung->points[i], &fresh, reason);
		if (!error) {
			hook_close(hook);
			*hook = fresh;
		}
	}
	if (error)
		hooks_close(probe);
	return error;
}

/* ------------------------------------------------------------------------
 * Entry
 */

/* How many calls at once the kernel follows to their return, at least. */
static uint32_t instances(const struct probe *probe)
{
	uint32_t cpus = 0;

	if (probe->hooks[0].many)
		return TRACEFS_MANY;
	for (int i = 0; i < probe->rings->count; i++)
		cpus += probe->rings->cpus[i].ring.fd >= 0;
	return cpus;
}

int entry_load(struct probe *probe, const struct rung *rung,
	       enum program program, const char *point, struct reason *reason)
{
	struct call_entry *entry = &probe->entry;
	struct symbols symbols = { 0 };

	symbols_set_map(&symbols, SYM_CALLS, entry->threads);
	symbols_set_map(&symbols, SYM_STATES, probe->rings->states);
	symbols_set(&symbols, SYM_INSTANCES, instances(probe));
	rings_set_symbols(probe->rings, &symbols);
	entry->program =
		program_load(rung_type(rung), program, &symbols, 0, NULL);
	return entry->program < 0 ?
		       reason_set(reason, STEP_LOAD, entry->program,
				  "cannot load a BPF program for %s", point) :
		       0;
}

int entry_attach(const struct probe *probe, struct reason *reason)
{
	int error = 0;

	if (probe->entry.program >= 0)
		error = raw_event_attach(probe->entry.hook.event,
					 probe->entry.program);
	return error ? reason_set(reason, STEP_ATTACH, error,
				  "cannot attach to the start of calls") :
		       0;
}

/* ------------------------------------------------------------------------
 * Probe
 */

void probe_init(struct probe *probe, struct kernel *kernel, struct rings *rings)
{
	memset(probe, 0, sizeof(*probe));
	probe->kernel = kernel;
	probe->rings = rings;
	for (size_t i = 0; i < countof(probe->hooks); i++)
		probe->hooks[i].event = probe->twin.hooks[i].event = -1;
	probe->twin.program = probe->twin.seen = -1;
	probe->entry.hook.event = -1;
	probe->program = probe->entry.program = probe->entry.threads = -1;
	probe->witness = -1;
	memset(probe->cgroup.links, -1, sizeof(probe->cgroup.links));
	probe->cgroup.notes = probe->cgroup.ringbuf = -1;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void links_close(struct probe *probe)
{
	for (size_t i = 0; i < countof(probe->cgroup.links); i++) {
		close_if_open(probe->cgroup.links[i]);
		probe->cgroup.links[i] = -1;
	}
}

void probe_close(struct probe *probe)
{
	/* First: what perf events hold cannot be removed. */
	if (probe->rings->tapped) {
		rings_untap(probe->rings);
		rings_empty(probe->rings);
	}
	hooks_close(probe);
	hook_close(&probe->entry.hook);
	close_if_open(probe->entry.program);
	close_if_open(probe->entry.threads);
	close_if_open(probe->program);
	close_if_open(probe->twin.program);
	close_if_open(probe->twin.seen);
	links_close(probe);
	close_if_open(probe->cgroup.notes);
	close_if_open(probe->cgroup.ringbuf);
	probe_init(probe, probe->kernel, probe->rings);
}
