/*
 * 32-bit translation: BATs, segment registers and the hashed table that SDR1
 * points to (PEM chapter 7), and the translation lookaside buffers that
 * software fills: 603 (always; 603e manual chapter 5) and 7450 (HID0[STEN];
 * 7450 manual 5.5).
 *
 * R is set for every access that finds its entry, permitted or not, C for
 * permitted stores (750 manual, table "R and C bits, conditions").  Both are
 * single-byte stores, so that an update cannot undo another.
 *
 * Contexts (tlb.h): a set of segment registers and a set of BATs each get a
 * number that no other contents ever have; their numbers and MSR[PR] are the
 * key of data.  Writing the registers only leaves the present context: until the next
 * data access (or isync, or a new MSR) nobody asks for the new one, so a switch of
 * sixteen segments costs one look-up, and going back to a known set finds
 * all its translations.
 *
 * Contexts of instructions depend on less: the BATs, MSR[PR] and those segments that instructions
 * were executed in through pages (CodeSet), which are few and rarely written.  A kernel that exchanges the others, for
 * another process or to reach a program's memory, stays in its context, and so do the links
 * between its units.
 *
 * Little-endian mode swizzles: the low three bits of an address are turned
 * round by 8 less the access's size, and bytes keep their places (PEM 3.1.4).
 * Its contexts have slow tags only; tlb.c turns the addresses.
 *
 * Not modelled: direct-store segments beyond their interrupts, SDR1's
 * extension bits (tables above 4 GiB), the least recently used way of a set (the
 * one not filled last is taken for it).
 */
#include "target-ppc/classic.h"
#include "target-ppc/exec.h"

#define SR_T 0x80000000u
#define SR_KS 0x40000000u
#define SR_KP 0x20000000u
#define SR_N 0x10000000u
#define SR_VSID 0x00ffffffu
#define PTE_V 0x80000000u
#define PTE_H 0x40u
#define PTE_R 0x100u
#define PTE_C 0x80u
#define PTE_W 0x40u
#define PTE_I 0x20u
#define PTE_G 0x08u
#define DSISR_DIRECT 0x80000000u
#define SRR1_GUARDED SRR1_NOEXEC

enum { V_IMISS = 0x1000, V_LOADMISS = 0x1100, V_STOREMISS = 0x1200 };
enum { BATS = 4, SET_WORDS = 32, SEG_SETS = 32, BAT_SETS = 16, CODE_SETS = 32, PASSING = 2 };
/* Of a key: the context is one of instructions. */
#define KEY_CODE (UINT64_C(1) << 10)

/* ------------------------------------------------------------ contexts */

typedef struct PpcRegSet {
	uint64_t id, used; /* id 0: free */
	uint32_t v[SET_WORDS];
} PpcRegSet;

/* What translations of instructions depend on. */
typedef struct CodeSet {
	uint64_t id, used; /* id 0: free */
	uint64_t bat_id;
	uint32_t v[16];
	uint16_t segs; /* which of them count so far */
	bool pr;
} CodeSet;

typedef struct PpcSets {
	PpcRegSet seg[SEG_SETS], bat[BAT_SETS];
	CodeSet code[CODE_SETS];
	CodeSet *now[2]; /* by MSR[PR]: the one that the registers are of; NULL: not known */
	uint64_t clock, next_id;
	uint64_t seg_id, bat_id; /* of the registers, unless dirty */
	bool dirty, bats_dirty;	 /* segments, or any; BATs: written since */
	unsigned fetches;	 /* since then */
	PpcTlbCtx limbo;	 /* of nobody: every look-up misses */
} PpcSets;

void ppc_sets_init(PpcCpu *cpu)
{
	PpcSets *s;

	if (cpu->model->mmu != PPC_MMU_32)
		return;
	s = cpu->tlb->sets = g_new0(PpcSets, 1);
	memset(s->limbo.d, 0xff, sizeof(s->limbo.d));
	memset(s->limbo.i, 0xff, sizeof(s->limbo.i));
	s->limbo.coded = true; /* nothing says when */
	s->dirty = s->bats_dirty = true;
	cpu->tlb->limbo = &s->limbo;
}

void ppc_sets_free(PpcCpu *cpu)
{
	g_free(cpu->tlb->sets);
}

/* The number of a set of n words; the longest unused gives way to a new one. */
static uint64_t set_id(PpcSets *s, PpcRegSet *sets, unsigned count, const uint32_t *v, unsigned n)
{
	PpcRegSet *victim = &sets[0];

	for (unsigned i = 0; i < count; i++) {
		PpcRegSet *r = &sets[i];

		if (r->id && !memcmp(r->v, v, n * sizeof(*v))) {
			r->used = ++s->clock;
			return r->id;
		}
		if (r->used < victim->used)
			victim = r;
	}
	memcpy(victim->v, v, n * sizeof(*v));
	victim->used = ++s->clock;
	victim->id = ++s->next_id;
	return victim->id;
}

/* Sixteen words of IBATs and DBATs 0-3, as many of 4-7. */
static void read_bats(const PpcCpu *cpu, uint64_t bats[32])
{
	/* Their lines stand side by side in spr.def, and so do their fields. */
	memcpy(bats, (const char *)&cpu->spr + offsetof(PpcSprs, IBAT0U), 32 * sizeof(*bats));
}

static void number_bats(const PpcCpu *cpu, PpcSets *s)
{
	uint64_t bats[32];
	uint32_t v[SET_WORDS];

	if (!s->bats_dirty)
		return;
	read_bats(cpu, bats);
	for (unsigned i = 0; i < 32; i++)
		v[i] = (uint32_t)bats[i];
	s->bat_id = set_id(s, s->bat, BAT_SETS, v, 32);
	s->bats_dirty = false;
}

static void number_sets(const PpcCpu *cpu, PpcSets *s)
{
	uint32_t v[SET_WORDS];

	if (!s->dirty)
		return;
	for (unsigned i = 0; i < 16; i++)
		v[i] = (uint32_t)cpu->sr[i];
	s->seg_id = set_id(s, s->seg, SEG_SETS, v, 16);
	number_bats(cpu, s);
	s->dirty = false;
}

/* ---- Of instructions ---- */

static bool is_of(const CodeSet *c, const PpcCpu *cpu)
{
	for (unsigned left = c->segs; left; left &= left - 1)
		if (c->v[ctz32(left)] != (uint32_t)cpu->sr[ctz32(left)])
			return false;
	return true;
}

/* The set of the registers and MSR[PR]; the longest unused gives way to one of which nothing is known. */
static CodeSet *code_set(const PpcCpu *cpu, PpcSets *s)
{
	bool pr = cpu->msr & MSR_PR;
	CodeSet *victim = NULL;

	if (s->now[pr])
		return s->now[pr];
	number_bats(cpu, s);
	for (unsigned i = 0; i < CODE_SETS && !s->now[pr]; i++) {
		CodeSet *c = &s->code[i];

		if (c->id && c->pr == pr && c->bat_id == s->bat_id && is_of(c, cpu))
			s->now[pr] = c;
		else if (c != s->now[!pr] && (!victim || c->used < victim->used))
			victim = c;
	}
	if (!s->now[pr]) {
		*victim = (CodeSet){ .id = ++s->next_id, .bat_id = s->bat_id, .pr = pr };
		s->now[pr] = victim;
	}
	s->now[pr]->used = ++s->clock;
	return s->now[pr];
}

void ppc_code_in_segment(PpcCpu *cpu, uint64_t ea)
{
	PpcSets *s = cpu->tlb->sets;
	CodeSet *c = s ? s->now[!!(cpu->msr & MSR_PR)] : NULL;
	unsigned n = ea >> 28 & 15;

	if (!c || (c->segs >> n & 1))
		return;
	c->segs |= (uint16_t)(1u << n);
	c->v[n] = (uint32_t)cpu->sr[n];
}

static PpcTlbKey key_of(const PpcCpu *cpu, bool translated, bool code)
{
	PpcTlbKey k = { .a = translated ? PPC_TLB_SEG : PPC_TLB_REAL };
	PpcSets *s = cpu->tlb->sets;

	if (ppc_is_swizzled(cpu))
		k.a |= 1 << 11;
	if (!translated)
		return k;
	k.a |= cpu->msr & MSR_PR ? 1u << 9 : 0;
	if (code) {
		k.a |= KEY_CODE | code_set(cpu, s)->id << 16;
		return k;
	}
	number_sets(cpu, s);
	k.a |= s->seg_id << 16;
	k.amr = s->bat_id;
	return k;
}

static void choose_data(PpcCpu *cpu, bool translated)
{
	cpu->dctx_now = cpu->dctx[0] = cpu->dctx[1] =
		ppc_tlb_context(cpu->tlb, key_of(cpu, translated, false));
}

static void choose_code(PpcCpu *cpu, bool translated)
{
	cpu->ictx[0] = cpu->ictx[1] = ppc_tlb_context(cpu->tlb, key_of(cpu, translated, true));
}

void ppc_tlb_switch_32(PpcCpu *cpu)
{
	choose_data(cpu, cpu->msr & MSR_DR);
	choose_code(cpu, cpu->msr & MSR_IR);
	cpu->tlb->switches++;
}

/* The next data access will find out which context it is. */
static void leave_data(PpcCpu *cpu)
{
	PpcTlbCtx *limbo = &cpu->tlb->sets->limbo;

	if (cpu->msr & MSR_DR)
		cpu->dctx_now = cpu->dctx[0] = cpu->dctx[1] = limbo;
}

/* So will fetches; where code was found by the old registers is no longer true. */
static void leave_code(PpcCpu *cpu)
{
	PpcSets *s = cpu->tlb->sets;

	s->fetches = 0;
	s->limbo.gen = ++cpu->tlb->gen;
	if (cpu->msr & MSR_IR)
		cpu->ictx[0] = cpu->ictx[1] = &s->limbo;
	ppc_new_epoch(cpu);
}

void ppc_seg_changed(PpcCpu *cpu)
{
	PpcSets *s = cpu->tlb->sets;

	if (!s)
		return;
	s->dirty = s->bats_dirty = true;
	s->now[0] = s->now[1] = NULL;
	leave_data(cpu);
	leave_code(cpu);
}

void ppc_sr_changed(PpcCpu *cpu, unsigned n)
{
	PpcSets *s = cpu->tlb->sets;
	bool pr = cpu->msr & MSR_PR, knew = s->now[pr];

	s->dirty = true;
	for (unsigned i = 0; i < 2; i++) {
		CodeSet *c = s->now[i];

		if (c && (c->segs >> n & 1) && c->v[n] != (uint32_t)cpu->sr[n])
			s->now[i] = NULL;
	}
	leave_data(cpu);
	if ((knew && !s->now[pr]) || cpu->ictx[0] == &s->limbo)
		leave_code(cpu);
}

bool ppc_tlb_settle(PpcCpu *cpu)
{
	const PpcTlbCtx *limbo = cpu->tlb->limbo, *code = cpu->ictx[0];

	if (!limbo || (cpu->dctx[0] != limbo && code != limbo))
		return false;
	ppc_tlb_switch_32(cpu);
	/* The view was nobody's, or the context has had to give way. */
	if (cpu->ictx[0] != code)
		cpu->vcpu.own = 1;
	return true;
}

bool ppc_tlb_passing_fetch(PpcCpu *cpu)
{
	if (++cpu->tlb->sets->fetches <= PASSING)
		return true;
	ppc_tlb_settle(cpu);
	return false;
}

/* ---------------------------------------------------------------- BATs */

/* PP of a block: 0 none, 1 and 3 read, 2 read and write. */
static bool bat_match(const PpcCpu *cpu, uint32_t u, uint32_t ea)
{
	uint32_t bl = (u >> 2 & 0x7ff) << 17;

	if (!(u & (cpu->msr & MSR_PR ? 1 : 2)))
		return false;
	if ((cpu->spr.HID0 & HID0_XBSEN) && (cpu->model->spr_set & PPC_SPRSET_S7447))
		bl |= (u >> 13 & 15) << 28;
	return !((u ^ ea) & 0xfffe0000 & ~bl);
}

static uint64_t bat_pa(const PpcCpu *cpu, uint32_t u, uint32_t l, uint32_t ea)
{
	uint32_t bl = (u >> 2 & 0x7ff) << 17;
	uint64_t pa;

	if ((cpu->spr.HID0 & HID0_XBSEN) && (cpu->model->spr_set & PPC_SPRSET_S7447))
		bl |= (u >> 13 & 15) << 28;
	pa = (l & 0xfffe0000 & ~bl) | (ea & (bl | 0x1ffff));
	if ((cpu->spr.HID0 & HID0_XAEN) && (cpu->model->spr_set & PPC_SPRSET_S7450))
		pa |= (uint64_t)((l >> 9 & 7) << 1 | (l >> 2 & 1)) << 32;
	return pa;
}

/* WIMG stands at the same place in BATs and entries. */
static uint8_t attributes(uint32_t lo)
{
	return (lo & PTE_W ? TLB_PA_W : 0) | (lo & PTE_I ? TLB_PA_I : 0);
}

/* Is ea in a block?  *x gets its address and rights. */
static bool bat_walk(const PpcCpu *cpu, uint32_t ea, bool fetch, PpcXlate *x)
{
	bool high = (cpu->model->spr_set & PPC_SPRSET_S7447) && (cpu->spr.HID0 & HID0_HIGH_BAT);
	uint64_t bats[32];

	read_bats(cpu, bats);
	for (unsigned i = 0; i < (high ? 2 * BATS : BATS); i++) {
		const uint64_t *b = &bats[(i / BATS * 2 + !fetch) * 8 + i % BATS * 2];
		uint32_t u = (uint32_t)b[0], l = (uint32_t)b[1];

		if (!bat_match(cpu, u, ea))
			continue;
		*x = (PpcXlate){ .pa = bat_pa(cpu, u, l, ea),
				 .shift = 17,
				 .wi = attributes(l),
				 .r = l & 3,
				 .w = (l & 3) == 2,
				 .x = l & 3 };
		return true;
	}
	return false;
}

/* ------------------------------------------------------ pages, by hardware */

static bool fault(PpcFault *f, PpcAccess acc, uint32_t bits)
{
	f->vector = acc == PPC_FETCH ? PPC_V_ISI : PPC_V_DSI;
	f->bits = bits | (acc == PPC_STORE ? DSISR_STORE : 0);
	return false;
}

static uint32_t hash_of(uint32_t sr, uint32_t ea)
{
	return (sr & 0x7ffff) ^ (ea >> 12 & 0xffff);
}

/* Real address of the group of a hash (or of its complement). */
static uint32_t group_of(const PpcCpu *cpu, uint32_t hash)
{
	uint32_t sdr1 = (uint32_t)cpu->spr.SDR1;

	return (sdr1 & 0xffff0000) | (hash & ((sdr1 & 0x1ff) << 10 | 0x3ff)) << 6;
}

/* First word of the entry that translates ea, but for H. */
static uint32_t pte_hi(uint32_t sr, uint32_t ea)
{
	return PTE_V | (sr & SR_VSID) << 7 | (ea >> 22 & 0x3f);
}

/* A word of an entry, while others may change it. */
static uint32_t entry_word(const uint8_t *p)
{
	uint32_t v = __atomic_load_n((const uint32_t *)(const void *)p, __ATOMIC_ACQUIRE);

	return HOST_BE ? v : bswap32(v);
}

/* The entry's real address; false: there is none. */
static bool search(const PpcCpu *cpu, uint32_t sr, uint32_t ea, uint64_t *at, uint32_t *lo)
{
	const Ram *ram = cpu->dev.machine->ram;
	uint32_t hash = hash_of(sr, ea), want = pte_hi(sr, ea);

	for (unsigned second = 0; second < 2; second++) {
		uint64_t group = group_of(cpu, second ? ~hash : hash);

		if (!ram_has(ram, group, 64) || !ram_need(ram, group, 64))
			continue;
		for (unsigned i = 0; i < 8; i++) {
			const uint8_t *p = ram->host + group + i * 8;

			if (entry_word(p) != (want | (second ? PTE_H : 0)))
				continue;
			*at = group + i * 8;
			*lo = entry_word(p + 4);
			return true;
		}
	}
	return false;
}

/* R is bit 0 of the entry's byte 6, C bit 7 (the highest) of byte 7. */
static void set_bit(PpcCpu *cpu, uint64_t at, uint8_t bit)
{
	ppc_set_bits(cpu, at, bit);
}

/* Rights by PP and the segment's key (PEM table 7-12). */
static void rights(const PpcCpu *cpu, uint32_t sr, uint32_t lo, PpcXlate *x)
{
	bool key = sr & (cpu->msr & MSR_PR ? SR_KP : SR_KS);
	unsigned pp = lo & 3;

	x->r = x->x = !key || pp != 0;
	x->w = pp != 3 && (!key || pp == 2);
	if (lo & PTE_G)
		x->x = false;
}

static uint64_t page_pa(const PpcCpu *cpu, uint32_t lo, uint32_t ea)
{
	uint64_t pa = (lo & 0xfffff000) | (ea & 0xfff);

	if ((cpu->spr.HID0 & HID0_XAEN) && (cpu->model->spr_set & PPC_SPRSET_S7450))
		pa |= (uint64_t)((lo >> 9 & 7) << 1 | (lo >> 2 & 1)) << 32;
	return pa;
}

static bool denied(PpcFault *f, PpcAccess acc, uint32_t lo)
{
	return fault(f, acc, acc == PPC_FETCH && (lo & PTE_G) ? SRR1_GUARDED : DSISR_PROT);
}

static bool allowed(const PpcXlate *x, PpcAccess acc)
{
	return acc == PPC_FETCH ? x->x : acc == PPC_STORE ? x->w : x->r;
}

static bool table_walk(PpcCpu *cpu, uint32_t sr, uint32_t ea, PpcAccess acc, bool debug,
		       PpcXlate *x, PpcFault *f)
{
	uint64_t at;
	uint32_t lo;

	if (!search(cpu, sr, ea, &at, &lo))
		return fault(f, acc, DSISR_NOPTE);
	rights(cpu, sr, lo, x);
	if (!debug && !(lo & PTE_R))
		set_bit(cpu, at + 6, 1);
	if (!allowed(x, acc))
		return denied(f, acc, lo);
	if (!debug && acc == PPC_STORE && !(lo & PTE_C))
		set_bit(cpu, at + 7, 0x80);
	x->shift = 12;
	x->wi = attributes(lo);
	x->pa = page_pa(cpu, lo, ea);
	/* The first store has to come here to set C. */
	if (!(lo & PTE_C) && acc != PPC_STORE)
		x->w = false;
	return true;
}

/* ------------------------------------------------------ pages, by software */

static bool is_603(const PpcCpu *cpu)
{
	return cpu->model->spr_set & PPC_SPRSET_S603;
}

static bool software_tlb(const PpcCpu *cpu)
{
	return is_603(cpu) ||
	       ((cpu->model->spr_set & PPC_SPRSET_S7450) && (cpu->spr.HID0 & HID0_STEN));
}

/* 603: 32 sets by EA 15-19; 7450: 64 by EA 14-19. */
static unsigned stlb_set(const PpcCpu *cpu, uint32_t ea)
{
	return ea >> 12 & (is_603(cpu) ? 31 : 63);
}

static bool stlb_walk(PpcCpu *cpu, uint32_t sr, uint32_t ea, PpcAccess acc, PpcXlate *x,
		      PpcFault *f)
{
	const PpcSoftTlbEntry *e = &cpu->stlb[(acc == PPC_FETCH ? 128 : 0) + 2 * stlb_set(cpu, ea)];
	uint32_t want = pte_hi(sr, ea);

	for (unsigned way = 0; way < 2; way++, e++) {
		if ((e->hi & ~PTE_H) != want || (e->ea ^ ea) & 0x0ffff000)
			continue;
		rights(cpu, sr, e->lo, x);
		if (!allowed(x, acc))
			return denied(f, acc, e->lo);
		if (acc == PPC_STORE && !(e->lo & PTE_C))
			break;
		x->w &= (e->lo & PTE_C) != 0;
		x->shift = 12;
		x->wi = attributes(e->lo);
		x->pa = page_pa(cpu, e->lo, ea);
		return true;
	}
	f->bits = 0;
	f->vector = acc == PPC_FETCH ? V_IMISS : acc == PPC_STORE ? V_STOREMISS : V_LOADMISS;
	return false;
}

static void flush_class(PpcCpu *cpu, uint64_t ea)
{
	const PpcFlush f = { .kind = PPC_FLUSH_CLASS,
			     .ea = ea & PPC_PAGE_MASK,
			     .shift = is_603(cpu) ? 5 : 6 };

	ppc_tlb_do(cpu, &f);
}

/* The way tlbld and tlbli would fill next. */
static unsigned old_way(const PpcCpu *cpu, unsigned set, bool code)
{
	return cpu->stlb_old[code] >> set & 1;
}

uint64_t ppc_soft_tlb_miss(PpcCpu *cpu, uint64_t addr, PpcAccess acc)
{
	uint32_t ea = (uint32_t)addr, sr = (uint32_t)cpu->sr[ea >> 28], hash = hash_of(sr, ea);
	bool code = acc == PPC_FETCH, key = sr & (cpu->msr & MSR_PR ? SR_KP : SR_KS);
	unsigned way = old_way(cpu, stlb_set(cpu, ea), code);

	if (!is_603(cpu)) { /* 7450 manual 5.5.5.1 */
		cpu->spr.TLBMISS = (ea & 0xfffffffe) | way;
		cpu->spr.PTEHI = pte_hi(sr, ea);
		return 0;
	}
	cpu->spr.HASH1 = group_of(cpu, hash);
	cpu->spr.HASH2 = group_of(cpu, ~hash);
	if (code) {
		cpu->spr.IMISS = ea;
		cpu->spr.ICMP = pte_hi(sr, ea);
	} else {
		cpu->spr.DMISS = ea;
		cpu->spr.DCMP = pte_hi(sr, ea);
	}
	/* 603e manual 5.5.2.1.1: CR0, KEY, I/D, WAY, S/L in bits 0-3 and 12-15. */
	return (uint64_t)cpu->cr[0] << 28 | (key ? 0x80000u : 0) | (code ? 0x40000u : 0) |
	       (way ? 0x20000u : 0) | (acc == PPC_STORE ? 0x10000u : 0);
}

/* 603: the entry is DCMP or ICMP with RPA, the way SRR1's; 7450: PTEHI, PTELO, bit 31 of the EA. */
void ppc_soft_tlb_load(PpcCpu *cpu, uint64_t addr, bool code)
{
	uint32_t ea = (uint32_t)addr;
	unsigned set = stlb_set(cpu, ea);
	unsigned way = is_603(cpu) ? cpu->spr.SRR1 >> 17 & 1 : ea & 1;
	PpcSoftTlbEntry *e = &cpu->stlb[(code ? 128 : 0) + 2 * set + way];

	/* What the entry that gives way translated. */
	flush_class(cpu, ea);
	ppc_new_epoch(cpu);
	e->ea = ea & 0xfffff000;
	if (is_603(cpu)) {
		e->hi = (uint32_t)(code ? cpu->spr.ICMP : cpu->spr.DCMP);
		e->lo = (uint32_t)cpu->spr.RPA;
	} else {
		e->hi = (uint32_t)cpu->spr.PTEHI;
		e->lo = (uint32_t)cpu->spr.PTELO;
	}
	cpu->stlb_old[code] &= ~(UINT64_C(1) << set);
	cpu->stlb_old[code] |= (uint64_t)!way << set;
}

/* --------------------------------------------------------------- walking */

bool ppc_walk_32(PpcCpu *cpu, uint64_t addr, PpcAccess acc, bool debug, PpcXlate *x, PpcFault *f)
{
	uint32_t ea = (uint32_t)addr, sr = (uint32_t)cpu->sr[ea >> 28];

	if (bat_walk(cpu, ea, acc == PPC_FETCH, x))
		return allowed(x, acc) || fault(f, acc, DSISR_PROT);
	if (sr & SR_T)
		return fault(f, acc, acc == PPC_FETCH ? SRR1_NOEXEC : DSISR_DIRECT);
	if (acc == PPC_FETCH && (sr & SR_N))
		return fault(f, acc, SRR1_NOEXEC);
	if (software_tlb(cpu))
		return stlb_walk(cpu, sr, ea, acc, x, f);
	return table_walk(cpu, sr, ea, acc, debug, x, f);
}

/* ----------------------------------------------------------------- tlbie */

/*
 * A chip of this kind drops both ways of the set that EA 14-19 (603: 15-19)
 * choose, whatever the segment; systems empty the whole TLB with 64 of them.
 */
void ppc_tlbie_32(PpcCpu *cpu, uint64_t ea)
{
	const PpcFlush f = { .kind = PPC_FLUSH_CLASS,
			     .ea = ea & PPC_PAGE_MASK,
			     .shift = is_603(cpu) ? 5 : 6 };
	unsigned set = stlb_set(cpu, (uint32_t)ea);

	for (unsigned code = 0; code < 2; code++)
		for (unsigned way = 0; way < 2; way++)
			cpu->stlb[code * 128 + set * 2 + way].hi &= ~PTE_V;
	ppc_tlb_everywhere(cpu, &f);
	ppc_new_epoch(cpu);
}
