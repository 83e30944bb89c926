/*
 * Images of guests from files of the host: ELF programs for PowerPC
 * (vmlinux, zImage) and plain bytes (initrd, ROM).  System V ABI, chapter
 * "Object Files"; ELF for PowerPC and PowerPC64 ABI supplements.
 */
#ifndef ROMS_ELF_H
#define ROMS_ELF_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/ram.h"

typedef struct ElfInfo {
	uint64_t entry;	    /* physical address of the first instruction */
	uint64_t low, high; /* physical extent: first byte, one past the last (with bss) */
	bool is64;
	bool le;
} ElfInfo;

/*
 * Loads the PT_LOAD segments of an executable for PowerPC (32-bit big-endian,
 * 64-bit of either order) to their link address without the kernel's region
 * (the top 4 bits) plus base; bss is zeroed.  err says in one line what is wrong
 * with the file: missing, empty, truncated, not ELF, for another machine, does
 * not fit into RAM.
 */
bool elf_load(Ram *ram, const char *path, uint64_t base, ElfInfo *out, GError **err);
/* The same from memory; name is for messages. */
bool elf_load_mem(Ram *ram, const char *name, const void *data, uint64_t len, uint64_t base,
		  ElfInfo *out, GError **err);
/* Plain bytes to base, at most max of them; *size is what was loaded.  Empty files are refused. */
bool elf_load_raw(Ram *ram, const char *path, uint64_t base, uint64_t max, uint64_t *size,
		  GError **err);

#endif
