/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * listeners.h - which sockets listen now, and how full their accept queues are
 */
#ifndef LISTENERS_H
#define LISTENERS_H

#include "cli/output.h"

/*
 * Print the TCP listeners of this network namespace, a row or an object of JSON
 * each: by sock_diag(7), or by /proc/net/tcp and tcp6, which have no limits and
 * drops. Needs no privileges, but sees the processes and threads of other users
 * only with CAP_SYS_PTRACE. Dies if it can read neither. What could not be
 * written is in output->error.
 */
void listeners_show(struct output *output);

#endif
