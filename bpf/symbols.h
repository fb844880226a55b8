/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * symbols.h - what the loader fills in before BPF_PROG_LOAD
 *
 * A symbol's address is its value: see attach/program.h.
 */
#ifndef BPF_SYMBOLS_H
#define BPF_SYMBOLS_H

#include <stdint.h>

/* weak, or clang assumes that the address is not NULL and drops its test. */
#define CONSTANT(name) extern const char name[] __attribute__((weak))
#define K(name) ((uint64_t)(name))

/* Maps: the loader puts a descriptor in place of the address. */
CONSTANT(rings);
CONSTANT(states);
CONSTANT(spill);
CONSTANT(captures);
CONSTANT(chosen);
CONSTANT(ports);
CONSTANT(networks);
CONSTANT(cgroups);
CONSTANT(cgroup_map);
CONSTANT(mntns_map);
CONSTANT(queue);
CONSTANT(acceptors);
CONSTANT(calls);
CONSTANT(cpu_numbers);
CONSTANT(notes);
CONSTANT(ringbuf);
CONSTANT(twins);

/* Whether the map `cpu_numbers` has the CPU's number, as the helper fails. */
CONSTANT(CPU_BY_MAP);

/* Only this thread group, or all when 0. */
CONSTANT(FILTER_PID);
/* Only this local port, or all when 0. */
CONSTANT(FILTER_PORT);

/*
 * Only clients of this network, of IP version 4 or 6; 0: those of the map
 * `networks`, if that is wanted. Address and mask are, as they lie in memory,
 * two words of 8 bytes, or for IPv4 one of 4.
 */
CONSTANT(NETWORK_VERSION);
CONSTANT(NETWORK_1);
CONSTANT(NETWORK_2);
CONSTANT(NETWORK_MASK_1);
CONSTANT(NETWORK_MASK_2);

/* Bits of enum accept_wants. */
CONSTANT(WANTED);
/* Whether the context is that of a system call's tracepoint. */
CONSTANT(BY_SYSCALL);
/* Whether the context is that of a hook of cgroups; at a socket's end. */
CONSTANT(BY_CGROUP);
CONSTANT(BY_RELEASE);
/*
 * Of two copies of the program that run one after the other (rung_syscall.c):
 * ACCEPT_TWIN_FIRST, ACCEPT_TWIN_SECOND; 0: there is but one.
 */
CONSTANT(TWIN);
/* The state of this program on CPU 0 is that many slots behind the first. */
CONSTANT(STATES_AT);
/* Whether the hook's first argument is the listener's struct socket. */
CONSTANT(BY_LISTENER);
/* The number of socketcall(2), or 0 where there is none. */
CONSTANT(SOCKETCALL);
/* Whether `entered` runs, and must learn of returns. */
CONSTANT(BY_RETURN);
/* How many calls at a time the kernel follows to their return at least. */
CONSTANT(INSTANCES);

/* The PID namespace of the reader, by nsfs; inode 0: the initial one. */
CONSTANT(PIDNS_DEVICE);
CONSTANT(PIDNS_INODE);

/* Bytes of a pointer in the kernel: 4 or 8. */
CONSTANT(POINTER_SIZE);

/*
 * Byte offsets in kernel structures. skc_addrpair is skc_daddr, skc_rcv_saddr;
 * skc_portpair is skc_dport, skc_num (include/net/sock.h, 3.9 to 7.2).
 */
CONSTANT(SKC_FAMILY);
CONSTANT(SKC_ADDRPAIR);
CONSTANT(SKC_PORTPAIR);
/* Whether these three lie as in struct accept_sock_head. */
CONSTANT(SKC_HEAD);
CONSTANT(SKC_V6_DADDR);
CONSTANT(SKC_V6_RCV_SADDR);
/* Whether the second of these two is right behind the first. */
CONSTANT(SKC_V6_PAIR);
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
/* Size of these two: 16 bits before 5.0, 32 since. */
CONSTANT(SK_BACKLOG_BITS);
CONSTANT(SK_DROPS);

/*
 * Bits of sk_protocol: 8 before 5.6, 16 since, 0 if they are not known. Then
 * the protocol's struct proto shows it: skc_prot, or sk_prot_creator where a
 * sockmap has replaced skc_prot.
 */
CONSTANT(SK_PROTOCOL_BITS);
CONSTANT(SKC_PROT);
CONSTANT(SK_PROT_CREATOR);
/* Those of TCP and MPTCP over IPv4 and IPv6, some twice; 0: all pass. */
CONSTANT(PROT_1);
CONSTANT(PROT_2);
CONSTANT(PROT_3);
CONSTANT(PROT_4);
CONSTANT(PROT_5);
CONSTANT(PROT_6);

/* Whose accept `capture` looks for: a task's name, as two words. */
CONSTANT(CAPTURE_COMM_1);
CONSTANT(CAPTURE_COMM_2);

#endif
