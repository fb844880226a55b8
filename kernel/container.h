/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * container.h - finds a container's ID in the path of its cgroup
 */
#ifndef CONTAINER_H
#define CONTAINER_H

#include <stddef.h>

/* The digits of an ID, and how many of them docker ps(1) shows. */
#define CONTAINER_ID 64
#define CONTAINER_SHORT 12

/*
 * The ID, 64 hexadecimal digits, in a path such as
 * /system.slice/docker-ID.scope, /kubepods/burstable/podUID/ID or
 * /machine.slice/libpod-ID.scope/container: the last one, of the innermost
 * container. NULL if there is none; that of a monitor (conmon-ID) is none.
 * size: the most bytes that are looked at, up to a NUL.
 */
const char *container_find(const char *path, size_t size);

#endif
