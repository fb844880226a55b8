// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * version.c - the running kernel's version
 */
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/text.h"
#include "kernel/version.h"

uint32_t version_parse(const char *text)
{
	uint64_t parts[3] = { 0, 0, 0 };

	for (int i = 0; i < 3; i++) {
		if (*text < '0' || *text > '9')
			break;
		parts[i] = text_number(&text);
		if (parts[i] > 255)
			parts[i] = 255;
		text += *text == '.';
	}
	return parts[0] << 16 | parts[1] << 8 | parts[2];
}

/* From the vDSO's ELF note "Linux", type 0 (note.S in the vDSO's folder). */
uint32_t version_vdso(void)
{
	const unsigned char *base =
		(const unsigned char *)getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)base;
	const ElfW(Phdr) * segment;
	const unsigned char *at;
	uint32_t note[3], left;

	if (!base)
		return 0;
	segment = (const ElfW(Phdr) *)(base + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++, segment++) {
		if (segment->p_type != PT_NOTE)
			continue;
		at = base + segment->p_offset;
		/* Name size, value size, type; both padded to 4 bytes. */
		for (left = segment->p_filesz; left >= sizeof(note);) {
			memcpy(note, at, sizeof(note));
			if (note[0] == 6 && note[1] == 4 && !note[2] &&
			    !memcmp(at + sizeof(note), "Linux", 6)) {
				memcpy(note, at + sizeof(note) + 8, 4);
				return note[0];
			}
			note[0] = (note[0] + 3) & ~3U;
			note[1] = (note[1] + 3) & ~3U;
			if (note[0] > left || note[1] > left - note[0] ||
			    sizeof(note) > left - note[0] - note[1])
				break;
			at += sizeof(note) + note[0] + note[1];
			left -= sizeof(note) + note[0] + note[1];
		}
	}
	return 0;
}

/*
 * Without a vDSO: on Ubuntu the release of uname(2) has no sublevel, but
 * /proc/version_signature has it ("Ubuntu 4.4.0-21.37-generic 4.4.6"); on
 * Debian the version of uname(2) has it ("#1 SMP Debian 4.9.168-1").
 */
uint32_t kernel_version(void)
{
	uint32_t version = version_vdso();
	struct utsname name;
	char text[128];
	const char *at;

	if (version)
		return version;
	file_read(AT_FDCWD, "/proc/version_signature", text, sizeof(text));
	at = strrchr(text, ' ');
	if (at)
		version = version_parse(at + 1);
	if (version || uname(&name))
		return version;
	at = text_find(name.version, "Debian ");
	if (at)
		version = version_parse(at + strlen("Debian "));
	return version ? version : version_parse(name.release);
}
