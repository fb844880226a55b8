/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hint.h - the cause of an error, and what to do about it
 */
#ifndef HINT_H
#define HINT_H

/* What was tried when the error came. */
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
	STEP_FORK,
	STEP_WRITE,
	/* What any program does. */
	STEP_OTHER,
};

/*
 * What a step may meet and what helps, or NULL if the error says it. Looks at
 * the system, which nobody may once in the sandbox, but for STEP_WRITE.
 */
const char *hint_for(enum step step, int error);

#endif
