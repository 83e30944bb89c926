/*
 * ELF programs into guest RAM.  System V ABI, "Object Files" (headers, program
 * headers) for the layout; machine numbers from the registry of the gABI.
 *
 * A file is read in place, piece by piece: what the host must hold does not
 * grow with the file.  Relocations are not applied: PowerPC kernels and their
 * boot wrappers relocate themselves.
 */
#include "roms/elf.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/bits.h"
#include "base/err.h"

#define EHDR32_SIZE 52
#define EHDR64_SIZE 64
#define PHDR32_SIZE 32
#define PHDR64_SIZE 56
#define PHDR_MAX 64 /* program headers; kernels have two to five */
#define CHUNK 65536

enum { ELFCLASS32 = 1, ELFCLASS64 = 2, ELFDATA2LSB = 1, ELFDATA2MSB = 2 };
enum { ET_REL = 1, ET_EXEC = 2, ET_DYN = 3, ET_CORE = 4 };
enum { EM_PPC = 20, EM_PPC64 = 21 };
enum { PT_LOAD = 1 };

/* Link addresses without the region that kernels live in. */
#define MASK64 UINT64_C(0x0fffffffffffffff)
#define MASK32 UINT64_C(0x0fffffff)

/* A file, or bytes in memory. */
typedef struct Source {
	const char *name;
	const uint8_t *mem; /* NULL: fd */
	uint64_t len;
	int fd;
} Source;

typedef struct Segment {
	uint64_t offset, filesz, memsz, vaddr;
	uint64_t pa; /* where it goes */
} Segment;

static bool source_open(Source *s, const char *path, GError **err)
{
	struct stat st;

	*s = (Source){ .name = path };
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0)
		return fail(err, "%s: %s", path, g_strerror(errno));
	if (fstat(s->fd, &st) < 0) {
		fail(err, "%s: %s", path, g_strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		fail(err, "%s: is a folder", path);
	} else if (!S_ISREG(st.st_mode)) {
		fail(err, "%s: not a regular file", path);
	} else if (!st.st_size) {
		fail(err, "%s: the file is empty", path);
	} else {
		s->len = (uint64_t)st.st_size;
		return true;
	}
	close(s->fd);
	return false;
}

static bool source_read(const Source *s, uint64_t offset, void *buf, uint64_t len, GError **err)
{
	uint8_t *to = buf;
	ssize_t n;

	if (offset > s->len || len > s->len - offset)
		return fail(err, "%s: truncated", s->name);
	if (s->mem) {
		memcpy(buf, s->mem + offset, len);
		return true;
	}
	while (len) {
		n = pread(s->fd, to, len, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, "%s: %s", s->name, g_strerror(errno));
		if (!n) /* the file became shorter */
			return fail(err, "%s: truncated", s->name);
		to += n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return true;
}

/* Source to RAM; the caller has checked that pa .. pa + len is RAM. */
static bool source_to_ram(const Source *s, uint64_t offset, uint64_t len, Ram *ram, uint64_t pa,
			  GError **err)
{
	g_autofree uint8_t *buf = g_malloc(CHUNK);
	uint64_t n;

	for (; len; len -= n, offset += n, pa += n) {
		n = MIN(len, CHUNK);
		if (!source_read(s, offset, buf, n, err))
			return false;
		ram_write(ram, pa, buf, n);
	}
	return true;
}

static const char *machine_name(unsigned em)
{
	static const struct {
		uint16_t em;
		const char *name;
	} names[] = {
		{ 2, "SPARC" },	   { 3, "x86" },       { 4, "m68k" },	    { 8, "MIPS" },
		{ 15, "PA-RISC" }, { 20, "PowerPC" },  { 21, "PowerPC64" }, { 22, "s390" },
		{ 40, "Arm" },	   { 42, "SuperH" },   { 43, "SPARC64" },   { 50, "IA-64" },
		{ 62, "x86-64" },  { 183, "AArch64" }, { 243, "RISC-V" },   { 258, "LoongArch" },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i].em == em)
			return names[i].name;
	}
	return NULL;
}

/* Numbers of the file's byte order and class. */
static uint16_t get16(const ElfInfo *f, const uint8_t *p)
{
	return f->le ? ld16_le(p) : ld16_be(p);
}

static uint32_t get32(const ElfInfo *f, const uint8_t *p)
{
	return f->le ? ld32_le(p) : ld32_be(p);
}

static uint64_t get_addr(const ElfInfo *f, const uint8_t *p)
{
	if (!f->is64)
		return get32(f, p);
	return f->le ? ld64_le(p) : ld64_be(p);
}

/* e_ident, e_type, e_machine: is it a program for a PowerPC? */
static bool check_ident(const Source *s, const uint8_t *h, ElfInfo *f, GError **err)
{
	unsigned class = h[4], data = h[5], em, type;

	if (class != ELFCLASS32 && class != ELFCLASS64)
		return fail(err, "%s: ELF class %u is neither 32-bit nor 64-bit", s->name, class);
	if (data != ELFDATA2LSB && data != ELFDATA2MSB)
		return fail(err, "%s: ELF byte order %u is unknown", s->name, data);
	f->is64 = class == ELFCLASS64;
	f->le = data == ELFDATA2LSB;
	type = get16(f, h + 16);
	em = get16(f, h + 18);
	if (em != EM_PPC && em != EM_PPC64) {
		const char *name = machine_name(em);

		if (name)
			return fail(err, "%s: is for %s, not PowerPC", s->name, name);
		return fail(err, "%s: is for machine %u, not PowerPC", s->name, em);
	}
	if (f->is64 != (em == EM_PPC64))
		return fail(err, "%s: %s in a %s-bit ELF file", s->name, machine_name(em),
			    f->is64 ? "64" : "32");
	if (!f->is64 && f->le)
		return fail(err, "%s: is for 32-bit little-endian PowerPC, which no machine is",
			    s->name);
	if (type != ET_EXEC && type != ET_DYN)
		return fail(err, "%s: is an ELF %s, not a program", s->name,
			    type == ET_REL    ? "object file"
			    : type == ET_CORE ? "core dump"
					      : "file");
	return true;
}

static bool get_segment(const Source *s, const ElfInfo *f, uint64_t at, uint64_t base, Segment *seg,
			bool *load, GError **err)
{
	uint8_t p[PHDR64_SIZE];
	uint64_t pa;

	if (!source_read(s, at, p, f->is64 ? PHDR64_SIZE : PHDR32_SIZE, err))
		return false;
	*load = get32(f, p) == PT_LOAD;
	if (f->is64) {
		seg->offset = get_addr(f, p + 8);
		seg->vaddr = get_addr(f, p + 16);
		seg->filesz = get_addr(f, p + 32);
		seg->memsz = get_addr(f, p + 40);
	} else {
		seg->offset = get_addr(f, p + 4);
		seg->vaddr = get_addr(f, p + 8);
		seg->filesz = get_addr(f, p + 16);
		seg->memsz = get_addr(f, p + 20);
	}
	*load = *load && seg->memsz;
	if (!*load)
		return true;
	if (seg->filesz > seg->memsz)
		return fail(err, "%s: a segment has more bytes in the file than in memory",
			    s->name);
	if (seg->offset > s->len || seg->filesz > s->len - seg->offset)
		return fail(err, "%s: truncated", s->name);
	pa = seg->vaddr & (f->is64 ? MASK64 : MASK32);
	if (base > UINT64_MAX / 2 || seg->memsz > UINT64_MAX / 4)
		return fail(err, "%s: a segment at 0x%" G_GINT64_MODIFIER "x is impossibly large",
			    s->name, seg->vaddr);
	seg->pa = pa + base;
	return true;
}

/* All PT_LOAD headers; extents into f. */
static bool get_segments(const Source *s, const uint8_t *h, ElfInfo *f, uint64_t base,
			 Segment *segs, unsigned *nsegs, GError **err)
{
	uint64_t phoff = get_addr(f, h + (f->is64 ? 32 : 28));
	unsigned phentsize = get16(f, h + (f->is64 ? 54 : 42));
	unsigned phnum = get16(f, h + (f->is64 ? 56 : 44));
	bool load;

	*nsegs = 0;
	if (phnum > PHDR_MAX)
		return fail(err, "%s: %u program headers, more than %u", s->name, phnum, PHDR_MAX);
	if (phnum && phentsize < (f->is64 ? PHDR64_SIZE : PHDR32_SIZE))
		return fail(err, "%s: program headers of %u bytes", s->name, phentsize);
	if (phoff > s->len)
		return fail(err, "%s: truncated", s->name);
	f->low = UINT64_MAX;
	f->high = 0;
	for (unsigned i = 0; i < phnum; i++) {
		Segment *seg = &segs[*nsegs];

		if (!get_segment(s, f, phoff + (uint64_t)i * phentsize, base, seg, &load, err))
			return false;
		if (!load)
			continue;
		f->low = MIN(f->low, seg->pa);
		f->high = MAX(f->high, seg->pa + seg->memsz);
		(*nsegs)++;
	}
	if (!*nsegs)
		return fail(err, "%s: has nothing to load", s->name);
	return true;
}

static bool find_entry(const Source *s, uint64_t entry, const Segment *segs, unsigned nsegs,
		       ElfInfo *f, GError **err)
{
	for (unsigned i = 0; i < nsegs; i++) {
		if (entry >= segs[i].vaddr && entry - segs[i].vaddr < segs[i].memsz) {
			f->entry = segs[i].pa + (entry - segs[i].vaddr);
			if (f->entry & 3)
				break;
			return true;
		}
	}
	return fail(err, "%s: no code at its entry 0x%" G_GINT64_MODIFIER "x", s->name, entry);
}

static bool load_source(Ram *ram, const Source *s, uint64_t base, ElfInfo *out, GError **err)
{
	Segment segs[PHDR_MAX];
	uint8_t h[EHDR64_SIZE] = { 0 };
	ElfInfo f = { 0 };
	unsigned nsegs;

	if (!source_read(s, 0, h, MIN(s->len, sizeof(h)), err))
		return false;
	if (s->len >= 2 && h[0] == 0x1f && h[1] == 0x8b)
		return fail(err, "%s: is compressed with gzip, not an ELF file", s->name);
	if (memcmp(h, "\177ELF", MIN(s->len, 4)) != 0)
		return fail(err, "%s: not an ELF file", s->name);
	if (s->len < EHDR32_SIZE || (h[4] == ELFCLASS64 && s->len < EHDR64_SIZE))
		return fail(err, "%s: truncated", s->name);
	if (!check_ident(s, h, &f, err) || !get_segments(s, h, &f, base, segs, &nsegs, err) ||
	    !find_entry(s, get_addr(&f, h + 24), segs, nsegs, &f, err))
		return false;
	if (!ram_has(ram, f.low, f.high - f.low))
		return fail(err,
			    "%s: does not fit into %" G_GUINT64_FORMAT
			    " MiB of RAM (ends at %" G_GUINT64_FORMAT " MiB)",
			    s->name, ram->size >> 20, (f.high + 0xfffff) >> 20);
	for (unsigned i = 0; i < nsegs; i++) {
		if (!source_to_ram(s, segs[i].offset, segs[i].filesz, ram, segs[i].pa, err))
			return false;
		ram_fill(ram, segs[i].pa + segs[i].filesz, 0, segs[i].memsz - segs[i].filesz);
	}
	*out = f;
	return true;
}

bool elf_load(Ram *ram, const char *path, uint64_t base, ElfInfo *out, GError **err)
{
	Source s;
	bool ok;

	if (!source_open(&s, path, err))
		return false;
	ok = load_source(ram, &s, base, out, err);
	close(s.fd);
	return ok;
}

bool elf_load_mem(Ram *ram, const char *name, const void *data, uint64_t len, uint64_t base,
		  ElfInfo *out, GError **err)
{
	Source s = { .name = name, .mem = data, .len = len, .fd = -1 };

	if (!data || !len)
		return fail(err, "%s: the file is empty", name);
	return load_source(ram, &s, base, out, err);
}

bool elf_load_raw(Ram *ram, const char *path, uint64_t base, uint64_t max, uint64_t *size,
		  GError **err)
{
	Source s;
	bool ok;

	if (!source_open(&s, path, err))
		return false;
	if (s.len > max) {
		ok = fail(err,
			  "%s: %" G_GUINT64_FORMAT " bytes, more than the %" G_GUINT64_FORMAT
			  " there is room for",
			  path, s.len, max);
	} else if (!ram_has(ram, base, s.len)) {
		ok = fail(err,
			  "%s: does not fit into %" G_GUINT64_FORMAT
			  " MiB of RAM (%" G_GUINT64_FORMAT " bytes at 0x%" G_GINT64_MODIFIER "x)",
			  path, ram->size >> 20, s.len, base);
	} else {
		ok = source_to_ram(&s, 0, s.len, ram, base, err);
		*size = s.len;
	}
	close(s.fd);
	return ok;
}
