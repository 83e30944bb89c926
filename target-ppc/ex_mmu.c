/*
 * Translation control: SLB, TLB, segment registers (Power ISA 3.0B book III
 * 5.9.3; 2.07 book III-S 5.9.3).
 */
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"

#define SLB_V BIT64(36)

static unsigned seg_shift(uint64_t b)
{
	return b == 1 ? 40 : 28;
}

/* Did any instruction page go? */
static bool forget_in(PpcTlbCtx *c, uint64_t ea, unsigned shift)
{
	bool code = c->lost;

	c->tibs = 0;
	for (unsigned k = 0; k < PPC_TLB_SIZE; k++) {
		PpcTlbEntry *e = &c->d[k];

		if (!((e->rd ^ ea) >> shift))
			e->rd = TLB_NONE;
		if (!((e->wr ^ ea) >> shift))
			e->wr = TLB_NONE;
		if (e->rd != TLB_NONE)
			c->tibs |= UINT64_C(1) << (e->rd >> 40 & 63);
		if (e->wr != TLB_NONE)
			c->tibs |= UINT64_C(1) << (e->wr >> 40 & 63);
	}
	for (unsigned k = 0; k < PPC_ITLB_SIZE; k++) {
		PpcItlbEntry *i = &c->i[k];

		if (i->tag == TLB_NONE)
			continue;
		if (!((i->tag ^ ea) >> shift)) {
			i->tag = TLB_NONE;
			code = true;
		} else {
			c->tibs |= UINT64_C(1) << (i->tag >> 40 & 63);
		}
	}
	return code;
}

/*
 * Entries of the software TLB that one segment made, on this CPU.  Guests with more
 * segments than an SLB holds ask for this all the time: contexts that cannot hold
 * any are passed over.
 */
static void forget_segment(PpcCpu *cpu, uint64_t ea, unsigned shift)
{
	PpcTlb *t = cpu->tlb;

	for (unsigned n = 0; n < PPC_TLB_CTX; n++) {
		PpcTlbCtx *c = t->ctx[n];

		if (!c || !ppc_tlb_is_hash(c) || !(c->tibs >> (ea >> 40 & 63) & 1))
			continue;
		if (forget_in(c, ea, shift))
			ppc_tlb_new_gen(t, c);
	}
	ppc_new_epoch(cpu);
}

static void forget_entry(PpcCpu *cpu, const PpcSlbEntry *e)
{
	if (e->esid & SLB_V)
		forget_segment(cpu, e->esid, seg_shift(e->vsid >> 62));
}

void ex_slbmte(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t rb = cpu->gpr[op->RB], rs = cpu->gpr[op->RS];
	PpcSlbEntry *e = &cpu->slb[(rb & 0xfff) % cpu->model->slb_size];
	uint64_t esid = rb & (~UINT64_C(0xfffffff) | SLB_V);

	if (e->esid == esid && e->vsid == rs)
		return;
	forget_entry(cpu, e);
	e->esid = esid;
	e->vsid = rs;
}

static void slb_drop(PpcCpu *cpu, PpcSlbEntry *e)
{
	forget_entry(cpu, e);
	e->esid &= ~SLB_V;
}

void ex_slbie(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t rb = cpu->gpr[op->RB];
	unsigned shift = seg_shift(rb >> 25 & 3);

	for (unsigned i = 0; i < cpu->model->slb_size; i++) {
		PpcSlbEntry *e = &cpu->slb[i];

		if ((e->esid & SLB_V) && !((e->esid ^ rb) >> shift))
			slb_drop(cpu, e);
	}
}

/* Global forms: our CPUs share no segment tables, so they concern this one. */
void ex_slbiag(PpcCpu *cpu, const PpcOp *op)
{
	const PpcFlush f = { .kind = PPC_FLUSH_SLB };

	(void)op;
	for (unsigned i = 0; i < cpu->model->slb_size; i++)
		cpu->slb[i].esid &= ~SLB_V;
	ppc_tlb_do(cpu, &f);
	ppc_new_epoch(cpu);
}

void ex_slbieg(PpcCpu *cpu, const PpcOp *op)
{
	ex_slbie(cpu, op);
}

/*
 * IH (3.0B): 0-2 all but entry 0; 3, 6: those of class 1; 4: all; 7: lookaside only.
 * Lookaside entries that no segment made go by tlbie already: Linux says slbia
 * after each of them for the sake of the ERATs that POWER9 has beside its TLB.
 */
void ex_slbia(PpcCpu *cpu, const PpcOp *op)
{
	const PpcFlush f = { .kind = PPC_FLUSH_SLB };
	bool class1 = op->IH == 3 || op->IH == 6;

	if (op->IH != 7)
		for (unsigned i = op->IH >= 3 ? 0 : 1; i < cpu->model->slb_size; i++)
			if (!class1 || (cpu->slb[i].vsid & BIT64(56)))
				cpu->slb[i].esid &= ~SLB_V;
	ppc_tlb_do(cpu, &f);
	ppc_new_epoch(cpu);
}

void ex_slbmfee(PpcCpu *cpu, const PpcOp *op)
{
	unsigned n = (unsigned)(cpu->gpr[op->RB] & 0xfff) % cpu->model->slb_size;

	cpu->gpr[op->RT] = cpu->slb[n].esid & SLB_V ? cpu->slb[n].esid : 0;
}

void ex_slbmfev(PpcCpu *cpu, const PpcOp *op)
{
	unsigned n = (unsigned)(cpu->gpr[op->RB] & 0xfff) % cpu->model->slb_size;

	cpu->gpr[op->RT] = cpu->slb[n].esid & SLB_V ? cpu->slb[n].vsid : 0;
}

void ex_slbfee_(PpcCpu *cpu, const PpcOp *op)
{
	const PpcSlbEntry *e = ppc_slb_lookup(cpu, cpu->gpr[op->RB]);

	cpu->gpr[op->RT] = e ? e->vsid : 0;
	cpu->cr[0] = (e ? 2 : 0) | cpu->xer.so;
}

void ex_slbsync(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

/* ------------------------------------------------------------------ TLB */

static void flush(PpcCpu *cpu, const PpcFlush *f, bool local)
{
	if (local)
		ppc_tlb_do(cpu, f);
	else
		ppc_tlb_everywhere(cpu, f);
	ppc_new_epoch(cpu);
}

/* tlbie[l] of 3.0B: RB = EPN | IS | AP, RS = PID | LPID. */
static void tlbie3(PpcCpu *cpu, uint64_t rb, uint64_t rs, unsigned ric, bool r, bool local)
{
	static const uint8_t ap_shift[8] = { 12, 21, 30, 0, 0, 16, 0, 0 };
	unsigned is = rb >> 10 & 3;
	PpcFlush f = { .kind = PPC_FLUSH_ALL };

	/* RIC 1: the page walk cache alone, and we keep none. */
	if (r && ric == 1)
		return;
	/* A congruence class at a time: everything goes with the first. */
	if (local && is && (rb >> 12 & 0xfff))
		return;
	if (r && is == 0 && ap_shift[rb >> 5 & 7]) {
		f.kind = PPC_FLUSH_RADIX;
		f.ea = rb & PPC_PAGE_MASK;
		f.shift = ap_shift[rb >> 5 & 7];
		f.pid = rs >> 32 & 0xfffff;
	} else if (r && is == 1) {
		f.kind = PPC_FLUSH_PID;
		f.ea = rs >> 32 & 0xfffff;
	}
	flush(cpu, &f, local);
}

void ex_tlbie3(PpcCpu *cpu, const PpcOp *op)
{
	tlbie3(cpu, cpu->gpr[op->RB], cpu->gpr[op->RS], op->RIC, op->R15, false);
}
void ex_tlbiel3(PpcCpu *cpu, const PpcOp *op)
{
	tlbie3(cpu, cpu->gpr[op->RB], cpu->gpr[op->RS], op->RIC, op->R15, true);
}

void ppc_tlbiel_radix(PpcCpu *cpu, uint64_t rb, uint64_t rs, unsigned ric)
{
	tlbie3(cpu, rb, rs, ric, true, true);
}

/* Before 3.0 RB holds a virtual address: which EAs had it nobody keeps. */
void ex_tlbie(PpcCpu *cpu, const PpcOp *op)
{
	const PpcFlush f = { .kind = PPC_FLUSH_ALL };

	if (cpu->model->mmu == PPC_MMU_32)
		ppc_tlbie_32(cpu, ppc_ea(cpu, cpu->gpr[op->RB]));
	else
		flush(cpu, &f, false);
}

void ex_tlbiel(PpcCpu *cpu, const PpcOp *op)
{
	const PpcFlush f = { .kind = PPC_FLUSH_ALL };

	(void)op;
	flush(cpu, &f, true);
}

/* Ends a block, so that what others wanted meanwhile concerns what comes next. */
void ex_tlbsync(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_tlb_wait(cpu);
}

/* ---------------------------------------------------- segment registers */

/*
 * On a 64-bit CPU the segment registers are SLB entries 0 to 15 (the bridge of
 * book III 2.01, 7.2): VSID, Ks, Kp and N; ESID n, 256 MiB, small pages.
 */
static void set_sr(PpcCpu *cpu, unsigned n, uint64_t v)
{
	PpcSlbEntry *e = &cpu->slb[n];
	uint64_t esid = (uint64_t)n << 28 | SLB_V;
	uint64_t vsid = (v & 0x7ffffff) << 12 | (v & 0x70000000) >> 19;

	if (cpu->model->mmu == PPC_MMU_32) {
		if (cpu->sr[n] == v)
			return;
		cpu->sr[n] = v;
		ppc_sr_changed(cpu, n);
		return;
	}
	if (e->esid == esid && e->vsid == vsid)
		return;
	forget_entry(cpu, e);
	e->esid = esid;
	e->vsid = vsid;
}

static uint64_t get_sr(const PpcCpu *cpu, unsigned n)
{
	const PpcSlbEntry *e = &cpu->slb[n];

	if (cpu->model->mmu == PPC_MMU_32)
		return cpu->sr[n];
	return (e->vsid >> 12 & 0x7ffffff) | (e->vsid & 0xe00) << 19;
}

void ex_mtsr(PpcCpu *cpu, const PpcOp *op)
{
	set_sr(cpu, op->SR, (uint32_t)cpu->gpr[op->RS]);
}

void ex_mtsrin(PpcCpu *cpu, const PpcOp *op)
{
	set_sr(cpu, cpu->gpr[op->RB] >> 28 & 15, (uint32_t)cpu->gpr[op->RS]);
}

void ex_mfsr(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = get_sr(cpu, op->SR);
}

void ex_mfsrin(PpcCpu *cpu, const PpcOp *op)
{
	cpu->gpr[op->RT] = get_sr(cpu, cpu->gpr[op->RB] >> 28 & 15);
}
