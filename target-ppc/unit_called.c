/*
 * Which instructions units have not done themselves, by row of ppc.isa: called in place, or left to the
 * interpreter by REDO.  It says what a translator would be good for.
 */
#include <inttypes.h>
#include <stdio.h>
#include "target-ppc/exec.h"
#include "target-ppc/unit.h"

enum { SHOWN = 12 };

static unsigned rows(void)
{
	return ppc_isa_row_count + ppc_isa_prefixed_count;
}

uint64_t *ppc_called_new(void)
{
	return g_new0(uint64_t, 2 * rows());
}

const PpcInsn *ppc_op_row(const PpcCpu *cpu, const PpcOp *op)
{
	const PpcInsn *r = ppc_isa_rows + ppc_isa_row_count;

	if (op->len == 4)
		return ppc_isa_find(op->word, cpu->features);
	/* Of a prefixed one the prefix is not kept; each row has its own function. */
	for (unsigned i = 0; i < ppc_isa_prefixed_count; i++, r++)
		if (r->ex == op->fn)
			return r;
	return NULL;
}

void ppc_called_left(PpcCpu *cpu, const PpcOp *op)
{
	const PpcInsn *r = ppc_op_row(cpu, op);

	if (r && cpu->called)
		cpu->called[rows() + r->row]++;
}

/* The most frequent ones of n, most frequent first. */
static void show(const uint64_t *count, GString *out)
{
	uint64_t last = UINT64_MAX;
	unsigned from = 0;

	for (unsigned k = 0; k < SHOWN; k++) {
		unsigned best = rows();

		/* The greatest below the last one shown; of equal ones the next. */
		for (unsigned i = 0; i < rows(); i++) {
			bool later = count[i] < last || (count[i] == last && i >= from);

			if (count[i] && later && (best == rows() || count[i] > count[best]))
				best = i;
		}
		if (best == rows())
			break;
		last = count[best];
		from = best + 1;
		g_string_append_printf(out, "%s %s %" PRIu64, k ? "," : "",
				       ppc_isa_rows[best].mnemonic, last);
	}
	g_string_append(out, "\n");
}

void ppc_called_show(const PpcCpu *cpu, GString *out)
{
	if (!cpu->called)
		return;
	g_string_append(out, "  called most:");
	show(cpu->called, out);
	g_string_append(out, "  interpreted most:");
	show(cpu->called + rows(), out);
}
