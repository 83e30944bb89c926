/*
 * Building, finding and dropping predecoded blocks.  See block.h.
 *
 * Every machine has one map of 64-byte granules that hold decoded code, and
 * the flag RAM_PAGE_CODE on their pages, which takes stores the slow way.
 * A store into a granule drops every block of that page on every CPU; a
 * store beside the code in the same page does not.
 */
#include <inttypes.h>
#include "base/err.h"
#include "base/log.h"
#include "target-ppc/block.h"
#include "target-ppc/classic.h"
#include "target-ppc/compile.h"
#include "target-ppc/debug.h"
#include "target-ppc/disas.h"
#include "target-ppc/exec.h"
#include "target-ppc/isa.h"
#include "target-ppc/unit.h"
#include "target-ppc/warm.h"

/*
 * With so many bytes of blocks, those that have no unit go; and when twice as many have come as then were left.
 * Beyond the other one all go.  They are built again as they are needed.
 */
#define SWEEP_AT ((size_t)32 << 20)
#define COLD 8 /* runs */
#define CACHE_LIMIT ((size_t)96 << 20)

/* -------------------------------------------------------- pseudo-opcodes */

static void op_illegal(PpcCpu *cpu, const PpcOp *op)
{
	log_guest("cpu %u: illegal instruction 0x%08x at 0x%" PRIx64, cpu->index, op->word,
		  ppc_cia(cpu));
	ppc_raise_program(cpu, PPC_PROG_ILLEGAL);
}

static void op_privileged(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_program(cpu, PPC_PROG_PRIV);
}

/* Hypervisor instruction without hypervisor state, ISA 3.0 book III 7.5.9. */
static void op_hv(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_program(cpu, cpu->msr & MSR_PR ? PPC_PROG_PRIV : PPC_PROG_ILLEGAL);
}

static void op_no_fp(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_vector(cpu, PPC_V_FPU);
}

static void op_no_vec(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_vector(cpu, PPC_V_VEC);
}

static void op_no_vsx(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_vector(cpu, PPC_V_VSX);
}

static void op_no_tm(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_facility(cpu, 5); /* FSCR/HFSCR interruption cause: TM */
}

static void op_no_prefix(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_facility(cpu, PPC_FSCR_IC_PREFIX);
}

static void op_boundary(PpcCpu *cpu, const PpcOp *op)
{
	(void)op;
	ppc_raise_boundary(cpu);
}

/* ------------------------------------------------------------- decoding */

static PpcExec *facility_missing(const PpcCpu *cpu, const PpcInsn *in, const PpcOp *op)
{
	switch (ppc_isa_facility(in, op)) {
	case PPC_FAC_FP: return cpu->mode & PPC_MODE_FP ? NULL : op_no_fp;
	case PPC_FAC_VEC: return cpu->mode & PPC_MODE_VEC ? NULL : op_no_vec;
	case PPC_FAC_VSX: return cpu->mode & PPC_MODE_VSX ? NULL : op_no_vsx;
	case PPC_FAC_TM: return cpu->mode & PPC_MODE_TM ? NULL : op_no_tm;
	default: return NULL;
	}
}

static uint32_t fetch(const PpcCpu *cpu, const uint8_t *host)
{
	if (ppc_is_swizzled(cpu))
		host = (const uint8_t *)((uintptr_t)host ^ 4);
	return cpu->le ? ld32_le(host) : ld32_be(host);
}

/* Fills op for a row found for its word or words (NULL: none); true when it ends a block. */
static bool decode_row(const PpcCpu *cpu, const PpcInsn *in, uint32_t prefix, PpcOp *op)
{
	PpcExec *missing;

	if (!in) {
		op->fn = op_illegal;
		return true;
	}
	if ((in->flags & PPC_INSN_PRIV) && (cpu->mode & PPC_MODE_PR)) {
		op->fn = op_privileged;
		return true;
	}
	if ((in->flags & PPC_INSN_HV) && !(cpu->mode & PPC_MODE_HV)) {
		op->fn = op_hv;
		return true;
	}
	if (!ppc_isa_decode_prefixed(in, prefix, op->word, op)) {
		op->fn = op_illegal;
		return true;
	}
	op->fn = ppc_isa_exec(in, op->word);
	missing = facility_missing(cpu, in, op);
	if (missing) {
		op->fn = missing;
		return true;
	}
	return in->flags & PPC_INSN_END;
}

/*
 * Fills op for the instruction at real address pa; true when it ends a
 * block.  A suffix is read only where it lies in the prefix's 64 bytes (3.1 book I
 * 1.6), so in the same granule and page.
 */
static bool decode(const PpcCpu *cpu, const uint8_t *host, uint64_t pa, PpcOp *op)
{
	uint32_t word = fetch(cpu, host), prefix = word;

	memset(op, 0, sizeof(*op));
	op->word = word;
	op->len = 4;
	if (likely(!ppc_isa_is_prefix(word, cpu->features)))
		return decode_row(cpu, ppc_isa_find(word, cpu->features), 0, op);
	op->len = 8;
	op->fn = op_boundary;
	if ((pa & 63) == 60)
		return true;
	op->fn = op_no_prefix;
	if (!(cpu->mode & PPC_MODE_PREFIX))
		return true;
	op->word = fetch(cpu, host + 4);
	return decode_row(cpu, ppc_isa_find_prefixed(prefix, op->word, cpu->features), prefix, op);
}

/* IABR of most classic models: before the instruction, which is decoded anew (none is prefixed). */
static void op_breakpoint(PpcCpu *cpu, const PpcOp *op)
{
	PpcOp real = *op;

	if (ppc_cia(cpu) == cpu->debug.stop)
		ppc_raise_vector(cpu, PPC_V_IABR);
	decode_row(cpu, ppc_isa_find(op->word, cpu->features), 0, &real);
	real.fn(cpu, &real);
}

/* decode() where an instruction breakpoint may be armed. */
static bool decode_armed(const PpcCpu *cpu, const uint8_t *host, uint64_t pa, PpcOp *op)
{
	bool end = decode(cpu, host, pa, op);

	if (likely((pa & ~PPC_PAGE_MASK) != ppc_debug_offset(cpu->mode)))
		return end;
	if (cpu->mode & PPC_MODE_BREAK_BEFORE)
		op->fn = op_breakpoint;
	return end || (cpu->mode & PPC_MODE_BREAK_AFTER);
}

/* ------------------------------------------------------------- code map */

static uint64_t granule_mask(uint64_t pa, unsigned n)
{
	unsigned first = pa >> 6 & 63, last = (pa + n - 1) >> 6 & 63;

	return (UINT64_MAX << first) & (UINT64_MAX >> (63 - last));
}

void ppc_claim_page(PpcCpu *cpu, uint64_t pa, uint8_t flag)
{
	_Atomic uint8_t *flags = &cpu->dev.machine->ram->page_flags[pa >> RAM_PAGE_SHIFT];
	PpcFlush f = { .kind = PPC_FLUSH_WPROT, .ea = pa & PPC_PAGE_MASK };
	PpcCodeMap *m = ppc_code_map(cpu);
	uint8_t was = atomic_load(flags);

	if (was & flag)
		return;
	/* Who finds the flag set finds this, too, until all have been asked. */
	atomic_fetch_add(&m->asking, 1);
	/* Both at once: a right given from now on has its mark, which nobody takes off. */
	while (!atomic_compare_exchange_weak(flags, &was, (uint8_t)((was & ~RAM_PAGE_WTAG) | flag)))
		;
	/* Who has not noted his entry yet finds the flag. */
	f.pid = atomic_load(&m->writers[pa >> RAM_PAGE_SHIFT]);
	if (was & RAM_PAGE_WTAG)
		ppc_tlb_everywhere(cpu, &f);
	atomic_fetch_sub(&m->asking, 1);
}

/*
 * Marks a page as one with code: from then on no CPU stores into it unasked.  That others
 * have put away their right to do so must be certain before the first byte is read; if
 * this CPU did what others wanted meanwhile, what it has found out for the block is stale.
 */
static void mark_page(PpcCpu *cpu, uint64_t pa)
{
	ppc_claim_page(cpu, pa, RAM_PAGE_CODE);
	if (ppc_tlb_wait(cpu))
		ppc_leave(&cpu->vcpu);
}

/* Marks the bytes as code before they are read. */
static void mark_code(PpcCpu *cpu, uint64_t pa, unsigned n)
{
	_Atomic uint64_t *g = &ppc_code_map(cpu)->granules[pa >> RAM_PAGE_SHIFT];
	uint64_t mask = granule_mask(pa, n);

	if ((atomic_load_explicit(g, memory_order_relaxed) & mask) != mask)
		atomic_fetch_or(g, mask);
}

/* Does a write of n bytes at pa (one page) hit code?  Then the page is forgotten. */
static bool take_code(PpcCodeMap *m, uint64_t pa, unsigned n)
{
	Ram *ram = m->machine->ram;
	_Atomic uint64_t *g = &m->granules[pa >> RAM_PAGE_SHIFT];

	if (!(atomic_load(g) & granule_mask(pa, n)))
		return false;
	atomic_store(g, 0);
	atomic_fetch_and(&ram->page_flags[pa >> RAM_PAGE_SHIFT], (uint8_t)~RAM_PAGE_CODE);
	return true;
}

/* Somebody who is not a CPU wrote (DMA, a hypercall, a load of state). */
static void code_written(void *opaque, uint64_t pa, uint32_t len)
{
	PpcCodeMap *m = opaque;
	const PpcFlush f = { .kind = PPC_FLUSH_CODE, .ea = pa & PPC_PAGE_MASK };

	atomic_fetch_add(&m->asking, 1);
	if (take_code(m, pa, len))
		for (unsigned i = 0; i < m->machine->vcpus->len; i++)
			ppc_tlb_ask(((Vcpu *)m->machine->vcpus->pdata[i])->cpu, &f);
	atomic_fetch_sub(&m->asking, 1);
}

void ppc_drop_code(PpcCpu *cpu, uint64_t pa, unsigned n)
{
	const PpcFlush f = { .kind = PPC_FLUSH_CODE, .ea = pa & PPC_PAGE_MASK };
	PpcCodeMap *m = ppc_code_map(cpu);

	if (!(atomic_load(&m->granules[pa >> RAM_PAGE_SHIFT]) & granule_mask(pa, n)))
		return;
	/* Who finds the marks gone finds this, too, until all have been asked. */
	atomic_fetch_add(&m->asking, 1);
	if (take_code(m, pa, n))
		ppc_tlb_everywhere(cpu, &f);
	atomic_fetch_sub(&m->asking, 1);
}

void ppc_note_store(PpcCpu *cpu, uint64_t pa, unsigned n)
{
	if (atomic_load(&cpu->dev.machine->ram->page_flags[pa >> RAM_PAGE_SHIFT]) & RAM_PAGE_CODE)
		ppc_drop_code(cpu, pa, n);
}

void ppc_set_bits(PpcCpu *cpu, uint64_t pa, uint8_t bits)
{
	Ram *ram = cpu->dev.machine->ram;
	uint64_t version = 0;

	ram_touch(ram, pa);
	if (cpu->guarded)
		version = ppc_granule_lock(cpu, pa);
	__atomic_fetch_or(ram->host + pa, bits, __ATOMIC_SEQ_CST);
	if (cpu->guarded)
		ppc_granule_unlock(cpu, pa, version);
	ppc_note_store(cpu, pa, 1);
}

void ppc_before_store(PpcCpu *cpu, uint64_t pa, unsigned n)
{
	PpcCodeMap *m = ppc_code_map(cpu);
	_Atomic uint8_t *flags = &cpu->dev.machine->ram->page_flags[pa >> RAM_PAGE_SHIFT];
	uint8_t now = atomic_load_explicit(flags, memory_order_relaxed);

	if (now & RAM_PAGE_TRACK)
		ram_touched(cpu->dev.machine->ram, pa >> RAM_PAGE_SHIFT);
	if (!(now & RAM_PAGE_CODE))
		return;
	if (!(atomic_load(&m->granules[pa >> RAM_PAGE_SHIFT]) & granule_mask(pa, n)))
		return;
	/* The block under way must not outlive its bytes: take it one by one. */
	if (!cpu->single && cpu->in_run && !((cpu->cur_block->pa ^ pa) & PPC_PAGE_MASK))
		ppc_restart_single(cpu);
	ppc_note_store(cpu, pa, n);
}

bool ppc_has_code(const PpcCpu *cpu, uint64_t pa, unsigned n)
{
	return (atomic_load(&cpu->dev.machine->ram->page_flags[pa >> RAM_PAGE_SHIFT]) &
		RAM_PAGE_CODE) &&
	       (atomic_load(&ppc_code_map(cpu)->granules[pa >> RAM_PAGE_SHIFT]) &
		granule_mask(pa, n));
}

bool ppc_store_is_plain(PpcCpu *cpu, uint64_t pa, unsigned n)
{
	Ram *ram = cpu->dev.machine->ram;
	_Atomic uint8_t *flags = &ram->page_flags[pa >> RAM_PAGE_SHIFT];
	uint8_t now = atomic_load_explicit(flags, memory_order_relaxed);

	if ((now & RAM_PAGE_CODE) &&
	    (atomic_load(&ppc_code_map(cpu)->granules[pa >> RAM_PAGE_SHIFT]) & granule_mask(pa, n)))
		return false;
	if (now & RAM_PAGE_TRACK)
		ram_touched(ram, pa >> RAM_PAGE_SHIFT);
	return true;
}

/* --------------------------------------------------------------- blocks */

enum { HASH_BITS = 12 }; /* at first */

static PpcBlock **list_of(const PpcBlockCache *c, uint64_t pa, uint32_t mode)
{
	uint64_t h = (pa >> 2 ^ (uint64_t)mode << 40) * UINT64_C(0x9e3779b97f4a7c15);

	return &c->hash[h >> (64 - c->bits)];
}

static void hash_new(PpcBlockCache *c, unsigned bits)
{
	c->bits = bits;
	c->hash = g_new0(PpcBlock *, (size_t)1 << bits);
	c->bytes += sizeof(*c->hash) << bits;
}

static void hash_free(PpcBlockCache *c)
{
	c->bytes -= sizeof(*c->hash) << c->bits;
	g_clear_pointer(&c->hash, g_free);
}

/* Twice as many lists: looking at a block that is not the one costs more than anything else here. */
static void hash_grow(PpcBlockCache *c)
{
	PpcBlock **old = c->hash;
	unsigned bits = c->bits;

	hash_new(c, bits + 1);
	c->bytes -= sizeof(*old) << bits;
	for (size_t i = 0; i < (size_t)1 << bits; i++)
		for (PpcBlock *b = old[i], *next; b; b = next) {
			PpcBlock **at = list_of(c, b->pa, b->mode);

			next = b->hash_next;
			b->hash_next = *at;
			*at = b;
		}
	g_free(old);
}

enum { CHUNK = 1024 };

static PpcBlock *block_new(PpcBlockCache *c)
{
	PpcBlock *b;

	if (!c->unused) {
		PpcBlock *all = aligned_alloc(sizeof(*all), CHUNK * sizeof(*all));

		if (!all)
			g_error("no memory for decoded instructions");
		g_ptr_array_add(c->chunks, all);
		for (unsigned i = CHUNK; i-- > 0;) {
			all[i].hash_next = c->unused;
			c->unused = &all[i];
		}
	}
	b = c->unused;
	c->unused = b->hash_next;
	c->used++;
	return b;
}

static void ops_free(PpcBlock *b)
{
	if (b->ops)
		g_free(ppc_block_links(b));
	b->ops = NULL;
}

static void block_free(PpcBlockCache *c, PpcBlock *b)
{
	ops_free(b);
	b->hash_next = c->unused;
	c->unused = b;
	if (--c->used)
		return;
	c->unused = NULL;
	g_ptr_array_set_size(c->chunks, 0);
}

static size_t ops_bytes(const PpcBlock *b)
{
	return 2 * sizeof(PpcBlock *) + b->n * sizeof(PpcOp);
}

static size_t bytes_of(const PpcBlock *b)
{
	return sizeof(*b) + (b->ops ? ops_bytes(b) : 0);
}

static void log_block(PpcCpu *cpu, const PpcBlock *b, uint64_t ea)
{
	g_autoptr(GString) s = g_string_new(NULL);

	for (unsigned i = 0; i < b->n; i++) {
		const PpcOp *op = &b->ops[i];
		const uint8_t *host = cpu->dev.machine->ram->host + b->pa + op->off;
		uint32_t word = fetch(cpu, host);

		g_string_truncate(s, 0);
		ppc_disas(cpu->features, word, op->word, ea + op->off, s);
		log_line("0x%016" PRIx64 ":  %08x  %s", ea + op->off, word, s->str);
	}
	log_line("%s", "");
}

bool ppc_block_decode(PpcCpu *cpu, uint64_t pa, PpcOp *op)
{
	if (unlikely(cpu->copy != NULL))
		return decode_armed(cpu, cpu->copy->bytes + (pa & ~PPC_PAGE_MASK), pa, op);
	mark_code(cpu, pa, 4);
	return decode_armed(cpu, cpu->dev.machine->ram->host + pa, pa, op);
}

bool ppc_block_is(PpcCpu *cpu, uint64_t pa, const uint8_t *copy, unsigned n)
{
	uint8_t now[8];

	mark_code(cpu, pa, n);
	ppc_copy(now, cpu->dev.machine->ram->host + pa, n);
	return !memcmp(now, copy, n);
}

/* Decodes the instructions at pa; how many, which have *bytes. */
static unsigned decode_all(PpcCpu *cpu, uint64_t pa, PpcOp *ops, unsigned *bytes)
{
	unsigned room = (unsigned)(RAM_PAGE_SIZE - (pa & ~PPC_PAGE_MASK)), n = 0;
	unsigned max = cpu->mode & (PPC_MODE_SE | PPC_MODE_BE) ? 1 : PPC_BLOCK_MAX;

	*bytes = 0;
	for (bool end = false; n < max && *bytes < room && !end; n++) {
		end = ppc_block_decode(cpu, pa + *bytes, &ops[n]);
		ops[n].off = (uint16_t)*bytes;
		*bytes += ops[n].len;
	}
	return n;
}

static void set_ops(PpcBlockCache *c, PpcBlock *b, const PpcOp *ops)
{
	PpcBlock **room = g_malloc(ops_bytes(b));

	b->ops = (PpcOp *)(void *)(room + 2);
	memcpy(b->ops, ops, b->n * sizeof(PpcOp));
	c->bytes += ops_bytes(b);
}

void ppc_block_again(PpcCpu *cpu, PpcBlock *b)
{
	PpcOp ops[PPC_BLOCK_MAX];
	unsigned bytes;

	/* If another CPU's store has just changed them, they may as well be the new ones. */
	b->n = (uint16_t)decode_all(cpu, b->pa, ops, &bytes);
	b->bytes = (uint16_t)bytes;
	set_ops(cpu->blocks, b, ops);
}

void ppc_block_is_head(PpcCpu *cpu, const PpcBlock *b)
{
	gpointer page = GSIZE_TO_POINTER(b->pa >> RAM_PAGE_SHIFT);
	PpcHeads *h = g_hash_table_lookup(cpu->blocks->heads, page);
	unsigned n = (b->pa & ~PPC_PAGE_MASK) >> 2;

	if (!h) {
		h = g_new0(PpcHeads, 1);
		g_hash_table_insert(cpu->blocks->heads, page, h);
	}
	h->at[n >> 6] |= UINT64_C(1) << (n & 63);
}

const PpcHeads *ppc_block_heads(const PpcCpu *cpu, uint64_t pa)
{
	return g_hash_table_lookup(cpu->blocks->heads, GSIZE_TO_POINTER(pa >> RAM_PAGE_SHIFT));
}

void ppc_block_slim(PpcCpu *cpu, PpcBlock *b)
{
	if (!b->ops)
		return;
	cpu->blocks->bytes -= ops_bytes(b);
	b->link_off[0] = b->link_off[1] = 0xffff;
	ops_free(b);
}

static PpcBlock *build(PpcCpu *cpu, uint64_t ea, uint64_t pa)
{
	PpcBlockCache *c = cpu->blocks;
	PpcOp ops[PPC_BLOCK_MAX];
	PpcBlock *b, **at;
	unsigned bytes, n;

	mark_page(cpu, pa);
	n = decode_all(cpu, pa, ops, &bytes);
	b = block_new(c);
	*b = (PpcBlock){ .pa = pa,
			 .mode = cpu->mode,
			 .n = (uint16_t)n,
			 .bytes = (uint16_t)bytes,
			 .link_off = { 0xffff, 0xffff } };
	set_ops(c, b, ops);
	if (c->n++ >> (c->bits - 1))
		hash_grow(c);
	at = list_of(c, pa, b->mode);
	b->hash_next = *at;
	*at = b;
	b->page_next = g_hash_table_lookup(c->pages, GSIZE_TO_POINTER(pa >> RAM_PAGE_SHIFT));
	g_hash_table_insert(c->pages, GSIZE_TO_POINTER(pa >> RAM_PAGE_SHIFT), b);
	c->bytes += sizeof(*b);
	c->built++;
	if (c->warm && ppc_warm_has(c->warm, pa, b->mode))
		ppc_unit_hot(cpu, b);
	if (log_on(LOG_IN_ASM) && log_has(ea))
		log_block(cpu, b, ea);
	return b;
}

PpcBlock *ppc_block_peek(const PpcCpu *cpu, uint64_t pa, uint32_t mode)
{
	PpcBlock *b = *list_of(cpu->blocks, pa, mode);

	while (b && (b->pa != pa || b->mode != mode))
		b = b->hash_next;
	return b;
}

PpcBlock *ppc_block_get(PpcCpu *cpu, uint64_t ea, uint64_t pa)
{
	PpcBlockCache *c = cpu->blocks;
	PpcBlock *b = ppc_block_peek(cpu, pa, cpu->mode);

	if (likely(b != NULL))
		return b;
	if (!ram_has(cpu->dev.machine->ram, pa, 4)) {
		log_guest("cpu %u: instruction fetch at 0x%" PRIx64 " (real 0x%" PRIx64
			  ") outside of RAM",
			  cpu->index, ea, pa);
		cpu->slice_left--;
		ppc_raise_mcheck(cpu, ea);
	}
	if (c->bytes > CACHE_LIMIT)
		ppc_blocks_drop_all(cpu);
	else if (c->bytes > c->sweep_at)
		ppc_blocks_sweep(cpu);
	return build(cpu, ea, pa);
}

void ppc_block_decode_one(PpcCpu *cpu, uint64_t pa, PpcOp *op)
{
	static const uint8_t none[8];
	const Ram *ram = cpu->dev.machine->ram;

	decode_armed(cpu, ram_has(ram, pa, 4) ? ram->host + pa : none, pa, op);
}

static void forget_jumps(PpcCpu *cpu)
{
	/* cpu->jumps leads to ways out until the units are reaped, which empties it of them. */
	if (!++cpu->blocks->era) {
		memset(cpu->blocks->jump, 0, sizeof(cpu->blocks->jump));
		cpu->blocks->era = 1;
	}
}

static void drop_unit(PpcCpu *cpu, PpcBlock *b)
{
	if (b->job)
		ppc_compile_void(b);
	if (!b->unit)
		return;
	ppc_unit_drop(cpu, b->unit);
	b->unit = NULL;
}

static void bury(PpcCpu *cpu, PpcBlock *b)
{
	PpcBlockCache *c = cpu->blocks;
	PpcBlock **at = list_of(c, b->pa, b->mode);

	while (*at != b)
		at = &(*at)->hash_next;
	*at = b->hash_next;
	c->n--;
	drop_unit(cpu, b);
	c->bytes -= bytes_of(b);
	b->hash_next = c->dead;
	c->dead = b;
	c->dropped++;
}

void ppc_blocks_drop_page(PpcCpu *cpu, uint64_t pa)
{
	PpcBlockCache *c = cpu->blocks;
	gpointer page = GSIZE_TO_POINTER(pa >> RAM_PAGE_SHIFT);
	PpcBlock *b = g_hash_table_lookup(c->pages, page);

	if (cpu->units)
		ppc_traces_drop_page(cpu, pa);
	if (!b)
		return;
	g_hash_table_remove(c->pages, page);
	g_hash_table_remove(c->heads, page);
	for (PpcBlock *next; b; b = next) {
		next = b->page_next;
		bury(cpu, b);
	}
	forget_jumps(cpu);
	ppc_new_epoch(cpu);
}

void ppc_blocks_drop_all(PpcCpu *cpu)
{
	PpcBlockCache *c = cpu->blocks;
	GHashTableIter it;
	gpointer first;

	if (cpu->units)
		ppc_units_drop_all(cpu);
	g_hash_table_iter_init(&it, c->pages);
	while (g_hash_table_iter_next(&it, NULL, &first))
		for (PpcBlock *b = first, *next; b; b = next) {
			next = b->page_next;
			b->hash_next = c->dead;
			c->dead = b;
			drop_unit(cpu, b);
		}
	g_hash_table_remove_all(c->pages);
	g_hash_table_remove_all(c->heads);
	hash_free(c);
	c->n = c->bytes = c->swept = 0;
	hash_new(c, HASH_BITS);
	forget_jumps(cpu);
	c->sweep_at = SWEEP_AT;
	c->full_drops++;
	if (cpu->counted)
		ppc_code_map(cpu)->turn = NULL;
	ppc_new_epoch(cpu);
}

/* The page's blocks that have a unit, or may have one, without their ops; the others are buried. */
static PpcBlock *hot_ones(PpcCpu *cpu, PpcBlock *b)
{
	PpcBlock *hot = NULL;

	for (PpcBlock *next; b; b = next) {
		next = b->page_next;
		if (b->runs < COLD) {
			bury(cpu, b);
			continue;
		}
		b->link_off[0] = b->link_off[1] = 0xffff;
		ppc_block_slim(cpu, b);
		b->page_next = hot;
		hot = b;
	}
	return hot;
}

void ppc_blocks_sweep(PpcCpu *cpu)
{
	PpcBlockCache *c = cpu->blocks;
	GHashTableIter it;
	gpointer first;

	g_hash_table_iter_init(&it, c->pages);
	while (g_hash_table_iter_next(&it, NULL, &first)) {
		PpcBlock *hot = hot_ones(cpu, first);

		if (hot)
			g_hash_table_iter_replace(&it, hot);
		else
			g_hash_table_iter_remove(&it);
	}
	forget_jumps(cpu);
	c->swept = c->bytes;
	c->sweep_at = MAX(SWEEP_AT, 2 * c->bytes);
	c->sweeps++;
	/* The block under way is left without a look at its links. */
	ppc_new_epoch(cpu);
}

void ppc_blocks_reap(PpcCpu *cpu)
{
	for (PpcBlock *b = cpu->blocks->dead, *next; b; b = next) {
		next = b->hash_next;
		block_free(cpu->blocks, b);
	}
	cpu->blocks->dead = NULL;
	if (cpu->units)
		ppc_units_reap(cpu);
}

void ppc_take_turn(PpcCpu *cpu)
{
	const GPtrArray *all = cpu->dev.machine->vcpus;
	PpcCodeMap *m = ppc_code_map(cpu);

	/* In host time CPUs do not take turns: reserve.c has what a store does to others. */
	if (!cpu->counted || likely(m->turn == cpu))
		return;
	m->turn = cpu;
	for (guint i = 0; i < all->len; i++) {
		PpcCpu *other = ((Vcpu *)all->pdata[i])->cpu;

		if (other != cpu)
			other->resv_addr = UINT64_MAX;
	}
}

static void free_map(PpcCodeMap *m)
{
	g_free(m->granules);
	g_free(m->aliased);
	g_free(m->writers);
	g_free(m->stores);
	g_free(m);
}

bool ppc_blocks_init(PpcCpu *cpu, GError **err)
{
	Ram *ram = cpu->dev.machine->ram;
	PpcCodeMap *m = ram->code_opaque;

	if (!m) {
		m = g_new0(PpcCodeMap, 1);
		m->machine = cpu->dev.machine;
		m->granules = g_try_malloc0((ram->size >> RAM_PAGE_SHIFT) * 8);
		m->aliased = g_try_malloc0(((ram->size >> RAM_PAGE_SHIFT) / 64 + 1) * 8);
		m->writers = g_try_malloc0((ram->size >> RAM_PAGE_SHIFT) * 4);
		if (!m->granules || !m->aliased || !m->writers) {
			free_map(m);
			return fail(err, "cannot allocate the code map of %" PRIu64 " MiB of RAM",
				    ram->size >> 20);
		}
		ram->code_written = code_written;
		ram->code_opaque = m;
	}
	m->users++;
	cpu->blocks = g_new0(PpcBlockCache, 1);
	cpu->blocks->sweep_at = SWEEP_AT;
	cpu->blocks->era = 1;
	cpu->blocks->chunks = g_ptr_array_new_with_free_func(free);
	hash_new(cpu->blocks, HASH_BITS);
	cpu->blocks->pages = g_hash_table_new(NULL, NULL);
	cpu->blocks->heads = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	return true;
}

void ppc_blocks_free(PpcCpu *cpu)
{
	Ram *ram = cpu->dev.machine->ram;
	PpcCodeMap *m = ram->code_opaque;

	if (!cpu->blocks)
		return;
	ppc_blocks_drop_all(cpu);
	ppc_blocks_reap(cpu);
	ppc_units_free(cpu);
	ppc_warm_free(cpu);
	g_hash_table_unref(cpu->blocks->pages);
	g_hash_table_unref(cpu->blocks->heads);
	hash_free(cpu->blocks);
	g_ptr_array_unref(cpu->blocks->chunks);
	g_free(cpu->blocks);
	cpu->blocks = NULL;
	if (--m->users)
		return;
	ram->code_written = NULL;
	ram->guard = NULL;
	ram->code_opaque = NULL;
	free_map(m);
}
