/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hint.h - the cause of an error, and what to do about it
 */
#ifndef HINT_H
#define HINT_H

/* What was tried when the error occurred. */
enum step {
	STEP_RING,
	STEP_MAP,
	STEP_SYSFS,
	STEP_BTF,
	STEP_LOAD,
	STEP_PMU,
	STEP_TRACEFS,
	STEP_KPROBE_EVENTS,
	STEP_ATTACH,
	STEP_FIRE,
	STEP_CGROUP,
	STEP_FORK,
	STEP_WRITE,
	/* Something that any program does. */
	STEP_OTHER,
};

/*
 * Why the step may have failed with that errno, and what helps; NULL if the
 * error says enough. It reads files, which the sandbox forbids: only STEP_WRITE
 * may be used there.
 */
const char *hint_for(enum step step, int error);

/*
 * What is switched off on this machine, so that no probe fires, and how to
 * switch it on; or NULL. It reads files, too.
 */
const char *hint_switched_off(void);

#endif
