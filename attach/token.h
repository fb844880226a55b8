/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * token.h - a BPF token, by which bpf(2) serves a user namespace
 */
#ifndef TOKEN_H
#define TOKEN_H

#include <stdbool.h>

/*
 * After an EPERM of bpf(2): look for a bpffs that delegates rights, on
 * $LIBBPF_BPF_TOKEN_PATH, which libbpf uses as well, or /sys/fs/bpf, and have
 * raw_bpf() use its token from now on. Only the first call does anything.
 * Returns whether there is a new token, so that the call is to be repeated.
 */
bool token_open(void);

#endif
