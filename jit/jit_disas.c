/* Host code as text, and for perf. */
#include <capstone.h>
#include <inttypes.h>
#include "jit/jit_int.h"

static void text(csh h, const uint8_t *code, size_t size, uint64_t at, GString *out)
{
	cs_insn *insn;
	size_t n = cs_disasm(h, code, size, at, 0, &insn);

	for (size_t i = 0; i < n; i++)
		g_string_append_printf(out, "  %06" PRIx64 "  %s %s\n", insn[i].address,
				       insn[i].mnemonic, insn[i].op_str);
	if (n)
		cs_free(insn, n);
}

void jit_disas(const Jit *j, const JitUnit *u, GString *out)
{
	csh h;

	if (cs_open(CS_ARCH_X86, CS_MODE_64, &h) != CS_ERR_OK)
		return;
	text(h, j->rx + u->code, u->hot, u->code, out);
	g_string_append(out, "  cold:\n");
	text(h, j->rx + u->code + u->hot, u->size - u->hot, u->code + u->hot, out);
	cs_close(&h);
}

void jit_perf_map(const Jit *j, const JitUnit *u, const char *name, FILE *to)
{
	fprintf(to, "%" PRIxPTR " %x %s\n", (uintptr_t)(j->rx + u->code), u->size, name);
}
