/*
 * The program that the peer runs.  For each case: load the whole state from its record, jump
 * to its words, store the whole state into the record again.  A signal comes here as well: its
 * handler takes the registers from the frame and goes on with the next case.
 *
 * Every register belongs to the case, r1 and r31 too, so what the agent needs to remember lies
 * in the first 32 KiB, where an address needs no register.
 */
#include <check.h>
#include <string.h>
#include "tests/isa/peer.h"

/* The record. */
enum {
	R_GPR = 0,
	R_CR = 256,
	R_XER = 264,
	R_LR = 272,
	R_CTR = 280,
	R_TAR = 288,
	R_VRSAVE = 296,
	R_FPSCR = 304,
	R_SIG = 312,
	R_EXIT = 320,
	R_VSCR = 336,
	R_VSR = 384,
	R_MEM = 1408,
};

/* The agent's own memory. */
enum {
	LOW = 0x4000,
	L_REC = LOW,
	L_CODE = LOW + 8,
	L_LEFT = LOW + 16,
	L_CTR = LOW + 24,
	L_30 = LOW + 32,
	L_31 = LOW + 40,
	L_EXIT = LOW + 48,
	L_ACT = LOW + 64,   /* struct sigaction */
	L_STACK = LOW + 96, /* stack_t */
	LOW_SIZE = 0x2000,
	EHDR = 0x1000, /* of the file */
	PROLOGUE = 4,  /* words before those of a case */
	COMMON = 0x2000,
	ALT_STACK = 0x8000,
};

enum {
	OP_ADDI = 14,
	OP_ADDIS = 15,
	OP_ORI = 24,
	OP_LWZ = 32,
	OP_STW = 36,
	OP_LFD = 50,
	OP_STFD = 54,
	OP_LD = 58,
	OP_STD = 62,
	X_LXVD2X = 844,
	X_STXVD2X = 972,
	X_LVX = 103,
	X_STVX = 231,
	SPR_XER = 1,
	SPR_LR = 8,
	SPR_CTR = 9,
	SPR_VRSAVE = 256,
	SPR_TAR = 815,
	SC = 0x44000002,
	SYS_EXIT = 1,
	SYS_WRITE = 4,
	SYS_SIGACTION = 173,
	SYS_SIGALTSTACK = 185,
	SA_FLAGS_LOW = 4,	/* SA_SIGINFO */
	SA_FLAGS_HIGH = 0x4800, /* SA_NODEFER, SA_ONSTACK */
};

uint64_t peer_code_at(unsigned i)
{
	return PEER_CODE + COMMON + (uint64_t)i * PEER_STRIDE + 4 * PROLOGUE;
}

uint64_t peer_mem_at(unsigned i)
{
	return PEER_RECORDS + (uint64_t)i * PEER_RECORD + R_MEM;
}

/* ---- Putting words down ---- */

typedef struct Asm {
	const Peer *p;
	GByteArray *out;
	uint64_t base; /* address of out's first byte, less its offset */
} Asm;

static uint64_t here(const Asm *a)
{
	return a->base + a->out->len;
}

static void put32(const Peer *p, uint8_t *b, uint32_t v)
{
	if (p->le)
		st32_le(b, v);
	else
		st32_be(b, v);
}

static void put64(const Peer *p, uint8_t *b, uint64_t v)
{
	if (p->le)
		st64_le(b, v);
	else
		st64_be(b, v);
}

static uint64_t get64(const Peer *p, const uint8_t *b)
{
	return p->le ? ld64_le(b) : ld64_be(b);
}

static void word(Asm *a, uint32_t w)
{
	uint8_t b[4];

	put32(a->p, b, w);
	g_byte_array_append(a->out, b, 4);
}

static void pad_to(Asm *a, uint64_t address)
{
	ck_assert_uint_le(here(a), address);
	while (here(a) < address)
		word(a, 0);
}

static void d_form(Asm *a, unsigned po, unsigned rt, unsigned ra, int d)
{
	word(a, po << 26 | rt << 21 | ra << 16 | ((unsigned)d & 0xffff));
}

static void x_form(Asm *a, unsigned rt, unsigned ra, unsigned rb, unsigned xo)
{
	word(a, 31u << 26 | rt << 21 | ra << 16 | rb << 11 | xo << 1);
}

/* Registers are doublewords in memory; 32-bit code uses the lower word. */
static void load(Asm *a, unsigned rt, unsigned ra, int d)
{
	d_form(a, a->p->wide ? OP_LD : OP_LWZ, rt, ra, a->p->wide ? d : d + 4);
}

static void store(Asm *a, unsigned rt, unsigned ra, int d)
{
	d_form(a, a->p->wide ? OP_STD : OP_STW, rt, ra, a->p->wide ? d : d + 4);
}

static void mtspr(Asm *a, unsigned spr, unsigned rs)
{
	x_form(a, rs, spr & 31, spr >> 5, 467);
}

static void mfspr(Asm *a, unsigned rt, unsigned spr)
{
	x_form(a, rt, spr & 31, spr >> 5, 339);
}

static void constant(Asm *a, unsigned rt, uint64_t v)
{
	d_form(a, OP_ADDIS, rt, 0, (int)(v >> 16));
	d_form(a, OP_ORI, rt, rt, (int)(v & 0xffff));
}

static void branch(Asm *a, uint64_t to)
{
	word(a, 18u << 26 | ((uint32_t)(to - here(a)) & 0x3fffffc));
}

static void syscall(Asm *a, unsigned nr)
{
	d_form(a, OP_ADDI, 0, 0, (int)nr);
	word(a, SC);
}

/* ---- The parts ---- */

static void vectors(Asm *a, bool out)
{
	for (unsigned i = 0; i < 64; i++) {
		int at = R_VSR + 16 * (int)i;

		if (!a->p->vsx && i < 32) {
			d_form(a, out ? OP_STFD : OP_LFD, i, 31, at);
			continue;
		}
		if (!a->p->vmx)
			break;
		d_form(a, OP_ADDI, 9, 31, at);
		if (!a->p->vsx)
			x_form(a, i & 31, 0, 9, out ? X_STVX : X_LVX);
		else
			word(a, 31u << 26 | (i & 31) << 21 | 9 << 11 |
					(out ? X_STXVD2X : X_LXVD2X) << 1 | i >> 5);
	}
}

static void load_state(Asm *a)
{
	bool long_fpscr = a->p->features & PPC_F_DFP;

	load(a, 31, 0, L_REC);
	if (a->p->vmx) {
		d_form(a, OP_ADDI, 9, 31, R_VSCR);
		x_form(a, 0, 0, 9, X_LVX);
		word(a, 0x10000644); /* mtvscr v0 */
		load(a, 0, 31, R_VRSAVE);
		mtspr(a, SPR_VRSAVE, 0);
	}
	d_form(a, OP_LFD, 0, 31, R_FPSCR);
	word(a, long_fpscr ? 0xfffe058e : 0xfdfe058e); /* mtfsf */
	vectors(a, false);
	load(a, 0, 31, R_CR);
	word(a, 0x7c0ff120); /* mtcrf 255,r0 */
	load(a, 0, 31, R_XER);
	mtspr(a, SPR_XER, 0);
	load(a, 0, 31, R_LR);
	mtspr(a, SPR_LR, 0);
	if (a->p->features & PPC_F_207) {
		load(a, 0, 31, R_TAR);
		mtspr(a, SPR_TAR, 0);
	}
	load(a, 9, 0, L_CODE);
	mtspr(a, SPR_CTR, 9);
	load(a, 9, 31, R_CTR);
	store(a, 9, 0, L_CTR);
	load(a, 9, 31, R_GPR + 8 * 30);
	store(a, 9, 0, L_30);
	load(a, 9, 31, R_GPR + 8 * 31);
	store(a, 9, 0, L_31);
	for (unsigned i = 0; i < 30; i++)
		load(a, i, 31, R_GPR + 8 * (int)i);
	word(a, 0x4e800420); /* bctr */
}

static void save_state(Asm *a, unsigned exit)
{
	store(a, 31, 0, L_31);
	load(a, 31, 0, L_REC);
	for (unsigned i = 0; i < 31; i++)
		store(a, i, 31, R_GPR + 8 * (int)i);
	load(a, 0, 0, L_31);
	store(a, 0, 31, R_GPR + 8 * 31);
	d_form(a, OP_ADDI, 0, 0, (int)exit);
	store(a, 0, 31, R_EXIT);
	d_form(a, OP_ADDI, 0, 0, 0);
	store(a, 0, 31, R_SIG);
	word(a, 0x7c000026); /* mfcr r0 */
	store(a, 0, 31, R_CR);
	mfspr(a, 0, SPR_XER);
	store(a, 0, 31, R_XER);
	mfspr(a, 0, SPR_LR);
	store(a, 0, 31, R_LR);
	mfspr(a, 0, SPR_CTR);
	store(a, 0, 31, R_CTR);
}

/* Linux: r3 is the signal, r5 the context, whose registers are stored as pt_regs. */
static void save_from_signal(Asm *a)
{
	static const struct {
		unsigned index;
		int at;
	} other[] = { { 32, R_EXIT }, { 35, R_CTR }, { 36, R_LR }, { 37, R_XER }, { 38, R_CR } };
	int size = a->p->wide ? 8 : 4, regs = a->p->wide ? 232 : 0;
	int fpscr = regs + 48 * size + 32 * 8;

	load(a, 31, 0, L_REC);
	store(a, 3, 31, R_SIG);
	if (!a->p->wide) /* here the context has a pointer to them */
		d_form(a, OP_LWZ, 5, 5, 48);
	for (unsigned i = 0; i < 32; i++) {
		d_form(a, a->p->wide ? OP_LD : OP_LWZ, 0, 5, regs + size * (int)i);
		store(a, 0, 31, R_GPR + 8 * (int)i);
	}
	for (unsigned i = 0; i < ARRAY_LEN(other); i++) {
		d_form(a, a->p->wide ? OP_LD : OP_LWZ, 0, 5, regs + size * (int)other[i].index);
		store(a, 0, 31, other[i].at);
	}
	for (int i = 0; i < 8; i += 4) { /* in the handler it is 0 */
		d_form(a, OP_LWZ, 0, 5, fpscr + i);
		d_form(a, OP_STW, 0, 31, R_FPSCR + i);
	}
}

static void save_rest(Asm *a)
{
	vectors(a, true);
	load(a, 0, 31, R_SIG);
	word(a, 0x2c000000); /* cmpwi r0,0 */
	word(a, 0x4082000c); /* bne .+12: a signal's is there */
	word(a, 0xfc00048e); /* mffs f0 */
	d_form(a, OP_STFD, 0, 31, R_FPSCR);
	if (a->p->vmx) {
		word(a, 0x10000604); /* mfvscr v0 */
		d_form(a, OP_ADDI, 9, 31, R_VSCR);
		x_form(a, 0, 0, 9, X_STVX);
		mfspr(a, 0, SPR_VRSAVE);
		store(a, 0, 31, R_VRSAVE);
	}
	if (a->p->features & PPC_F_207) {
		mfspr(a, 0, SPR_TAR);
		store(a, 0, 31, R_TAR);
	}
	d_form(a, OP_ADDI, 31, 31, PEER_RECORD);
	store(a, 31, 0, L_REC);
	load(a, 9, 0, L_CODE);
	d_form(a, OP_ADDI, 9, 9, PEER_STRIDE);
	store(a, 9, 0, L_CODE);
	load(a, 9, 0, L_LEFT);
	d_form(a, OP_ADDI, 9, 9, -1);
	store(a, 9, 0, L_LEFT);
	word(a, 0x2c090000); /* cmpwi r9,0 */
}

static void finish(Asm *a, unsigned n)
{
	d_form(a, OP_ADDI, 3, 0, 1);
	constant(a, 4, PEER_RECORDS);
	constant(a, 5, (uint64_t)n * PEER_RECORD);
	syscall(a, SYS_WRITE);
	d_form(a, OP_ADDI, 3, 0, 0);
	syscall(a, SYS_EXIT);
}

static void start(Asm *a)
{
	static const uint8_t sigs[] = { PEER_SIGILL, PEER_SIGTRAP, PEER_SIGBUS, PEER_SIGFPE,
					PEER_SIGSEGV };

	d_form(a, OP_ADDI, 3, 0, L_STACK);
	d_form(a, OP_ADDI, 4, 0, 0);
	syscall(a, SYS_SIGALTSTACK);
	for (unsigned i = 0; i < ARRAY_LEN(sigs); i++) {
		d_form(a, OP_ADDI, 3, 0, sigs[i]);
		d_form(a, OP_ADDI, 4, 0, L_ACT);
		d_form(a, OP_ADDI, 5, 0, 0);
		d_form(a, OP_ADDI, 6, 0, 8);
		syscall(a, SYS_SIGACTION);
	}
}

/* Code at PEER_CODE: the entry, the loop, ways back; then a piece for each case. */
typedef struct Labels {
	uint64_t exit[4], handler;
} Labels;

static Labels common(Asm *a, unsigned n)
{
	Labels l;
	uint64_t loop, rest;

	start(a);
	loop = here(a);
	load_state(a);
	rest = here(a);
	save_rest(a);
	word(a, 0x41820008); /* beq .+8 */
	branch(a, loop);
	finish(a, n);
	for (unsigned i = 0; i < 4; i++) {
		l.exit[i] = here(a);
		save_state(a, i);
		branch(a, rest);
	}
	l.handler = here(a);
	save_from_signal(a);
	branch(a, rest);
	return l;
}

static void case_code(Asm *a, const Labels *l, const PeerCase *c)
{
	uint64_t at = here(a);

	load(a, 30, 0, L_CTR);
	mtspr(a, SPR_CTR, 30);
	load(a, 30, 0, L_30);
	load(a, 31, 0, L_31);
	for (unsigned i = 0; i < c->words; i++)
		word(a, c->peers_word[i]);
	for (unsigned i = 0; i < 3; i++)
		branch(a, l->exit[i]);
	pad_to(a, at + PEER_STRIDE);
}

static void put_record(const Peer *p, GByteArray *out, const PeerCase *c)
{
	const PeerState *s = &c->in;
	uint8_t r[PEER_RECORD] = { 0 };

	for (unsigned i = 0; i < 32; i++)
		put64(p, r + R_GPR + 8 * i, s->gpr[i]);
	put64(p, r + R_CR, s->cr);
	put64(p, r + R_XER, s->xer);
	put64(p, r + R_LR, s->lr);
	put64(p, r + R_CTR, s->ctr);
	put64(p, r + R_TAR, s->tar);
	put64(p, r + R_VRSAVE, s->vrsave);
	put64(p, r + R_FPSCR, s->fpscr);
	put64(p, r + R_VSCR + (p->le ? 0 : 8), s->vscr);
	for (unsigned i = 0; i < 64; i++) {
		put64(p, r + R_VSR + 16 * i, VSR_D(s->vsr[i], 0));
		put64(p, r + R_VSR + 16 * i + 8, VSR_D(s->vsr[i], 1));
	}
	memcpy(r + R_MEM, s->mem, PEER_MEM);
	g_byte_array_append(out, r, PEER_RECORD);
}

void peer_read_record(const Peer *p, const uint8_t *r, PeerState *s)
{
	for (unsigned i = 0; i < 32; i++)
		s->gpr[i] = get64(p, r + R_GPR + 8 * i);
	s->cr = get64(p, r + R_CR);
	s->xer = get64(p, r + R_XER);
	s->lr = get64(p, r + R_LR);
	s->ctr = get64(p, r + R_CTR);
	s->tar = get64(p, r + R_TAR);
	s->vrsave = get64(p, r + R_VRSAVE);
	s->fpscr = get64(p, r + R_FPSCR);
	s->vscr = get64(p, r + R_VSCR + (p->le ? 0 : 8));
	s->sig = get64(p, r + R_SIG);
	s->exit = get64(p, r + R_EXIT);
	for (unsigned i = 0; i < 64; i++) {
		VSR_D(s->vsr[i], 0) = get64(p, r + R_VSR + 16 * i);
		VSR_D(s->vsr[i], 1) = get64(p, r + R_VSR + 16 * i + 8);
	}
	memcpy(s->mem, r + R_MEM, PEER_MEM);
}

/* ---- The file ---- */

typedef struct Segment {
	uint64_t offset, address, size;
} Segment;

static void header64(const Peer *p, uint8_t *h, const Segment *s, unsigned n)
{
	put32(p, h + 16, p->le ? 21u << 16 | 2 : 2u << 16 | 21); /* ET_EXEC, PPC64 */
	put32(p, h + 20, 1);
	put64(p, h + 24, PEER_CODE);
	put64(p, h + 32, 64);
	put32(p, h + 48, 2); /* an address is an address, not a descriptor */
	put32(p, h + 52, p->le ? 56u << 16 | 64 : 64u << 16 | 56);
	put32(p, h + 56, p->le ? n : n << 16);
	for (unsigned i = 0; i < n; i++, h += 56) {
		put32(p, h + 64, 1);
		put32(p, h + 68, 7);
		put64(p, h + 72, s[i].offset);
		put64(p, h + 80, s[i].address);
		put64(p, h + 88, s[i].address);
		put64(p, h + 96, s[i].size);
		put64(p, h + 104, s[i].size);
		put64(p, h + 112, 0x1000);
	}
}

static void header32(const Peer *p, uint8_t *h, const Segment *s, unsigned n)
{
	put32(p, h + 16, 2u << 16 | 20); /* ET_EXEC, PPC */
	put32(p, h + 20, 1);
	put32(p, h + 24, (uint32_t)PEER_CODE);
	put32(p, h + 28, 52);
	put32(p, h + 40, 52u << 16 | 32);
	put32(p, h + 44, n << 16);
	for (unsigned i = 0; i < n; i++, h += 32) {
		put32(p, h + 52, 1);
		put32(p, h + 56, (uint32_t)s[i].offset);
		put32(p, h + 60, (uint32_t)s[i].address);
		put32(p, h + 64, (uint32_t)s[i].address);
		put32(p, h + 68, (uint32_t)s[i].size);
		put32(p, h + 72, (uint32_t)s[i].size);
		put32(p, h + 76, 7);
		put32(p, h + 80, 0x1000);
	}
}

static void long_at(const Peer *p, uint8_t *low, unsigned at, uint64_t v)
{
	if (p->wide)
		put64(p, low + at - LOW, v);
	else
		put32(p, low + at - LOW, (uint32_t)v);
}

/* First values of the agent's memory; sigaction is handler, flags, restorer, mask. */
static void low_memory(const Peer *p, uint8_t *low, const Labels *l, unsigned n)
{
	unsigned size = p->wide ? 8 : 4;
	Asm a = { .p = p, .out = g_byte_array_new(), .base = PEER_LOW_PAD };

	put64(p, low + L_REC - LOW, PEER_RECORDS);
	put64(p, low + L_CODE - LOW, peer_code_at(0) - 4 * PROLOGUE);
	put64(p, low + L_LEFT - LOW, n);
	long_at(p, low, L_ACT, l->handler);
	long_at(p, low, L_ACT + size, (uint64_t)SA_FLAGS_HIGH << 16 | SA_FLAGS_LOW);
	long_at(p, low, L_STACK, PEER_RECORDS - ALT_STACK);
	long_at(p, low, L_STACK + 2 * size, ALT_STACK);
	branch(&a, l->exit[PEER_LOW]);
	memcpy(low + PEER_LOW_PAD - LOW, a.out->data, 4);
	g_byte_array_unref(a.out);
}

GByteArray *peer_agent(const Peer *p, const PeerCase *c, unsigned n)
{
	GByteArray *out = g_byte_array_new();
	Asm a = { .p = p, .out = out, .base = PEER_CODE - EHDR - LOW_SIZE };
	uint8_t head[EHDR + LOW_SIZE] = { 0 };
	Segment s[2] = { { EHDR, LOW, LOW_SIZE }, { EHDR + LOW_SIZE, PEER_CODE, 0 } };
	Labels l;

	g_byte_array_append(out, head, sizeof(head));
	l = common(&a, n);
	pad_to(&a, PEER_CODE + COMMON);
	for (unsigned i = 0; i < n; i++)
		case_code(&a, &l, &c[i]);
	pad_to(&a, PEER_RECORDS);
	for (unsigned i = 0; i < n; i++)
		put_record(p, out, &c[i]);
	s[1].size = out->len - EHDR - LOW_SIZE;
	memcpy(out->data, p->wide ? "\177ELF\2" : "\177ELF\1", 5);
	out->data[5] = p->le ? 1 : 2;
	out->data[6] = 1;
	(p->wide ? header64 : header32)(p, out->data, s, 2);
	low_memory(p, out->data + EHDR, &l, n);
	return out;
}
