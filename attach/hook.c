// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * hook.c - a kprobe, a kretprobe or a tracepoint, opened for a program
 *
 * Sections: PMU, hooks.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf_raw.h"
#include "base/file.h"
#include "base/fs.h"
#include "base/text.h"
#include "kernel/machine.h"
#include "kernel/version.h"
#include "attach/function.h"
#include "attach/hook.h"

/* ------------------------------------------------------------------------
 * PMU: /sys/bus/event_source/devices/kprobe
 */

/* A descriptor, or -errno with the reason. */
static int open_by_pmu(const struct hook *hook, const char *symbol,
		       bool returns, int sysfs, int cpu, struct reason *reason)
{
	static const char pmu[] = "bus/event_source/devices/kprobe";
	struct entry entry;
	char path[64];
	int type, bit = -1, fd;

	if (sysfs < 0)
		return reason_set(reason, STEP_SYSFS, sysfs,
				  "cannot open sysfs");
	text_format(path, sizeof(path), "%s/type", pmu);
	type = file_number(sysfs, path, "");
	if (type >= 0 && returns) {
		text_format(path, sizeof(path), "%s/format/retprobe", pmu);
		bit = file_number(sysfs, path, "config:");
		if (bit < 0)
			type = bit;
	}
	if (type < 0)
		return reason_set(reason, STEP_PMU, type, "cannot read /sys/%s",
				  path);
	if (function_is_missing(symbol))
		return refuse_missing(reason, symbol);
	entry = entry_first(hook->past_ftrace);
	do
		fd = raw_kprobe_open(type, bit, symbol, entry_offset(entry),
				     cpu);
	while (!returns && entry_is_refused(fd) && entry_next(&entry));
	if (fd < 0)
		return reason_set(reason, STEP_ATTACH, fd, "cannot probe %s",
				  symbol);
	return fd;
}

/* ------------------------------------------------------------------------
 * Hooks
 */

/* The descriptor of its perf event, or -errno with the reason. */
static int open_by_tracefs(struct hook *hook, const char *symbol,
			   const char *arguments, bool returns, int cpu,
			   struct reason *reason)
{
	hook->probe = tracefs_probe_open(symbol, arguments, returns,
					 hook->past_ftrace, cpu, reason);
	if (!hook->probe)
		return reason->error;
	hook->many = hook->probe->many;
	return hook->probe->event;
}

int hook_open_kprobe(struct hook *hook, const char *symbol, int sysfs, int cpu,
		     struct reason *reason)
{
	struct reason second;

	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	hook->past_ftrace = hook_ftrace_is_off();
	if (hook->past_ftrace && MACHINE_KPROBES_ON_FTRACE > 1)
		return reason_silent(reason);
	hook->event = open_by_pmu(hook, symbol, false, sysfs, cpu, reason);
	if (hook->event >= 0)
		return 0;
	/* ENOENT: no such PMU, or no such function; tracefs shows which. */
	if (hook->event == -EMFILE || hook->event == -EPERM)
		return hook->event;
	hook->event = open_by_tracefs(hook, symbol, "", false, cpu, &second);
	if (hook->event >= 0)
		return 0;
	*reason = second;
	return reason->error;
}

int hook_open_fetch(struct hook *hook, const char *symbol,
		    const char *arguments, int cpu, struct reason *reason)
{
	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	hook->past_ftrace = hook_ftrace_is_off();
	if (hook->past_ftrace && MACHINE_KPROBES_ON_FTRACE > 1)
		return reason_silent(reason);
	hook->event =
		open_by_tracefs(hook, symbol, arguments, false, cpu, reason);
	return hook->event < 0 ? hook->event : 0;
}

int hook_open_kretprobe(struct hook *hook, const char *symbol, int sysfs,
			int cpu, struct reason *reason)
{
	struct reason second;

	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	/* A kretprobe can only be at the first byte, which ftrace has. */
	if (hook_ftrace_is_off())
		return reason_silent(reason);
	hook->event = open_by_tracefs(hook, symbol, "", true, cpu, reason);
	if (hook->event >= 0 || hook->event == -EMFILE)
		return hook->event >= 0 ? 0 : hook->event;
	hook->event = open_by_pmu(hook, symbol, true, sysfs, cpu, &second);
	if (hook->event >= 0)
		return 0;
	/* ENOENT: no such PMU. */
	if (second.error != -ENOENT)
		*reason = second;
	return reason->error;
}

int hook_open_tracepoint(struct hook *hook, const char *name, int cpu,
			 struct reason *reason)
{
	char path[64];
	int tracefs, id;

	memset(hook, 0, sizeof(*hook));
	hook->event = -1;
	tracefs = fs_open(FS_TRACE);
	if (tracefs < 0)
		return reason_set(reason, STEP_TRACEFS, tracefs,
				  "cannot open tracefs");
	text_format(path, sizeof(path), "events/%s/id", name);
	id = file_number(tracefs, path, "");
	close(tracefs);
	if (id < 0)
		return reason_set(reason, STEP_TRACEFS, id, "cannot read %s",
				  path);
	hook->event = raw_tracepoint_open(id, cpu);
	if (hook->event < 0)
		return reason_set(reason, STEP_ATTACH, hook->event,
				  "cannot open tracepoint %s", name);
	return 0;
}

bool hook_ftrace_is_off(void)
{
	char text[8] = "";

	if (MACHINE_KPROBES_ON_FTRACE)
		fs_read(FS_PROC, "sys/kernel/ftrace_enabled", text,
			sizeof(text));
	return text[0] == '0';
}

bool hook_counts_missed(const struct hook *hook)
{
	return hook->probe && kernel_version() >= version_parse("5.17");
}

int hook_reopen(struct hook *hook, int cpu, struct reason *reason)
{
	int error = tracefs_probe_reopen(hook->probe, cpu, reason);

	if (!error)
		hook->event = hook->probe->event;
	return error;
}

void hook_close(struct hook *hook)
{
	if (hook->probe)
		hook->missed = tracefs_probe_close(hook->probe);
	else if (hook->event >= 0)
		close(hook->event);
	hook->event = -1;
	hook->probe = NULL;
}
