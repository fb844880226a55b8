/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * symbols.h - what the loader fills in before BPF_PROG_LOAD
 *
 * A symbol's address is the value: attach/program.h.
 */
#ifndef BPF_SYMBOLS_H
#define BPF_SYMBOLS_H

#include <stdint.h>

/* weak: or clang takes the address for never NULL and drops the test of it. */
#define CONSTANT(name) extern const char name[] __attribute__((weak))
#define K(name) ((uint64_t)(name))

/* Maps: a descriptor takes the place of the address. */
CONSTANT(rings);
CONSTANT(states);
CONSTANT(spill);
CONSTANT(captures);
CONSTANT(chosen);
CONSTANT(networks);
CONSTANT(cgroups);
CONSTANT(cgroup_map);
CONSTANT(mntns_map);
CONSTANT(queue);
CONSTANT(acceptors);
CONSTANT(calls);
CONSTANT(cpu_numbers);

/* Whether the map `cpu_numbers` is to tell the CPU, as the helper would not. */
CONSTANT(CPU_BY_MAP);

/* Only this thread group, or all when 0. */
CONSTANT(FILTER_PID);

/* Bits of enum accept_wants. */
CONSTANT(WANTED);
/* Whether the context is that of a system call's tracepoint. */
CONSTANT(BY_SYSCALL);
/* The number of socketcall(2), or 0 where there is none. */
CONSTANT(SOCKETCALL);
/* Whether `entered` is there to learn of returns. */
CONSTANT(BY_RETURN);
/* So many calls at a time the kernel follows to their return, at the least. */
CONSTANT(INSTANCES);

/* The PID namespace that counts, as nsfs has it; inode 0: the initial one. */
CONSTANT(PIDNS_DEVICE);
CONSTANT(PIDNS_INODE);

/* Bytes of a pointer of the kernel's: 4 or 8. */
CONSTANT(POINTER_SIZE);

/*
 * Byte offsets in kernel structures. skc_addrpair is skc_daddr, skc_rcv_saddr;
 * skc_portpair is skc_dport, skc_num (include/net/sock.h, 3.9 to 7.2).
 */
CONSTANT(SKC_FAMILY);
CONSTANT(SKC_ADDRPAIR);
CONSTANT(SKC_PORTPAIR);
CONSTANT(SKC_V6_DADDR);
CONSTANT(SKC_V6_RCV_SADDR);
CONSTANT(SK_PROTOCOL);
CONSTANT(INET_SPORT);
CONSTANT(TASK_FILES);
CONSTANT(FILES_FDT);
CONSTANT(FDTABLE_FD);
CONSTANT(FILE_PRIVATE_DATA);
CONSTANT(SOCKET_FILE);
CONSTANT(SOCKET_SK);
CONSTANT(SKC_NET);
CONSTANT(NET_NS);
CONSTANT(NS_INUM);
CONSTANT(TASK_NSPROXY);
CONSTANT(NSPROXY_MNT_NS);
CONSTANT(MNT_NS_NS);
CONSTANT(TASK_GROUP_LEADER);
CONSTANT(TASK_COMM);
CONSTANT(MPTCP_FIRST);
CONSTANT(SK_ACK_BACKLOG);
CONSTANT(SK_MAX_ACK_BACKLOG);
/* Size of the latter two: 16 bits before 5.0, 32 since. */
CONSTANT(SK_BACKLOG_BITS);

/*
 * Size of sk_protocol: an 8-bit field before 5.6, 16 bits since; 0: unknown, as
 * without BTF. Then it is the protocol's struct proto that tells: skc_prot, or
 * sk_prot_creator where something has put itself in between (a sockmap).
 */
CONSTANT(SK_PROTOCOL_BITS);
CONSTANT(SKC_PROT);
CONSTANT(SK_PROT_CREATOR);
/* Those of TCP and MPTCP over IPv4 and IPv6, some twice; 0: any will do. */
CONSTANT(PROT_1);
CONSTANT(PROT_2);
CONSTANT(PROT_3);
CONSTANT(PROT_4);
CONSTANT(PROT_5);
CONSTANT(PROT_6);

/* What `capture` looks for: a task's name, as two words. */
CONSTANT(CAPTURE_COMM_1);
CONSTANT(CAPTURE_COMM_2);

#endif
