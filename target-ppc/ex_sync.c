/*
 * Storage control, ordering, reservations and atomic memory operations:
 * Power ISA 3.0B book II chapter 4.
 *
 * Caches are not modelled: touches are no-operations; flushes only check the address.
 * icbi ends with decoded code as a store into it does (a device may still be writing when
 * the decoder hears of it).  dcbz writes zeros.  Memory barriers are host barriers; the
 * heavy ones wait for what other CPUs have been asked to forget as well.  copy and
 * paste. find no accelerator anywhere: paste. is refused with the book's data
 * storage interrupt.  wait gives the rest of the slice to other CPUs and
 * goes on.  Transactions never begin (MSR[TM] is 0 on our models).
 */
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/debug.h"
#include "target-ppc/exec.h"

/* DSISR bits (book III 4.5.3): 37 wrong storage attribute, 60 copy or paste, 61 AMO function. */
#define DSISR_ATTR BIT32(37 - 32)
#define DSISR_COPY BIT32(60 - 32)
#define DSISR_AMO BIT32(61 - 32)

static inline uint64_t ea_x(const PpcCpu *cpu, const PpcOp *op)
{
	return ppc_ea(cpu, cpu->gpr[op->RA0] + cpu->gpr[op->RB]);
}

/* Is the address a multiple of n?  An alignment interrupt if not. */
static inline void aligned(PpcCpu *cpu, uint64_t ea, unsigned n)
{
	if (unlikely(ea & (n - 1)))
		ppc_raise_alignment(cpu, ea);
}

void ex_dcbt(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

void ex_dcbtst(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

void ex_icbt(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

/* Allocation is a hint; no content is promised. */
void ex_dcba(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

void ex_dcbst(PpcCpu *cpu, const PpcOp *op)
{
	ppc_probe(cpu, ea_x(cpu, op), 1, false);
}

void ex_dcbf(PpcCpu *cpu, const PpcOp *op)
{
	ppc_probe(cpu, ea_x(cpu, op), 1, false);
}

/* Treated as a store, since it may discard data. */
void ex_dcbi(PpcCpu *cpu, const PpcOp *op)
{
	ppc_probe(cpu, ea_x(cpu, op), 1, true);
}

void ex_icbi(PpcCpu *cpu, const PpcOp *op)
{
	unsigned n = cpu->model->cache_line;
	uint64_t pa = ppc_probe_pa(cpu, ea_x(cpu, op), false) & ~(uint64_t)(n - 1);

	if (ram_has(cpu->dev.machine->ram, pa, n))
		ppc_note_store(cpu, pa, n);
}

bool ppc_try_icbi(PpcCpu *cpu, uint64_t ea)
{
	const PpcTlbEntry *e = &cpu->dctx[ea >> 63]->d[ea >> PPC_PAGE_SHIFT & (PPC_TLB_SIZE - 1)];
	uint64_t pa = (e->pa & PPC_PAGE_MASK) | (ea & ~PPC_PAGE_MASK);
	unsigned n = cpu->model->cache_line;

	if ((e->rd & ~TLB_SLOW) != (ea & PPC_PAGE_MASK) || !ram_has(cpu->dev.machine->ram, pa, 1))
		return false;
	return !ppc_has_code(cpu, pa & ~(uint64_t)(n - 1), n);
}

/* 603 to 74xx: there is no block to make in a data cache that is off or locked. */
static inline bool no_cache(const PpcCpu *cpu)
{
	return (cpu->features & PPC_F_CLS) && (cpu->spr.HID0 & (HID0_DCE | HID0_DLOCK)) != HID0_DCE;
}

/* Bytes that dcbz clears; 970: HID5[DCBZ_size] shrinks it to 32, dcbzl (bit 10) excepted. */
static unsigned block_of(const PpcCpu *cpu, uint32_t word)
{
	if (cpu->model->excp == PPC_EXCP_970 && (cpu->spr.HID5 >> 7 & 3) == 1 &&
	    !(word & BIT32(10)))
		return 32;
	return cpu->model->cache_line;
}

typedef uint64_t Half __attribute__((vector_size(16), may_alias));

/* Kernels clear whole pages by it.  n is a multiple of 32, p of n. */
PPC_GUEST_ACCESS void clear(uint8_t *p, unsigned n)
{
	for (; n; n -= 32, p += 32) {
		*(volatile Half *)(void *)p = (Half){ 0 };
		*(volatile Half *)(void *)(p + 16) = (Half){ 0 };
	}
}

bool ppc_try_dcbz(PpcCpu *cpu, uint64_t ea, uint32_t word)
{
	unsigned n = block_of(cpu, word);
	uint8_t *p = ppc_fast_wr(cpu, ea & ~(uint64_t)(n - 1), n);

	if (unlikely(!p || no_cache(cpu)))
		return false;
	clear(p, n);
	return true;
}

/*
 * An alignment interrupt where the block cannot be made in a cache: storage that is
 * write-through or caching inhibited (3.0B book III 7.5.8; MPC7400 manual 3.5.3.3).
 */
void ex_dcbz(PpcCpu *cpu, const PpcOp *op)
{
	static const uint8_t zeros[128];
	unsigned n = block_of(cpu, op->word);
	uint64_t ea = ea_x(cpu, op);

	if (likely(ppc_try_dcbz(cpu, ea, op->word)))
		return;
	ppc_probe(cpu, ea, 1, true);
	if (ppc_attributes(cpu, ea) || no_cache(cpu))
		ppc_raise_alignment(cpu, ea);
	ppc_st_bytes(cpu, ea & ~(uint64_t)(n - 1), zeros, n);
}

/* Ends a block; nothing else is needed. */
void ex_isync(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

/* L: 0 heavyweight, 1 lightweight (loads may pass stores), 2 ptesync. */
void ex_sync(PpcCpu *cpu, const PpcOp *op)
{
	if (op->L9 == 1) {
		__atomic_thread_fence(__ATOMIC_ACQ_REL);
		return;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	/* What others wanted meanwhile may concern the block under way. */
	if (ppc_tlb_wait(cpu) && cpu->cur_block && !(cpu->mode & PPC_MODE_AFTER))
		ppc_leave_done(cpu);
}

void ex_eieio(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
	__atomic_thread_fence(__ATOMIC_ACQ_REL);
}

/*
 * wait (3.0B and 3.1 book II 4.6.4): WC = 0 until an exception is pending, whether enabled
 * or not; the CPU sleeps.  1 (until the reservation is lost) and 2 (a short time) may
 * end at any time: another CPU has its turn, which takes reservations away.
 */
void ex_wait(PpcCpu *cpu, const PpcOp *op)
{
	if (op->WC == 0)
		ppc_halt(cpu);
	else
		ppc_yield(cpu);
}

/* The copy buffer has no reader but paste., so nothing is kept. */
void ex_copy(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op);

	aligned(cpu, ea, 128);
	ppc_probe(cpu, ea, 128, false);
}

void ex_paste_(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op);

	aligned(cpu, ea, 128);
	ppc_probe(cpu, ea, 128, true);
	ppc_raise_dsi(cpu, ea, DSISR_COPY);
}

void ex_cpabort(PpcCpu *cpu, const PpcOp *op)
{
	(void)cpu;
	(void)op;
}

/* All transactional instructions; unreachable while MSR[TM] is 0. */
void ex_tbegin_(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
}

static inline void load_reserve(PpcCpu *cpu, const PpcOp *op, unsigned size)
{
	uint64_t ea = ea_x(cpu, op);

	aligned(cpu, ea, size);
	cpu->gpr[op->RT] = ppc_load_reserve(cpu, ea, size);
}

/* CR0 = 0 0 stored SO. */
static inline void store_done(PpcCpu *cpu, bool done)
{
	cpu->cr[0] = done << 1 | cpu->xer.so;
}

static inline void store_conditional(PpcCpu *cpu, const PpcOp *op, unsigned size)
{
	uint64_t ea = ea_x(cpu, op);

	aligned(cpu, ea, size);
	store_done(cpu, ppc_store_conditional(cpu, ea, size, cpu->gpr[op->RS]));
}

void ex_lbarx(PpcCpu *cpu, const PpcOp *op)
{
	load_reserve(cpu, op, 1);
}

void ex_lharx(PpcCpu *cpu, const PpcOp *op)
{
	load_reserve(cpu, op, 2);
}

void ex_lwarx(PpcCpu *cpu, const PpcOp *op)
{
	load_reserve(cpu, op, 4);
}

void ex_ldarx(PpcCpu *cpu, const PpcOp *op)
{
	load_reserve(cpu, op, 8);
}

void ex_stbcx_(PpcCpu *cpu, const PpcOp *op)
{
	store_conditional(cpu, op, 1);
}

void ex_sthcx_(PpcCpu *cpu, const PpcOp *op)
{
	store_conditional(cpu, op, 2);
}

void ex_stwcx_(PpcCpu *cpu, const PpcOp *op)
{
	store_conditional(cpu, op, 4);
}

void ex_stdcx_(PpcCpu *cpu, const PpcOp *op)
{
	store_conditional(cpu, op, 8);
}

void ex_lqarx(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op), v[2];

	aligned(cpu, ea, 16);
	ppc_load_reserve128(cpu, ea, v);
	cpu->gpr[op->RTp] = v[0];
	cpu->gpr[op->RTp + 1] = v[1];
}

void ex_stqcx_(PpcCpu *cpu, const PpcOp *op)
{
	uint64_t ea = ea_x(cpu, op);
	const uint64_t v[2] = { cpu->gpr[op->RSp], cpu->gpr[op->RSp + 1] };

	aligned(cpu, ea, 16);
	store_done(cpu, ppc_store_conditional128(cpu, ea, v));
}

/*
 * Atomic memory operations, book II 4.5.  One works on a word or doubleword
 * at *p, inside an aligned 32-byte block; some also look at the neighbour.
 */
typedef struct Amo {
	uint8_t *p;
	uint64_t pa;
	unsigned size, fc;
	uint64_t v1, v2; /* RS; or RT + 1 and RT + 2 */
	bool le;
} Amo;

static uint64_t amo_host(const Amo *m, uint64_t v)
{
	if (m->le == !HOST_BE)
		return v;
	return m->size == 8 ? bswap64(v) : bswap32((uint32_t)v);
}

static uint64_t amo_read(const Amo *m, int neighbour)
{
	const uint8_t *p = m->p + neighbour * (int)m->size;
	uint64_t v;

	if (m->size == 8)
		v = __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_SEQ_CST);
	else
		v = __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_SEQ_CST);
	return amo_host(m, v);
}

static void amo_write(const Amo *m, int neighbour, uint64_t v)
{
	uint8_t *p = m->p + neighbour * (int)m->size;

	v = amo_host(m, v);
	if (m->size == 8)
		__atomic_store_n((uint64_t *)(void *)p, v, __ATOMIC_SEQ_CST);
	else
		__atomic_store_n((uint32_t *)(void *)p, (uint32_t)v, __ATOMIC_SEQ_CST);
}

static bool amo_swap(const Amo *m, uint64_t old, uint64_t v)
{
	if (m->size == 8) {
		uint64_t was = amo_host(m, old);

		return __atomic_compare_exchange_n((uint64_t *)(void *)m->p, &was, amo_host(m, v),
						   false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	} else {
		uint32_t was = (uint32_t)amo_host(m, old);

		return __atomic_compare_exchange_n((uint32_t *)(void *)m->p, &was,
						   (uint32_t)amo_host(m, v), false,
						   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
}

/* Checks the address; the whole 32-byte block it may touch lies in one page. */
static void amo_begin(PpcCpu *cpu, uint64_t ea, Amo *m)
{
	aligned(cpu, ea, m->size);
	m->p = ppc_host(cpu, ea, m->size, PPC_STORE, &m->pa);
	m->le = cpu->le;
	if (m->p == NULL)
		ppc_raise_dsi(cpu, ea, DSISR_ATTR | BIT32(38 - 32));
}

/* Functions 0 to 7 (fetch and store alike): what memory becomes. */
static uint64_t amo_combine(unsigned fc, unsigned size, uint64_t t, uint64_t v)
{
	unsigned bits = size * 8;
	int64_t st = sext64(t, bits), sv = sext64(v, bits);

	switch (fc) {
	case 0: return t + v;
	case 1: return t ^ v;
	case 2: return t | v;
	case 3: return t & v;
	case 4: return t > v ? t : v;
	case 5: return st > sv ? t : v;
	case 6: return t < v ? t : v;
	default: return st < sv ? t : v;
	}
}

static inline uint64_t amo_trim(unsigned size, uint64_t v)
{
	return size == 8 ? v : (uint32_t)v;
}

static bool amo_load_known(unsigned fc)
{
	return fc <= 8 || fc == 16 || fc == 24 || fc == 25 || fc == 28;
}

static bool amo_store_known(unsigned fc)
{
	return fc <= 7 || fc == 24;
}

/* Would the neighbour lie outside of the 32-byte block? */
static bool amo_crosses(uint64_t ea, unsigned size, unsigned fc)
{
	if (fc == 28)
		return (ea & 31) == 0;
	return (fc == 24 || fc == 25) && (ea & 31) == 32 - size;
}

/*
 * What memory becomes, given t from it; false: it stays, and
 * *result may change to the book's "out of bounds" value.
 */
static bool amo_load_step(const Amo *m, uint64_t t, uint64_t *to, uint64_t *result)
{
	unsigned fc = m->fc, size = m->size;
	uint64_t v1 = amo_trim(size, m->v1);
	bool ok;

	*result = t;
	switch (fc) {
	case 8: /* swap */ *to = v1; return true;
	case 16: /* compare and swap not equal */ *to = amo_trim(size, m->v2); return t != v1;
	case 24: /* increment bounded, increment equal, decrement bounded */
	case 25:
	case 28:
		ok = (t == amo_read(m, fc == 28 ? -1 : 1)) == (fc == 25);
		*to = amo_trim(size, fc == 28 ? t - 1 : t + 1);
		if (!ok)
			*result = UINT64_C(1) << (size * 8 - 1);
		return ok;
	default: *to = amo_trim(size, amo_combine(fc, size, t, v1)); return true;
	}
}

static uint64_t amo_load_done(PpcCpu *cpu, const Amo *m)
{
	uint64_t version = ppc_granule_lock(cpu, m->pa), t, to, result;

	do
		t = amo_read(m, 0);
	while (amo_load_step(m, t, &to, &result) && !amo_swap(m, t, to));
	ppc_granule_unlock(cpu, m->pa, version);
	ppc_after_store(cpu, m->pa, m->size);
	return result;
}

static void amo_load(PpcCpu *cpu, const PpcOp *op, unsigned size)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0]);
	Amo m = { .size = size,
		  .fc = op->FC,
		  .v1 = cpu->gpr[(op->RT + 1) & 31],
		  .v2 = cpu->gpr[(op->RT + 2) & 31] };

	if (!amo_load_known(op->FC))
		ppc_raise_dsi(cpu, ea, DSISR_AMO);
	if (amo_crosses(ea, size, op->FC))
		ppc_raise_alignment(cpu, ea);
	amo_begin(cpu, ea, &m);
	ppc_watch(cpu, ea, size, PPC_LOAD); /* it is both */
	cpu->gpr[op->RT] = amo_load_done(cpu, &m);
}

void ex_lwat(PpcCpu *cpu, const PpcOp *op)
{
	amo_load(cpu, op, 4);
}

void ex_ldat(PpcCpu *cpu, const PpcOp *op)
{
	amo_load(cpu, op, 8);
}

static void amo_combine_store(const Amo *m, uint64_t v)
{
	unsigned size = m->size;
	uint64_t t;

	if (m->fc == 24) { /* store twin: both, if they are equal */
		t = amo_read(m, 0);
		if (t == amo_read(m, 1) && amo_swap(m, t, v))
			amo_write(m, 1, v);
		return;
	}
	do
		t = amo_read(m, 0);
	while (!amo_swap(m, t, amo_trim(size, amo_combine(m->fc, size, t, v))));
}

static void amo_store_done(PpcCpu *cpu, const Amo *m)
{
	uint64_t version = ppc_granule_lock(cpu, m->pa);

	amo_combine_store(m, amo_trim(m->size, m->v1));
	ppc_granule_unlock(cpu, m->pa, version);
	ppc_after_store(cpu, m->pa & ~(uint64_t)31, 32);
}

static void amo_store(PpcCpu *cpu, const PpcOp *op, unsigned size)
{
	uint64_t ea = ppc_ea(cpu, cpu->gpr[op->RA0]);
	Amo m = { .size = size, .fc = op->FC, .v1 = cpu->gpr[op->RS] };

	if (!amo_store_known(op->FC))
		ppc_raise_dsi(cpu, ea, DSISR_AMO);
	if (amo_crosses(ea, size, op->FC))
		ppc_raise_alignment(cpu, ea);
	amo_begin(cpu, ea, &m);
	amo_store_done(cpu, &m);
}

bool ppc_try_amo(PpcCpu *cpu, uint64_t ea, unsigned how, uint64_t v1, uint64_t v2, uint64_t *result)
{
	bool load = how & PPC_AMO_LOAD;
	Amo m = { .size = how & PPC_AMO_SIZE, .fc = how >> PPC_AMO_FC, .v1 = v1, .v2 = v2 };

	if (!(load ? amo_load_known(m.fc) : amo_store_known(m.fc)) || amo_crosses(ea, m.size, m.fc))
		return false;
	amo_begin(cpu, ea, &m);
	if (load)
		*result = amo_load_done(cpu, &m);
	else
		amo_store_done(cpu, &m);
	return true;
}

void ex_stwat(PpcCpu *cpu, const PpcOp *op)
{
	amo_store(cpu, op, 4);
}

void ex_stdat(PpcCpu *cpu, const PpcOp *op)
{
	amo_store(cpu, op, 8);
}
