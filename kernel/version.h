/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * version.h - the running kernel's version
 *
 * In the form of LINUX_VERSION_CODE, which a kprobe's program needs before 5.0:
 * a byte for each of version, patchlevel and sublevel, cut to 255. So these
 * numbers can be compared.
 */
#ifndef VERSION_H
#define VERSION_H

#include <stdint.h>

/* The running kernel's version, or 0 if it cannot be found out. */
uint32_t kernel_version(void);

/* The version with which a text begins: "4.9.257-custom"; 0 if none does. */
uint32_t version_parse(const char *text);

/* The version that the vDSO of the running kernel has, or 0 without one. */
uint32_t version_vdso(void);

#endif
