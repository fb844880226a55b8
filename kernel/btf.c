// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * btf.c - find members of structures in BTF: Documentation/bpf/btf.rst
 *
 * BTF is a header, the types one after the other (the first has id 1), and the
 * strings. A type is a struct btf_type (12 bytes) and as much more as its kind
 * and vlen say. Names are offsets into the strings. A struct's member may be an
 * anonymous struct or union that contains the member looked for.
 *
 * The kernel's BTF has 4 to 6 MB. It is mapped, or read once through a window:
 * first the strings, for the offsets of the names looked for; then the types,
 * for the structs with these names and for an index of every n-th type's place,
 * by which the few types that members refer to are found. The types are walked
 * no further than the answers need: most are in the first half.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/btf.h>
#include <linux/magic.h>

#include "kernel/btf.h"
#include "kernel/machine.h"

#define BTF_WINDOW 8192
#define BTF_INDEX 4096
#define BTF_NAMES 64
#define BTF_NAME_MAX 63
#define BTF_STRUCTS 64
#define BTF_DEPTH 8
/* How many members are looked at, so that no input keeps us busy for long. */
#define BTF_BUDGET 200000

/* Headers before Linux 5.13, 5.16, 5.17 and 6.0 lack them. */
#define KIND_FLOAT 16
#define KIND_DECL_TAG 17
#define KIND_TYPE_TAG 18
#define KIND_ENUM64 19
/* As of Linux 7.2; the bits that these have more than before were 0. */
#define BTF_VLEN(info) ((info)&0xffffff)
#define BTF_KIND(info) ((info) >> 24 & 0x7f)
#define BTF_KINDS 128
/* The header of before Linux 7.2, with which the later one begins. */
#define BTF_HEADER_SIZE 24

/* How many bytes a type of a kind has: a fixed part, and vlen elements. */
struct btf_kind {
	/* With the struct btf_type itself; 0 if the kind is not known. */
	uint16_t fixed;
	uint8_t element;
};

struct btf_file {
	int fd;
	/* Positions in the file. */
	uint64_t types, types_end, strings, strings_end;
	/* What was read last: `length` bytes from `at` on; or all of it,
	 * mapped. */
	uint64_t at;
	size_t length;
	const unsigned char *window;
	bool mapped;
	unsigned char buffer[BTF_WINDOW];
	/* index[i] is the position of type 1 + i * stride, from `types` on. */
	uint32_t stride, indexed, type_count;
	uint32_t index[BTF_INDEX];
	/* Where the walk over the types goes on. */
	uint64_t walked;
	struct btf_kind kinds[BTF_KINDS];
	/* Names looked for; the offset is 0 until it is found. */
	struct {
		const char *text;
		uint32_t length;
		uint32_t offset;
		/* Of a type, and not only of members. */
		bool is_type;
	} names[BTF_NAMES];
	uint32_t name_count, missing;
	/* A type with one of these offsets as its name has this bit. */
	uint64_t type_names;
	/* Positions of the structs that have one of these types' names. */
	uint32_t structs[BTF_STRUCTS];
	uint32_t struct_count;
	int budget;
	/* -errno of a read that failed. */
	int error;
};

/*
 * btf_map - map the kernel's BTF, if it lets us
 *
 * Linux 6.16 and later do (btf_sysfs_vmlinux_mmap() in kernel/bpf/sysfs_btf.c).
 * Nothing of it is copied then, nor counted as our memory. Other files are
 * read, as they might shrink meanwhile.
 */
static void btf_map(struct btf_file *btf)
{
	struct statfs system;
	struct stat status;
	void *map;

	if (fstatfs(btf->fd, &system) || system.f_type != SYSFS_MAGIC ||
	    fstat(btf->fd, &status) || status.st_size <= 0)
		return;
	map = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, btf->fd, 0);
	if (map == MAP_FAILED)
		return;
	btf->window = map;
	btf->length = status.st_size;
	btf->mapped = true;
}

/*
 * btf_bytes - have at least `need` bytes of the file, from `position` on
 *
 * need: up to BTF_WINDOW. A read of sysfs returns a page at most, so the window
 * is filled by one read, or by as many as are needed.
 *
 * Returns a pointer into the window, valid until the next call, or NULL if the
 * file ends before or cannot be read.
 */
static const unsigned char *btf_bytes(struct btf_file *btf, uint64_t position,
				      size_t need)
{
	ssize_t length;

	if (position >= btf->at && position - btf->at <= btf->length &&
	    btf->length - (position - btf->at) >= need)
		return btf->window + (position - btf->at);
	if (btf->mapped)
		return NULL;
	btf->at = position;
	btf->length = 0;
	do {
		length = pread(btf->fd, btf->buffer + btf->length,
			       sizeof(btf->buffer) - btf->length,
			       btf->at + btf->length);
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0)
			btf->error = -errno;
		if (length <= 0)
			return NULL;
		btf->length += length;
	} while (btf->length < need);
	return btf->window;
}

/*
 * btf_layout - read the file's layout section: of each kind, as in struct
 * btf_layout of Linux 7.2, what is fixed, an element, and two bytes of flags
 *
 * Returns the number of kinds that it has, up to BTF_KINDS; 0 without one.
 */
static uint32_t btf_layout(struct btf_file *btf, uint32_t header_size,
			   uint8_t layout[BTF_KINDS][4])
{
	const unsigned char *bytes;
	/* layout_off and layout_len, behind a header of before Linux 7.2. */
	uint32_t section[2];
	size_t size;

	if (header_size < BTF_HEADER_SIZE + sizeof(section))
		return 0;
	bytes = btf_bytes(btf, BTF_HEADER_SIZE, sizeof(section));
	if (!bytes)
		return 0;
	memcpy(section, bytes, sizeof(section));
	size = section[1] < BTF_KINDS * 4 ? section[1] : BTF_KINDS * 4;
	bytes = btf_bytes(btf, (uint64_t)header_size + section[0], size);
	if (!bytes)
		return 0;
	memcpy(layout, bytes, size);
	return size / 4;
}

/* btf_kinds - note the kinds that we know, and others of a layout section */
static void btf_kinds(struct btf_file *btf, uint32_t header_size)
{
	/* A struct btf_type has 12 bytes. */
	static const struct btf_kind known[] = {
		[BTF_KIND_INT] = { 12 + 4, 0 },
		[BTF_KIND_PTR] = { 12, 0 },
		[BTF_KIND_ARRAY] = { 12 + 12, 0 },
		[BTF_KIND_STRUCT] = { 12, 12 },
		[BTF_KIND_UNION] = { 12, 12 },
		[BTF_KIND_ENUM] = { 12, 8 },
		[BTF_KIND_FWD] = { 12, 0 },
		[BTF_KIND_TYPEDEF] = { 12, 0 },
		[BTF_KIND_VOLATILE] = { 12, 0 },
		[BTF_KIND_CONST] = { 12, 0 },
		[BTF_KIND_RESTRICT] = { 12, 0 },
		[BTF_KIND_FUNC] = { 12, 0 },
		[BTF_KIND_FUNC_PROTO] = { 12, 8 },
		[BTF_KIND_VAR] = { 12 + 4, 0 },
		[BTF_KIND_DATASEC] = { 12, 12 },
		[KIND_FLOAT] = { 12, 0 },
		[KIND_DECL_TAG] = { 12 + 4, 0 },
		[KIND_TYPE_TAG] = { 12, 0 },
		[KIND_ENUM64] = { 12, 12 },
	};
	const uint32_t known_count = sizeof(known) / sizeof(known[0]);
	uint8_t layout[BTF_KINDS][4];
	const uint32_t count = btf_layout(btf, header_size, layout);

	for (uint32_t i = 0; i < BTF_KINDS; i++)
		if (i < known_count && known[i].fixed)
			btf->kinds[i] = known[i];
		else if (i < count)
			btf->kinds[i] = (struct btf_kind){ 12 + layout[i][0],
							   layout[i][1] };
}

/* btf_open - read and check the header; returns 0, or -EBADMSG */
static int btf_open(struct btf_file *btf, int fd)
{
	const unsigned char *bytes;
	struct btf_header header;

	memset(btf, 0, sizeof(*btf));
	btf->fd = fd;
	btf->window = btf->buffer;
	btf_map(btf);
	btf->stride = 16;
	btf->budget = BTF_BUDGET;
	bytes = btf_bytes(btf, 0, BTF_HEADER_SIZE);
	if (!bytes)
		return -EBADMSG;
	memcpy(&header, bytes, BTF_HEADER_SIZE);
	if (header.magic != BTF_MAGIC || header.version != BTF_VERSION ||
	    header.hdr_len < BTF_HEADER_SIZE)
		return -EBADMSG;
	btf->types = (uint64_t)header.hdr_len + header.type_off;
	btf->types_end = btf->types + header.type_len;
	btf->strings = (uint64_t)header.hdr_len + header.str_off;
	btf->strings_end = btf->strings + header.str_len;
	btf->walked = btf->types;
	btf_kinds(btf, header.hdr_len);
	return 0;
}

/* btf_want - add a name to look for; returns 0, or -E2BIG */
static int btf_want(struct btf_file *btf, const char *text, bool is_type)
{
	size_t length = strlen(text);
	uint32_t i = 0;

	while (i < btf->name_count && strcmp(btf->names[i].text, text))
		i++;
	if (i == BTF_NAMES || length > BTF_NAME_MAX)
		return -E2BIG;
	btf->names[i].is_type |= is_type;
	if (i < btf->name_count)
		return 0;
	btf->names[i].text = text;
	btf->names[i].length = length;
	btf->name_count++;
	btf->missing++;
	return 0;
}

/* btf_name - the offset of a wanted name, or 0 if the file lacks it */
static uint32_t btf_name(const struct btf_file *btf, const char *text)
{
	for (uint32_t i = 0; i < btf->name_count; i++)
		if (!strcmp(btf->names[i].text, text))
			return btf->names[i].offset;
	return 0;
}

/* btf_match - note the string at `offset` if it is a wanted name */
static void btf_match(struct btf_file *btf, const void *text, size_t size,
		      uint32_t offset)
{
	for (uint32_t i = 0; i < btf->name_count; i++)
		if (!btf->names[i].offset && btf->names[i].length == size &&
		    !memcmp(btf->names[i].text, text, size)) {
			btf->names[i].offset = offset;
			btf->missing--;
		}
}

/*
 * btf_span - the place of the first NUL in `size` bytes, or size
 *
 * It looks at eight bytes at a time: there are over 100,000 strings, and most
 * have 10 to 30 bytes, for which memchr() does not pay.
 */
static size_t btf_span(const unsigned char *text, size_t size)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t word;
	size_t i = 0;

	for (; size - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, text + i, sizeof(word));
		/* Not 0 if a byte is; its lowest set bit is in the first. */
		word = (word - ones) & ~word & ones << 7;
		if (!word)
			continue;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		return i + __builtin_ctzll(word) / 8;
#else
		break;
#endif
	}
	while (i < size && text[i])
		i++;
	return i;
}

/* btf_hash - a cheap hash of `size` bytes, 0 to 255 */
static uint8_t btf_hash(const void *text, size_t size)
{
	const uint8_t *byte = text;

	return size ? byte[0] + 7 * byte[size - 1] + 31 * byte[size / 2] : 0;
}

/*
 * btf_strings - find the offsets of the wanted names
 *
 * The file has each string once (btf__dedup() of libbpf, by which it is made).
 *
 * Returns 0, or -EBADMSG.
 */
static int btf_strings(struct btf_file *btf)
{
	uint64_t position = btf->strings, left;
	const unsigned char *text;
	bool wanted[256] = { false };
	size_t have, size;
	bool whole = true;

	for (uint32_t i = 0; i < btf->name_count; i++)
		wanted[btf_hash(btf->names[i].text, btf->names[i].length)] =
			true;
	while (position < btf->strings_end && btf->missing) {
		left = btf->strings_end - position;
		have = BTF_NAME_MAX + 1;
		text = btf_bytes(btf, position, left < have ? left : have);
		if (!text)
			return -EBADMSG;
		have = btf->window + btf->length - text;
		if (have > left)
			have = left;
		size = btf_span(text, have);
		if (whole && size < have && wanted[btf_hash(text, size)])
			btf_match(btf, text, size, position - btf->strings);
		/* Without an end, it is longer than any name: find its end. */
		whole = size < have;
		position += size + whole;
	}
	for (uint32_t i = 0; i < btf->name_count; i++)
		if (btf->names[i].is_type)
			btf->type_names |= 1ULL << btf->names[i].offset % 64;
	return 0;
}

/* btf_size - how many bytes a type has, or 0 if its kind is not known */
static uint64_t btf_size(const struct btf_file *btf,
			 const struct btf_type *type)
{
	const struct btf_kind *kind = &btf->kinds[BTF_KIND(type->info)];

	return kind->fixed + (uint64_t)BTF_VLEN(type->info) * kind->element;
}

/* btf_next - read the type at *position, and move past it; 0, or -errno */
static int btf_next(struct btf_file *btf, uint64_t *position,
		    struct btf_type *type)
{
	const unsigned char *bytes;
	uint64_t size;

	bytes = btf_bytes(btf, *position, sizeof(*type));
	if (!bytes)
		return -EBADMSG;
	memcpy(type, bytes, sizeof(*type));
	size = btf_size(btf, type);
	if (!size)
		return -EOPNOTSUPP;
	*position += size;
	return *position > btf->types_end ? -EBADMSG : 0;
}

/* btf_remember - put the next type, at `position`, into the index */
static void btf_remember(struct btf_file *btf, uint64_t position)
{
	if (btf->indexed == BTF_INDEX) {
		/* Full: keep every second, to which this one belongs. */
		for (uint32_t i = 0; i < BTF_INDEX / 2; i++)
			btf->index[i] = btf->index[2 * i];
		btf->indexed /= 2;
		btf->stride *= 2;
	}
	btf->index[btf->indexed++] = position - btf->types;
}

/* btf_is_composite - whether it is a struct or a union */
static bool btf_is_composite(const struct btf_type *type)
{
	return BTF_KIND(type->info) == BTF_KIND_STRUCT ||
	       BTF_KIND(type->info) == BTF_KIND_UNION;
}

/* btf_is_wanted - whether it is a struct or union that has a wanted name */
static bool btf_is_wanted(const struct btf_file *btf,
			  const struct btf_type *type)
{
	if (!(btf->type_names >> type->name_off % 64 & 1) || !type->name_off ||
	    !btf_is_composite(type))
		return false;
	for (uint32_t i = 0; i < btf->name_count; i++)
		if (btf->names[i].offset == type->name_off &&
		    btf->names[i].is_type)
			return true;
	return false;
}

/*
 * btf_walk - index types up to the next struct that has a wanted name, and
 * note it
 *
 * The inner loop has all that the window has: there are over 100,000 types.
 *
 * Returns 1, 0 if none is left, or -errno.
 */
static int btf_walk(struct btf_file *btf)
{
	const unsigned char *bytes;
	uint64_t start, left, have, size;
	struct btf_type type;

	while (btf->walked < btf->types_end) {
		bytes = btf_bytes(btf, btf->walked, sizeof(type));
		left = btf->types_end - btf->walked;
		if (!bytes || left < sizeof(type))
			return -EBADMSG;
		have = btf->window + btf->length - bytes;
		if (have > left)
			have = left;
		for (; have >= sizeof(type); have -= size, bytes += size) {
			start = btf->walked;
			/* The stride is a power of two. */
			if (!(btf->type_count++ & (btf->stride - 1)))
				btf_remember(btf, start);
			memcpy(&type, bytes, sizeof(type));
			size = btf_size(btf, &type);
			if (!size)
				return -EOPNOTSUPP;
			if (size > btf->types_end - start)
				return -EBADMSG;
			btf->walked += size;
			if (btf_is_wanted(btf, &type)) {
				if (btf->struct_count == BTF_STRUCTS)
					return -EBADMSG;
				btf->structs[btf->struct_count++] =
					start - btf->types;
				return 1;
			}
			if (size > have)
				break;
		}
	}
	return 0;
}

/* btf_type_at - read type `id`, and find its position; 0, or -errno */
static int btf_type_at(struct btf_file *btf, uint32_t id, uint64_t *position,
		       struct btf_type *type)
{
	uint64_t next;
	int error;

	/* A member may refer to a type that follows. */
	do
		error = id > btf->type_count ? btf_walk(btf) : 0;
	while (error > 0);
	if (error)
		return error;
	if (!id || id > btf->type_count)
		return -EBADMSG;
	next = btf->types + btf->index[(id - 1) / btf->stride];
	for (uint32_t i = 0; i <= (id - 1) % btf->stride; i++) {
		*position = next;
		error = btf_next(btf, &next, type);
		if (error)
			return error;
	}
	return 0;
}

/*
 * btf_integer - find the size of an integer, enumeration or pointer
 *
 * Adds to *bit_offset the offset that an integer type of an old-style bit field
 * has. *bit_size is 0 for any other type.
 *
 * Returns 0, or -errno.
 */
static int btf_integer(struct btf_file *btf, uint32_t id, uint32_t *bit_offset,
		       uint32_t *bit_size)
{
	const unsigned char *bytes;
	struct btf_type type;
	uint64_t position;
	uint32_t encoding;
	int error;

	*bit_size = 0;
	/* typedefs of typedefs of const ... */
	for (int depth = 0; depth < 32; depth++) {
		error = btf_type_at(btf, id, &position, &type);
		if (error)
			return error;
		switch (BTF_KIND(type.info)) {
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case KIND_TYPE_TAG:
			id = type.type;
			continue;
		case BTF_KIND_INT:
			bytes = btf_bytes(btf, position + sizeof(type), 4);
			if (!bytes)
				return -EBADMSG;
			memcpy(&encoding, bytes, sizeof(encoding));
			*bit_offset += BTF_INT_OFFSET(encoding);
			*bit_size = BTF_INT_BITS(encoding);
			return 0;
		case BTF_KIND_ENUM:
		case KIND_ENUM64:
			*bit_size = type.size * 8;
			return 0;
		case BTF_KIND_PTR:
			*bit_size = machine_word() * 8;
			return 0;
		default:
			return 0;
		}
	}
	return -EBADMSG;
}

/*
 * btf_search - find a member in the struct at `position`, also in its anonymous
 * structs and unions
 *
 * bit_offset is where that struct starts in the outermost one.
 *
 * Returns 1 if it is found, 0 if not, or -errno.
 */
static int btf_search(struct btf_file *btf, uint64_t position, uint32_t name,
		      uint32_t bit_offset, int depth, struct btf_wanted *answer)
{
	const unsigned char *bytes;
	uint64_t next = position, inner;
	struct btf_type type, inner_type;
	struct btf_member member;
	uint32_t start;
	int result;

	result = btf_next(btf, &next, &type);
	if (result)
		return result;
	position += sizeof(type);
	for (; position < next; position += sizeof(member)) {
		bytes = btf_bytes(btf, position, sizeof(member));
		if (!bytes || !btf->budget--)
			return -EBADMSG;
		memcpy(&member, bytes, sizeof(member));
		start = member.offset;
		answer->bit_size = 0;
		if (BTF_INFO_KFLAG(type.info)) {
			start = BTF_MEMBER_BIT_OFFSET(member.offset);
			answer->bit_size =
				BTF_MEMBER_BITFIELD_SIZE(member.offset);
		}
		start += bit_offset;
		if (member.name_off == name) {
			answer->bit_offset = start;
			if (answer->bit_size)
				return 1;
			result = btf_integer(btf, member.type,
					     &answer->bit_offset,
					     &answer->bit_size);
			return result ? result : 1;
		}
		if (member.name_off || depth == BTF_DEPTH)
			continue;
		result = btf_type_at(btf, member.type, &inner, &inner_type);
		if (!result && btf_is_composite(&inner_type))
			result = btf_search(btf, inner, name, start, depth + 1,
					    answer);
		if (result)
			return result;
	}
	return 0;
}

/* btf_resolve - answer one question; returns 0, or -errno */
static int btf_resolve(struct btf_file *btf, struct btf_wanted *answer)
{
	uint32_t type_name = btf_name(btf, answer->type);
	uint32_t name = btf_name(btf, answer->member);
	struct btf_type type;
	uint64_t position;
	int result;

	answer->found = false;
	for (uint32_t i = 0; name && type_name; i++) {
		result = i < btf->struct_count ? 1 : btf_walk(btf);
		if (result <= 0)
			return result;
		position = btf->types + btf->structs[i];
		result = btf_next(btf, &position, &type);
		if (!result && type.name_off != type_name)
			continue;
		if (!result)
			result = btf_search(btf, btf->types + btf->structs[i],
					    name, 0, 0, answer);
		if (result < 0)
			return result;
		if (result) {
			answer->found = true;
			return 0;
		}
	}
	return 0;
}

int btf_find(int fd, struct btf_wanted *members, size_t count)
{
	struct btf_file btf;
	int error;

	error = btf_open(&btf, fd);
	for (size_t i = 0; !error && i < count; i++) {
		error = btf_want(&btf, members[i].type, true);
		if (!error)
			error = btf_want(&btf, members[i].member, false);
	}
	if (!error)
		error = btf_strings(&btf);
	for (size_t i = 0; !error && i < count; i++)
		error = btf_resolve(&btf, &members[i]);
	if (btf.mapped)
		munmap((void *)btf.window, btf.length);
	return error == -EBADMSG && btf.error ? btf.error : error;
}
