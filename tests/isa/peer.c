/* See peer.h. */
#include "tests/isa/peer.h"
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "target-ppc/exec.h"
#include "target-ppc/excp.h"
#include "target-ppc/fpu.h"

/* A process of the peer that takes longer is stuck in a case. */
enum { PEER_TIMEOUT = 60, SHOWN = 40 };

Peer *peer_new(const char *model, const char *peers_name, bool le)
{
	const PpcModel *m = ppc_model_find(model);
	bool wide = m->features & PPC_F_64;
	const char *prog = !wide ? "qemu-ppc" : le ? "qemu-ppc64le" : "qemu-ppc64";
	g_autofree char *path = g_find_program_in_path(prog);
	Peer *p;

	if (!path) {
		g_autofree char *why = g_strdup_printf("peer: no %s here (package qemu-user)",
						       prog);

		test_skipped(why);
		return NULL;
	}
	p = g_new0(Peer, 1);
	p->model = peers_name;
	p->le = le;
	p->wide = wide;
	p->features = m->features;
	p->vmx = m->features & PPC_F_VMX;
	p->vsx = m->features & PPC_F_VSX;
	p->msr = MSR_PR | MSR_FP | MSR_FE0 | MSR_FE1 | (p->vmx ? MSR_VEC : 0) |
		 (p->vsx ? MSR_VSX : 0) | (wide ? MSR_SF : 0) | (le ? MSR_LE : 0);
	p->rig = rig_new(model, p->msr);
	/* Problem state, all facilities there: as Linux runs a program. */
	p->msr = (p->rig->cpu->msr | p->msr) & ~(MSR_EE | MSR_IR | MSR_DR);
	p->rig->cpu->spr.FSCR = UINT64_MAX;
	if (m->mmu == PPC_MMU_32)
		p->rig->cpu->spr.HID0 |= BIT32(17); /* DCE: without a cache dcbz interrupts */
	ppc_state_changed(p->rig->cpu);
	p->seed = UINT64_C(0x123456789abcdef);
	p->examples = 1;
	p->seen = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	return p;
}

void peer_free(Peer *p)
{
	rig_free(p->rig);
	g_hash_table_unref(p->seen);
	g_free(p);
}

/* ---- Ours ---- */

static void set_msr(Peer *p)
{
	PpcCpu *cpu = p->rig->cpu;

	if (cpu->msr != p->msr) {
		cpu->msr = p->msr;
		ppc_state_changed(cpu);
	}
}

static void set_state(Peer *p, const PeerCase *c)
{
	PpcCpu *cpu = p->rig->cpu;
	const PeerState *s = &c->in;

	memcpy(cpu->gpr, s->gpr, sizeof(s->gpr));
	memcpy(cpu->vsr, s->vsr, sizeof(s->vsr));
	ppc_cr_set(cpu, (uint32_t)s->cr);
	ppc_xer_set(cpu, s->xer);
	cpu->resv_addr = UINT64_MAX;
	cpu->lr = s->lr;
	cpu->ctr = s->ctr;
	cpu->fpscr = s->fpscr;
	cpu->vscr = (uint32_t)s->vscr;
	cpu->spr.TAR = s->tar;
	cpu->spr.VRSAVE = s->vrsave;
	memcpy(rig_ram(p->rig, c->mem), s->mem, PEER_MEM);
	set_msr(p);
}

static uint64_t signal_of(const PpcCpu *cpu, uint64_t vector)
{
	uint64_t why = cpu->spr.SRR1;

	switch (vector) {
	case PPC_V_DSI:
	case PPC_V_DSEG:
	case PPC_V_ISI:
	case PPC_V_ISEG: return PEER_SIGSEGV;
	case PPC_V_MCHECK:
	case PPC_V_ALIGN: return PEER_SIGBUS;
	case PPC_V_PROGRAM:
		return why & PPC_PROG_FP     ? PEER_SIGFPE
		       : why & PPC_PROG_TRAP ? PEER_SIGTRAP
					     : PEER_SIGILL;
	default: return PEER_SIGILL;
	}
}

static void get_state(const Peer *p, const PeerCase *c, PeerState *s)
{
	const PpcCpu *cpu = p->rig->cpu;
	uint64_t end = c->code + 4 * c->words, nip = cpu->nip;

	memcpy(s->gpr, cpu->gpr, sizeof(s->gpr));
	memcpy(s->vsr, cpu->vsr, sizeof(s->vsr));
	s->cr = ppc_cr_get(cpu);
	s->xer = ppc_xer_get(cpu);
	s->lr = cpu->lr;
	s->ctr = cpu->ctr;
	s->fpscr = cpu->fpscr;
	s->vscr = cpu->vscr;
	s->tar = cpu->spr.TAR;
	s->vrsave = cpu->spr.VRSAVE;
	memcpy(s->mem, rig_ram(p->rig, c->mem), PEER_MEM);
	s->sig = 0;
	if (nip == PEER_LOW_PAD) {
		s->exit = PEER_LOW;
	} else if (nip < RIG_CODE) { /* a vector */
		s->sig = signal_of(cpu, nip);
		s->exit = cpu->spr.SRR0;
	} else {
		s->exit = nip < end || nip > end + 8 ? (uint64_t)PEER_ELSEWHERE : (nip - end) / 4;
	}
}

/* What 32-bit models have no upper halves of. */
static void narrow(const Peer *p, PeerState *s)
{
	if (p->wide)
		return;
	for (unsigned i = 0; i < 32; i++)
		s->gpr[i] = (uint32_t)s->gpr[i];
	s->lr = (uint32_t)s->lr;
	s->ctr = (uint32_t)s->ctr;
	s->xer = (uint32_t)s->xer;
	s->fpscr = (uint32_t)s->fpscr;
	s->exit = (uint32_t)s->exit;
}

static void run_ours(Peer *p, PeerCase *c, unsigned n)
{
	set_msr(p); /* byte order */
	for (unsigned i = 0; i < n; i++)
		rig_code(p->rig, c[i].code, c[i].word, c[i].words);
	for (unsigned i = 0; i < n; i++) {
		set_state(p, &c[i]);
		rig_run(p->rig, c[i].code, c[i].insns);
		/* An interrupt at the first of two: the second would run in the vector. */
		get_state(p, &c[i], &c[i].us);
		narrow(p, &c[i].us);
	}
}

/* ---- The peer's ---- */

/* Bytes that the peer wrote. */
static size_t run_program(const Peer *p, const GByteArray *image, uint8_t *out, size_t len)
{
	g_autofree char *path = NULL, *cmd = NULL;
	int fd = g_file_open_tmp("peer-XXXXXX", &path, NULL);
	size_t got;
	FILE *f;

	ck_assert_int_ge(fd, 0);
	ck_assert(write(fd, image->data, image->len) == (ssize_t)image->len);
	close(fd);
	ck_assert_int_eq(chmod(path, 0700), 0);
	cmd = g_strdup_printf("timeout %d %s -cpu %s %s 2>/dev/null", PEER_TIMEOUT,
			      !p->wide ? "qemu-ppc"
			      : p->le  ? "qemu-ppc64le"
				       : "qemu-ppc64",
			      p->model, path);
	f = popen(cmd, "r");
	got = fread(out, 1, len, f);
	pclose(f);
	unlink(path);
	return got;
}

/* ---- Comparison ---- */

static void show(const char *name, int index, uint64_t in, uint64_t us, uint64_t them, bool always)
{
	char full[16];

	if (us == them && !always)
		return;
	g_snprintf(full, sizeof(full), index < 0 ? "%s" : "%s%d", name, index);
	printf("  %-7s %016llx -> %016llx", full, (unsigned long long)in, (unsigned long long)us);
	if (us != them)
		printf(", peer's %016llx", (unsigned long long)them);
	printf("\n");
}

/* Is register n of this kind an operand of the case? */
static bool names(const PeerCase *c, unsigned n, bool vector)
{
	for (unsigned i = 0; c->row && i < c->row->noperands; i++) {
		const PpcOperand *o = &ppc_isa_operands[c->row->operand[i] & PPC_OPERAND_ID];
		uint64_t v = (uint64_t)ppc_op_value(&c->op, o);

		switch (o->kind) {
		case PPC_KIND_GPR:
		case PPC_KIND_GPR0:
		case PPC_KIND_GPRP:
			if (!vector && (n == v || (o->kind == PPC_KIND_GPRP && n == v + 1)))
				return true;
			break;
		case PPC_KIND_FPR:
		case PPC_KIND_VSR:
			if (vector && n == v)
				return true;
			break;
		case PPC_KIND_FPRP:
		case PPC_KIND_VSRP:
			if (vector && n / 2 == v / 2)
				return true;
			break;
		case PPC_KIND_ACC:
			if (vector && n / 4 == v)
				return true;
			break;
		case PPC_KIND_VR:
			if (vector && n == v + 32)
				return true;
		}
	}
	return false;
}

static void report(const Peer *p, const PeerCase *c)
{
	const PeerState *in = &c->in, *us = &c->us, *them = &c->peer;

	printf("%s %s", c->row ? c->row->mnemonic : "(no instruction)",
	       c->row ? c->row->operands : "");
	for (unsigned i = 0; i < c->words; i++)
		printf(" %08x", c->word[i]);
	printf(" (%s %s)%s%s\n", p->model, p->le ? "le" : "be", c->invalid ? " invalid form" : "",
	       c->reserved ? " reserved bits" : "");
	if (c->ea)
		printf("  ea = memory + %lld\n", (long long)(c->ea - c->mem));
	for (unsigned i = 0; i < 32; i++)
		show("r", (int)i, in->gpr[i], us->gpr[i], them->gpr[i], names(c, i, false));
	for (unsigned i = 0; i < 64; i++)
		for (unsigned k = 0; k < 2; k++)
			show(k ? "    v" : "v", (int)i, VSR_D(in->vsr[i], k), VSR_D(us->vsr[i], k),
			     VSR_D(them->vsr[i], k), names(c, i, true));
	show("cr", -1, in->cr, us->cr, them->cr, false);
	show("xer", -1, in->xer, us->xer, them->xer, false);
	show("lr", -1, in->lr, us->lr, them->lr, false);
	show("ctr", -1, in->ctr, us->ctr, them->ctr, false);
	show("tar", -1, in->tar, us->tar, them->tar, false);
	show("vrsave", -1, in->vrsave, us->vrsave, them->vrsave, false);
	show("fpscr", -1, in->fpscr, us->fpscr, them->fpscr,
	     c->row && c->row->facility != PPC_FAC_NONE);
	show("vscr", -1, in->vscr, us->vscr, them->vscr, false);
	show("signal", -1, 0, us->sig, them->sig, false);
	show("exit", -1, 0, us->exit, them->exit, false);
	for (unsigned i = 0; i < PEER_MEM; i += 8)
		show("mem+", (int)i, ld64_be(in->mem + i), ld64_be(us->mem + i),
		     ld64_be(them->mem + i), false);
}

/* One program for the cases; false: the peer did not come back from one of them. */
static bool run_batch(const Peer *p, PeerCase *c, unsigned n)
{
	size_t len = n * (size_t)PEER_RECORD;
	g_autofree uint8_t *out = g_malloc(len);
	GByteArray *image = peer_agent(p, c, n);
	bool ok = run_program(p, image, out, len) == len;

	g_byte_array_unref(image);
	for (unsigned i = 0; ok && i < n; i++) {
		peer_read_record(p, out + i * (size_t)PEER_RECORD, &c[i].peer);
		narrow(p, &c[i].peer);
	}
	return ok;
}

/*
 * Finds the first case that the peer does not come back from by halving; the others of the
 * batch count as not run.
 */
static void name_killer(Peer *p, PeerCase *c, unsigned n)
{
	unsigned good = 0, bad = n;

	while (bad - good > 1) {
		unsigned mid = good + (bad - good) / 2;

		if (run_batch(p, c, mid))
			good = mid;
		else
			bad = mid;
	}
	printf("peer (%s %s): does not come back from case %u:\n", p->model, p->le ? "le" : "be",
	       good);
	c[good].peer = c[good].us;
	report(p, &c[good]);
	fflush(stdout);
}

void peer_run(Peer *p, PeerCase *c, unsigned n)
{
	run_ours(p, c, n);
	if (run_batch(p, c, n))
		return;
	name_killer(p, c, n);
	ck_abort_msg("the peer does not come back");
}

/* One example of each row, up to a number, is enough to begin with. */
static bool first_of_row(Peer *p, const PeerCase *c)
{
	const char *name = c->row ? c->row->mnemonic : "";
	unsigned *seen = g_hash_table_lookup(p->seen, name);

	if (!seen) {
		seen = g_new0(unsigned, 1);
		g_hash_table_insert(p->seen, (void *)name, seen);
	}
	return (*seen)++ < p->examples && g_hash_table_size(p->seen) <= SHOWN;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void peer_summary(Peer *p)
{
	g_autofree const char **names = NULL;
	unsigned n = 0;

	names = (const char **)g_hash_table_get_keys_as_array(p->seen, &n);
	qsort(names, n, sizeof(*names), by_name);
	for (unsigned i = 0; i < n; i++)
		printf("%s%s: %u", i ? ", " : "  ", *names[i] ? names[i] : "(no instruction)",
		       *(unsigned *)g_hash_table_lookup(p->seen, names[i]));
	printf("%speer (%s %s): %u cases, %u differ, %u more as docs/differences.md explains\n",
	       n ? "\n" : "", p->model, p->le ? "le" : "be", p->cases, p->bad, p->explained);
	fflush(stdout);
}

void peer_judge(Peer *p, PeerCase *c, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		p->cases++;
		if (!memcmp(&c[i].us, &c[i].peer, sizeof(PeerState)))
			continue;
		if (peer_explain(p, &c[i])) {
			p->explained++;
			continue;
		}
		p->bad++;
		if (first_of_row(p, &c[i]))
			report(p, &c[i]);
	}
}
