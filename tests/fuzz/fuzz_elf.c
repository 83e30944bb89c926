/*
 * Images of guests, loaded at the address kernels go to.  The first byte
 * chooses: the input's bytes, or a good file of some class and byte order with the
 * input's changes (offset, value).
 */
#include <string.h>
#include <glib.h>
#include "base/bits.h"
#include "roms/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define GOOD_SIZE 256

/* Numbers of 2, 4 or 8 bytes in either order. */
static void put(uint8_t *p, bool le, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[le ? i : bytes - 1 - i] = (uint8_t)(v >> 8 * i);
}

/* Two segments: one with bss, one with bytes only. */
static void good(uint8_t *b, bool is64, bool le)
{
	unsigned w = is64 ? 8 : 4, ph = is64 ? 64 : 52, phsize = is64 ? 56 : 32;
	uint64_t vaddr = is64 ? UINT64_C(0xc000000000000000) : 0xc0000000;

	memset(b, 0, GOOD_SIZE);
	memcpy(b, "\177ELF", 4);
	b[4] = is64 ? 2 : 1;
	b[5] = le ? 1 : 2;
	put(b + 16, le, 2, 2);
	put(b + 18, le, is64 ? 21 : 20, 2);
	put(b + 24, le, vaddr, w);
	put(b + 24 + w, le, ph, w);
	put(b + (is64 ? 54 : 42), le, phsize, 2);
	put(b + (is64 ? 56 : 44), le, 2, 2);
	for (unsigned i = 0; i < 2; i++, ph += phsize) {
		put(b + ph, le, 1, 4);
		put(b + ph + (is64 ? 8 : 4), le, 192, w);
		put(b + ph + (is64 ? 16 : 8), le, vaddr + i * 0x1000, w);
		put(b + ph + (is64 ? 32 : 16), le, 64, w);
		put(b + ph + (is64 ? 40 : 20), le, i ? 64 : 0x800, w);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static Ram *ram; /* the same for all inputs: nothing reads it */
	uint8_t b[GOOD_SIZE];
	GError *err = NULL;
	ElfInfo info;

	if (!size)
		return 0;
	if (data[0] & 3) {
		good(b, data[0] & 4, data[0] & 8);
		for (size_t i = 1; i + 1 < size; i += 2)
			b[data[i]] = data[i + 1];
		size = GOOD_SIZE - (data[0] & 0x10 ? data[0] >> 5 : 0); /* perhaps cut */
		data = b;
	} else {
		data++;
		size--;
	}

	if (!ram)
		ram = ram_new(8u << 20, NULL);
	if (elf_load_mem(ram, "input", data, size, 0x400000, &info, &err)) {
		/* What it says it did must lie in RAM. */
		if (!ram_has(ram, info.low, info.high - info.low) || info.entry < info.low ||
		    info.entry >= info.high)
			g_error("0x%" G_GINT64_MODIFIER "x to 0x%" G_GINT64_MODIFIER
				"x, entry 0x%" G_GINT64_MODIFIER "x",
				info.low, info.high, info.entry);
	} else if (!err || strchr(err->message, '\n')) {
		g_error("refused without a reason");
	}
	g_clear_error(&err);
	return 0;
}
