/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * barriers.c - the accesses of bpf_raw.h that are in order, each in a function
 * of its own, for barriers.t to read their instructions
 */
#include "bpf_raw.h"

uint64_t load(const uint64_t *word);
void store(uint64_t *word, uint64_t value);
unsigned long snapshot(struct raw_ring *ring);
void release(struct raw_ring *ring);

uint64_t load(const uint64_t *word)
{
	return raw_shared_load(word);
}

void store(uint64_t *word, uint64_t value)
{
	raw_shared_store(word, value);
}

unsigned long snapshot(struct raw_ring *ring)
{
	return raw_ring_snapshot(ring);
}

void release(struct raw_ring *ring)
{
	raw_ring_release(ring);
}
