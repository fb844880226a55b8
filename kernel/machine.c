// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * machine.c - what differs between processors
 */
#include <sys/personality.h>
#include <sys/utsname.h>

#include "base/text.h"
#include "kernel/machine.h"

/*
 * uname(2) shows it, but under PER_LINUX32 of personality(2) it shows a 64-bit
 * kernel as a 32-bit one (override_architecture() in kernel/sys.c).
 */
size_t machine_word(void)
{
	static size_t known;
	struct utsname name = { 0 };
	int persona;

	if (sizeof(long) == 8)
		return 8;
	if (known)
		return known;
	persona = personality(0xffffffff);
	personality(PER_LINUX);
	uname(&name);
	personality(persona);
	/* x86_64, aarch64, ppc64, mips64, riscv64. */
	known = text_find(name.machine, "64") ? 8 : 4;
	return known;
}

int machine_reg_offset(enum machine_reg reg)
{
	static const uint8_t wide[] = MACHINE_REGS_64;
	static const uint8_t narrow[] = MACHINE_REGS_32;

	return machine_word() == 8 ? wide[reg] : narrow[reg];
}

const char *machine_first_argument(void)
{
	return machine_word() == 8 ? MACHINE_ARG1_64 : MACHINE_ARG1_32;
}
