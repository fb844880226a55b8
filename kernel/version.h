/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * version.h - the running kernel's version
 *
 * As LINUX_VERSION_CODE has it, and a kprobe's program before 5.0 must: a byte
 * each for version, patchlevel and sublevel, none of which is above 255. So
 * these numbers can be compared.
 */
#ifndef VERSION_H
#define VERSION_H

#include <stdint.h>

/* The running kernel's, or 0 if it cannot be found out. */
uint32_t kernel_version(void);

/* That of a text that begins with it, as "4.9.257-custom"; 0 if none does. */
uint32_t version_parse(const char *text);

/* The running kernel's by its vDSO, or 0 if that has none. */
uint32_t version_vdso(void);

#endif
