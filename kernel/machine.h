/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * machine.h - what differs between processors
 *
 * A new processor needs a block here, and its flags in tools/arches.mk.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stddef.h>
#include <sys/syscall.h>

/*
 * MACHINE_REGS_64, MACHINE_REGS_32: the offsets, in bytes, of a function's
 * first three arguments and its return value in struct pt_regs, which is the
 * context of a kprobe's program, of a 64- and of a 32-bit kernel that runs our
 * code. See arch/.../include/asm/ptrace.h:
 *
 * x86		di, si, dx, ax; 32 bits, by regparm(3): ax, dx, cx, ax
 * arm		user_pt_regs.regs[0..2], [0]; 32 bits: uregs[0..2], [0]
 * riscv	a0, a1, a2, a0, behind pc, ra, sp, gp, tp, t0-t2, s0, s1
 * s390		gprs[2..4], [2], behind args[1] and psw
 * powerpc	gpr[3..5], [3]
 * mips		regs[4..6], [2]; 32 bits: behind pad0[8]
 *
 * MACHINE_ARG1_64, MACHINE_ARG1_32: the first argument's register, as
 * kprobe_events of tracefs has it (regs_query_register_offset() of
 * arch/.../kernel/ptrace.c).
 *
 * MACHINE_ENTRIES: where a kprobe at a function's start may be, in bytes after
 * the start. Each is for kernels that refuse the one before (EINVAL, EILSEQ).
 * The arguments are unchanged at all of them.
 *
 * MACHINE_KPROBES_ON_FTRACE: 1 where functions start with code of ftrace, so
 * that a kprobe there is done by ftrace (KPROBES_ON_FTRACE of
 * arch/.../Kconfig), and does not fire while ftrace is switched off; 2 where in
 * addition no place after that code is known; 0 where a kprobe is a breakpoint,
 * whatever ftrace does. MACHINE_ENTRIES_PAST_FTRACE are the places after
 * ftrace's code: a call of 5 bytes on x86, after endbr64 with
 * CONFIG_X86_KERNEL_IBT; 8 bytes on riscv, where from 6.12 on no kprobe may be.
 *
 * MACHINE_AUDIT_ARCH: the ABI that we are compiled for, AUDIT_ARCH_* of
 * linux/audit.h, for seccomp(2).
 */
/* clang-format off */
#define MACHINE_IS_BIG	(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)

#if defined(__x86_64__) || defined(__i386__)
#define MACHINE_REGS_64			{ 112, 104, 96, 80 }
#define MACHINE_REGS_32			{ 24, 8, 4, 24 }
#define MACHINE_ARG1_64			"%di"
#define MACHINE_ARG1_32			"%ax"
#define MACHINE_ENTRIES_PAST_FTRACE	{ 5, 9 }
#define MACHINE_KPROBES_ON_FTRACE	1
#if defined(__x86_64__) && defined(__ILP32__)
#error "x32 is not supported: its system calls have other numbers"
#elif defined(__x86_64__)
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_X86_64
#else
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_I386
#endif

#elif defined(__aarch64__) || defined(__arm__)
#define MACHINE_REGS_64			{ 0, 8, 16, 0 }
#define MACHINE_REGS_32			{ 0, 4, 8, 0 }
#define MACHINE_ARG1_64			"%x0"
#define MACHINE_ARG1_32			"%r0"
#ifdef __aarch64__
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_AARCH64
#elif MACHINE_IS_BIG
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_ARMEB
#else
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_ARM
#endif

#elif defined(__riscv)
#define MACHINE_REGS_64			{ 80, 88, 96, 80 }
#define MACHINE_REGS_32			{ 40, 44, 48, 40 }
#define MACHINE_ARG1_64			"%a0"
#define MACHINE_ARG1_32			"%a0"
#define MACHINE_ENTRIES			{ 0, 8 }
#define MACHINE_ENTRIES_PAST_FTRACE	{ 8 }
#define MACHINE_KPROBES_ON_FTRACE	1
#if __riscv_xlen == 64
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_RISCV64
#else
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_RISCV32
#endif

#elif defined(__s390x__)
#define MACHINE_REGS_64			{ 40, 48, 56, 40 }
#define MACHINE_REGS_32			{ 0 }
#define MACHINE_ARG1_64			"%r2"
#define MACHINE_ARG1_32			"%r2"
#define MACHINE_KPROBES_ON_FTRACE	2
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_S390X

#elif defined(__powerpc__)
#define MACHINE_REGS_64			{ 24, 32, 40, 24 }
#define MACHINE_REGS_32			{ 12, 16, 20, 12 }
#define MACHINE_ARG1_64			"%gpr3"
#define MACHINE_ARG1_32			"%gpr3"
#define MACHINE_KPROBES_ON_FTRACE	2
#ifndef __powerpc64__
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_PPC
#elif MACHINE_IS_BIG
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_PPC64
#else
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_PPC64LE
#endif

#elif defined(__mips__)
#define MACHINE_REGS_64			{ 32, 40, 48, 16 }
#define MACHINE_REGS_32			{ 48, 52, 56, 40 }
#define MACHINE_ARG1_64			"%r4"
#define MACHINE_ARG1_32			"%r4"
#if defined(__mips64) && _MIPS_SIM != _ABI64
#error "n32 is not supported: its system calls have other numbers"
#elif defined(__mips64) && MACHINE_IS_BIG
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_MIPS64
#elif defined(__mips64)
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_MIPSEL64
#elif MACHINE_IS_BIG
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_MIPS
#else
#define MACHINE_AUDIT_ARCH		AUDIT_ARCH_MIPSEL
#endif

#else
#error "this machine has no block in kernel/machine.h"
#endif

#ifndef MACHINE_ENTRIES
#define MACHINE_ENTRIES			{ 0 }
#endif
#ifndef MACHINE_ENTRIES_PAST_FTRACE
#define MACHINE_ENTRIES_PAST_FTRACE	MACHINE_ENTRIES
#endif
#ifndef MACHINE_KPROBES_ON_FTRACE
#define MACHINE_KPROBES_ON_FTRACE	0
#endif
/* clang-format on */

/* The number of socketcall(2) in our ABI, or 0 if it has none. */
#ifdef SYS_socketcall
#define MACHINE_SOCKETCALL SYS_socketcall
#else
#define MACHINE_SOCKETCALL 0
#endif

/* In the order of MACHINE_REGS_64. */
enum machine_reg { MACHINE_ARG1, MACHINE_ARG2, MACHINE_ARG3, MACHINE_RETVAL };

/*
 * How many bytes a pointer and a long have in the running kernel: 4 or 8. They
 * may be wider than ours.
 */
size_t machine_word(void);

/* The register's offset, in bytes, in struct pt_regs of the running kernel. */
int machine_reg_offset(enum machine_reg reg);

/* The name of the first argument's, for kprobe_events of tracefs. */
const char *machine_first_argument(void);

#endif
