/* The self-checking mode: see verify.h. */
#include <inttypes.h>
#include "base/log.h"
#include "target-ppc/exec.h"
#include "target-ppc/verify.h"

/* All state that units and what they do not call can change. */
#define FIRST offsetof(PpcCpu, gpr)
#define BYTES (offsetof(PpcCpu, sr) - FIRST)

typedef struct Write {
	uint8_t *host;
	uint8_t n;
	uint8_t old[16], now[16];
} Write;

struct PpcVerify {
	GArray *code, *interp; /* of Write */
	GArray *noting;	       /* which of them; NULL: none */
	uint8_t before[BYTES], after[BYTES];
	uint64_t slice, limit; /* budget before, and what the unit was given of it */
	uint64_t done;
	bool again; /* the interpreter is at it */
	const PpcUnit *unit;
};

PpcVerify *ppc_verify_new(void)
{
	PpcVerify *v = g_new0(PpcVerify, 1);

	v->code = g_array_new(FALSE, FALSE, sizeof(Write));
	v->interp = g_array_new(FALSE, FALSE, sizeof(Write));
	return v;
}

void ppc_verify_free(PpcVerify *v)
{
	if (!v)
		return;
	g_array_unref(v->code);
	g_array_unref(v->interp);
	g_free(v);
}

void ppc_verify_note(PpcCpu *cpu, uint8_t *host, unsigned n)
{
	PpcVerify *v = cpu->verify;
	Write w = { .host = host, .n = (uint8_t)n };

	if (!v->noting)
		return;
	memcpy(w.old, host, n);
	g_array_append_val(v->noting, w);
}

void ppc_verify_begin(PpcCpu *cpu, uint64_t limit)
{
	PpcVerify *v = cpu->verify;

	memcpy(v->before, (uint8_t *)cpu + FIRST, BYTES);
	v->slice = cpu->slice_left;
	v->limit = cpu->slice_left = MIN(cpu->slice_left, limit);
	g_array_set_size(v->code, 0);
	g_array_set_size(v->interp, 0);
	v->noting = v->code;
}

static Write *write_at(GArray *a, unsigned i)
{
	return &g_array_index(a, Write, i);
}

/* Notes what writes have led to, and takes them back. */
static void undo(GArray *writes)
{
	for (unsigned i = 0; i < writes->len; i++) {
		Write *w = write_at(writes, i);

		memcpy(w->now, w->host, w->n);
	}
	for (unsigned i = writes->len; i-- > 0;) {
		Write *w = write_at(writes, i);

		memcpy(w->host, w->old, w->n);
	}
}

static void redo(GArray *writes)
{
	for (unsigned i = 0; i < writes->len; i++) {
		Write *w = write_at(writes, i);

		memcpy(w->host, w->now, w->n);
	}
}

static void explain(PpcCpu *cpu, const char *what)
{
	g_autoptr(GString) s = g_string_new(NULL);
	PpcVerify *v = cpu->verify;
	uint8_t interp[BYTES];

	v->noting = NULL;
	v->again = false;
	memcpy(interp, (uint8_t *)cpu + FIRST, BYTES);
	g_string_append_printf(s,
			       "verify: interpreter and host code differ: %s, in the unit at real "
			       "0x%" PRIx64 ", %" PRIu64 " instructions:\n",
			       what, v->unit->pa, v->done);
	for (unsigned i = 0; i < v->unit->n; i++) {
		const PpcOp *op = &v->unit->block->ops[i];

		ppc_debug_disas(cpu, (v->unit->pa & PPC_PAGE_MASK) + op->off, true, s);
		g_string_append_c(s, '\n');
	}
	g_string_append(s, "interpreter:\n");
	ppc_show(cpu, true, s);
	memcpy((uint8_t *)cpu + FIRST, v->after, BYTES);
	g_string_append(s, "host code:\n");
	ppc_show(cpu, true, s);
	memcpy((uint8_t *)cpu + FIRST, v->before, BYTES);
	g_string_append(s, "before:\n");
	ppc_show(cpu, true, s);
	memcpy((uint8_t *)cpu + FIRST, interp, BYTES);
	log_line("%s", s->str);
	vcpupool_hold(cpu->dev.machine->pool);
	machine_request_shutdown(cpu->dev.machine, STOP_PANIC);
}

/* Does memory hold what these writes have led to? */
static bool holds(PpcCpu *cpu, GArray *writes)
{
	for (unsigned i = 0; i < writes->len; i++) {
		const Write *w = write_at(writes, i);
		g_autofree char *what = NULL;

		if (!memcmp(w->host, w->now, w->n))
			continue;
		what = g_strdup_printf("%u bytes of RAM at 0x%" PRIx64, w->n,
				       (uint64_t)(w->host - cpu->dev.machine->ram->host));
		explain(cpu, what);
		return false;
	}
	return true;
}

/* Is memory, as the interpreter has left it, what the unit left? */
static bool same_memory(PpcCpu *cpu)
{
	PpcVerify *v = cpu->verify;
	bool same;

	if (!holds(cpu, v->code))
		return false;
	undo(v->interp);
	redo(v->code);
	same = holds(cpu, v->interp);
	undo(v->code);
	redo(v->interp);
	return same;
}

bool ppc_verify_end(PpcCpu *cpu, const PpcUnit *u)
{
	PpcVerify *v = cpu->verify;
	uint8_t *now = (uint8_t *)cpu + FIRST;

	v->unit = u;
	v->done = v->limit - cpu->slice_left;
	memcpy(v->after, now, BYTES);
	undo(v->code);
	memcpy(now, v->before, BYTES);
	v->noting = v->interp;
	v->again = true;
	ppc_interpret(cpu, v->done);
	v->again = false;
	v->noting = NULL;
	cpu->slice_left = v->slice - v->done;
	if (memcmp(now, v->after, BYTES) != 0) {
		explain(cpu, "registers");
		return false;
	}
	return same_memory(cpu);
}

void ppc_verify_raised(PpcCpu *cpu)
{
	PpcVerify *v = cpu->verify;

	if (!v->again)
		return;
	cpu->slice_left = v->slice - v->done;
	explain(cpu, "the interpreter raised an interrupt");
}
