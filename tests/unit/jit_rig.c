#include <check.h>
#include <string.h>
#include "tests/unit/jit_rig.h"
#include "tests/unit/skip.h"

static const JitSlot *slots(void)
{
	static JitSlot s[RIG_SLOTS];
	static char names[RIG_SLOTS][8];

	for (unsigned i = 0; i < RIG_SLOTS; i++) {
		g_snprintf(names[i], sizeof(names[i]), "s%u", i);
		s[i].name = names[i];
		if (i == RIG_NIP) {
			s[i].offset = offsetof(RigEnv, nip);
			s[i].type = JIT_I64;
		} else if (i < RIG_I64) {
			s[i].offset = (int32_t)(offsetof(RigEnv, r64) + 8 * i);
			s[i].type = JIT_I64;
		} else if (i < RIG_I64 + RIG_I8) {
			s[i].offset = (int32_t)(offsetof(RigEnv, r8) + i - RIG_I64);
			s[i].type = JIT_I8;
		} else if (i >= RIG_VECS) {
			s[i].offset = (int32_t)(offsetof(RigEnv, v) + 16 * (i - RIG_VECS));
			s[i].type = JIT_V128;
		} else {
			s[i].offset = (int32_t)(offsetof(RigEnv, r32) + 4 * (i - RIG_I64 - RIG_I8));
			s[i].type = JIT_I32;
		}
	}
	return s;
}

/* Neighbours lie apart for the host. */
static unsigned host_page(unsigned page)
{
	return page * 5 % RIG_PAGES;
}

/* The byte of memory at ea, or NULL. */
static uint8_t *byte_at(RigEnv *e, uint64_t ea)
{
	uint64_t off = (ea & ~(UINT64_C(1) << 63)) - RIG_BASE;

	if (off >= sizeof(e->mem) || off / RIG_PAGE % 4 == 3 || e->refuse)
		return NULL;
	return &e->mem[host_page(off / RIG_PAGE) * RIG_PAGE + off % RIG_PAGE];
}

static bool reach(RigEnv *e, uint64_t ea, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!byte_at(e, ea + i))
			return false;
	return true;
}

static bool ld(void *env, uint64_t ea, uint32_t mem, void *v)
{
	RigEnv *e = env;
	unsigned n = 1u << (mem & IR_MEM_SIZE);
	uint8_t buf[16] = { 0 };

	e->slow++;
	e->calls = e->calls * 31 + ea + e->budget;
	if (!reach(e, ea, n))
		return false;
	for (unsigned i = 0; i < n; i++)
		buf[mem & IR_MEM_SWAP ? n - 1 - i : i] = *byte_at(e, ea + i);
	memcpy(v, buf, n == 16 ? 16 : 8);
	return true;
}

static bool st(void *env, uint64_t ea, uint32_t mem, const void *v)
{
	RigEnv *e = env;
	unsigned n = 1u << (mem & IR_MEM_SIZE);
	const uint8_t *from = v;

	e->slow++;
	e->calls = e->calls * 31 + ea + e->budget;
	if (!reach(e, ea, n))
		return false;
	for (unsigned i = 0; i < n; i++)
		*byte_at(e, ea + i) = from[mem & IR_MEM_SWAP ? n - 1 - i : i];
	return true;
}

/* What the TLB does not have may be had all the same. */
static void *probe(void *env, uint64_t ea, unsigned n, bool store)
{
	RigEnv *e = env;
	const RigEntry *t = &e->tlb[ea >> 63][ea / RIG_PAGE % RIG_ENTRIES];
	uint64_t page = ea / RIG_PAGE * RIG_PAGE;

	if ((ea + n - 1) / RIG_PAGE * RIG_PAGE != page)
		return NULL;
	if ((store ? t->wr : t->rd) == page)
		return (void *)(uintptr_t)(ea + t->addend);
	return t->addend == UINT64_MAX || t->rd == page || t->wr == page ? NULL : byte_at(e, ea);
}

/* Spoils what a C function may spoil, to be sure. */
static void spoil(void)
{
#ifdef __x86_64__
	__asm__ volatile("mov $-1, %%rax; mov %%rax, %%rcx; mov %%rax, %%rdx; mov %%rax, %%rsi;"
			 "mov %%rax, %%rdi; mov %%rax, %%r8; mov %%rax, %%r9; mov %%rax, %%r10;"
			 "mov %%rax, %%r11; pxor %%xmm2, %%xmm2; pxor %%xmm9, %%xmm9" ::
				 : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
				   "xmm2", "xmm9");
#endif
}

static uint64_t helper(void *env, uint64_t a, uint64_t b, uint64_t c)
{
	RigEnv *e = env;

	spoil();
	e->calls = e->calls * 31 + e->budget;
	return (a ^ b << 1) * 3 + c;
}

static uint64_t helper_count(void *env, uint64_t a, uint64_t b, uint64_t c)
{
	RigEnv *e = env;

	spoil();
	e->calls = e->calls * 31 + a + 3 * b + 5 * c;
	return e->calls;
}

static u128 fpv(void *env, uint32_t imm, u128 a, u128 b, u128 c)
{
	RigEnv *e = env;

	spoil();
	e->calls = e->calls * 31 + imm;
	return a + 3 * b + (c << 1) + imm;
}

/* Takes the page of a out of the TLB. */
static uint64_t helper_flush(void *env, uint64_t a, uint64_t b, uint64_t c)
{
	RigEnv *e = env;
	RigEntry *t = &e->tlb[a >> 63][a / RIG_PAGE % RIG_ENTRIES];

	(void)b;
	(void)c;
	spoil();
	t->rd = t->wr = UINT64_MAX;
	return 0;
}

static JitHelper *const helpers[] = { helper, helper_count, helper_flush };

void rig_exec(void *env, const void *arg)
{
	RigEnv *e = env;
	uintptr_t n = (uintptr_t)arg;

	spoil();
	for (unsigned i = 0; i < RIG_I64; i++)
		e->calls = e->calls * 31 + e->r64[i];
	for (unsigned i = 0; i < RIG_I8; i++)
		e->calls = e->calls * 31 + e->r8[i];
	e->calls = e->calls * 31 + e->budget;
	e->r64[n % RIG_I64] += e->calls;
	e->r64[n * 7 % RIG_I64] ^= n;
	e->r8[n % RIG_I8] ^= 1;
	e->r32[n % RIG_I32] -= 5;
	for (unsigned i = 0; i < RIG_V128; i++)
		e->calls = e->calls * 31 + (uint64_t)(e->v[i] ^ e->v[i] >> 64);
	e->v[n % RIG_V128] += e->calls;
}

const JitTarget *rig_target(void)
{
	static JitTarget t = {
		.nslots = RIG_SLOTS,
		.bias = 128,
		.stop = offsetof(RigEnv, stop),
		.budget = offsetof(RigEnv, budget),
		.view = offsetof(RigEnv, view),
		.jumps = offsetof(RigEnv, jumps),
		.nip = RIG_NIP,
		.tlb = {
			.table = { offsetof(RigEnv, table[0]), offsetof(RigEnv, table[1]) },
			.page_bits = 12,
			.entries = RIG_ENTRIES,
			.entry_size = sizeof(RigEntry),
			.rd = offsetof(RigEntry, rd),
			.wr = offsetof(RigEntry, wr),
			.addend = offsetof(RigEntry, addend),
		},
		.ld = ld,
		.st = st,
		.probe = probe,
		.helpers = helpers,
		.fpv = fpv,
	};

	t.slots = slots();
	return &t;
}

static void tlb_fill(RigEnv *e)
{
	memset(e->tlb, 0xff, sizeof(e->tlb));
	e->table[0] = e->tlb[0];
	e->table[1] = e->tlb[1];
	for (unsigned half = 0; half < 2; half++) {
		for (unsigned p = 0; p < RIG_PAGES; p++) {
			uint64_t ea = (uint64_t)half << 63 | (RIG_BASE + p * RIG_PAGE);
			RigEntry *t = &e->tlb[half][ea / RIG_PAGE % RIG_ENTRIES];

			if (p % 4 < 2)
				t->rd = ea;
			if (p % 4 == 0 || p == 2)
				t->wr = ea;
			t->addend = (uintptr_t)&e->mem[host_page(p) * RIG_PAGE] - ea;
		}
	}
}

RigEnv *rig_env_new(void)
{
	RigEnv *e = g_new0(RigEnv, 1);

	tlb_fill(e);
	e->jumps = g_new0(JitJumps, 1);
	return e;
}

RigEnv *rig_env_copy(const RigEnv *from)
{
	RigEnv *e = g_new(RigEnv, 1);

	*e = *from;
	tlb_fill(e);
	e->jumps = g_new0(JitJumps, 1);
	return e;
}

void rig_env_free(RigEnv *e)
{
	g_free(e->jumps);
	g_free(e);
}

bool rig_env_same(const RigEnv *a, const RigEnv *b, char **why)
{
	for (unsigned i = 0; i < RIG_I64; i++) {
		if (a->r64[i] != b->r64[i]) {
			*why = g_strdup_printf("s%u is 0x%" G_GINT64_MODIFIER
					       "x, not 0x%" G_GINT64_MODIFIER "x",
					       i, a->r64[i], b->r64[i]);
			return false;
		}
	}
	for (unsigned i = 0; i < RIG_I8; i++) {
		if (a->r8[i] != b->r8[i]) {
			*why = g_strdup_printf("s%u is 0x%x, not 0x%x", RIG_I64 + i, a->r8[i],
					       b->r8[i]);
			return false;
		}
	}
	for (unsigned i = 0; i < RIG_V128; i++) {
		if (a->v[i] != b->v[i]) {
			*why = g_strdup_printf("vector s%u is different", RIG_VECS + i);
			return false;
		}
	}
	if (memcmp(a, b, offsetof(RigEnv, mem))) {
		*why = g_strdup_printf("nip %d r32 %d budget %d (%ld, %ld) calls %d slow %d",
				       a->nip != b->nip, !!memcmp(a->r32, b->r32, sizeof(a->r32)),
				       a->budget != b->budget, (long)a->budget, (long)b->budget,
				       a->calls != b->calls, a->slow != b->slow);
		return false;
	}
	for (unsigned i = 0; i < sizeof(a->mem); i++) {
		if (a->mem[i] != b->mem[i]) {
			*why = g_strdup_printf("memory byte 0x%x is 0x%x, not 0x%x", i, a->mem[i],
					       b->mem[i]);
			return false;
		}
	}
	return true;
}

Jit *rig_jit(size_t bytes)
{
	GError *err = NULL;
	Jit *j = jit_new(rig_target(), bytes, &err);

	if (!j) {
		test_skipped(err->message);
		g_error_free(err);
	}
	return j;
}

JitUnit *rig_finish(Jit *j, Ir *ir)
{
	g_autofree char *why = NULL;
	JitUnit *u;

	ir_finish(ir);
	ck_assert_msg(ir_check(ir, &why), "%s", why);
	u = jit_compile(j, ir, NULL);
	ck_assert_ptr_nonnull(u);
	return u;
}
