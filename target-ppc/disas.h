/* Disassembler, from the instruction table. */
#ifndef TARGET_PPC_DISAS_H
#define TARGET_PPC_DISAS_H

#include <stdint.h>
#include <glib.h>

/*
 * Appends one instruction as text in the assembler's syntax, with the usual
 * extended mnemonics; ".long 0x..." when a CPU with these features (PPC_F_*)
 * has no such instruction.  ea is where it stands, for branch targets;
 * suffix is the following word, for prefixed instructions (which never stand
 * across a 64-byte boundary).  Returns its length in bytes: 4, or 8 for a
 * prefixed one.
 */
unsigned ppc_disas(uint64_t features, uint32_t word, uint32_t suffix, uint64_t ea, GString *out);

/* The same without extended mnemonics: the row's own mnemonic and every operand. */
unsigned ppc_disas_basic(uint64_t features, uint32_t word, uint32_t suffix, uint64_t ea,
			 GString *out);

#endif
