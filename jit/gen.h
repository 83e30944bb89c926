/*
 * Code of one unit from its IR.  One pass forward over the operations; each takes its operands from
 * where they are, and gets a register for its result (alloc.c).  Two buffers are filled at the same time: hot code,
 * and cold code (exits, slow paths), which is put behind it.
 *
 * Registers: rbp env + bias, r15 budget, r14 the TLB's table for the expected half, rsp frame; rax, rcx (xmm0,
 * xmm1) belong to the operation under way.
 */
#ifndef JIT_GEN_H
#define JIT_GEN_H

#include "jit/gen_look.h"
#include "jit/jit_int.h"

#define GEN_GPRS                                                                                   \
	(1u << X64_RDX | 1u << X64_RBX | 1u << X64_RSI | 1u << X64_RDI | 1u << X64_R8 |            \
	 1u << X64_R9 | 1u << X64_R10 | 1u << X64_R11 | 1u << X64_R12 | 1u << X64_R13)
#define GEN_XMMS 0xfffc0000u
/* What a C function leaves alone. */
#define GEN_KEPT (1u << X64_RBX | 1u << X64_R12 | 1u << X64_R13)

enum { GEN_NEVER = 0xffff, GEN_NOSPILL = 0xffff };
enum {
	VAL_FOLDED = 1, /* an addition that is part of the accesses which use it */
	VAL_NARROW = 2, /* computed in 32 bits: its only use is a ZX32 */
	VAL_VEC = 4,
};

typedef struct GenVal {
	uint8_t reg, flags;
	uint16_t spill; /* word of the frame */
	uint16_t next;	/* its next use in hot code */
	uint16_t last;	/* its last use, exits included; 0: none */
	uint16_t uses, addrs;
} GenVal;

typedef enum GenFixKind {
	FIX_HOT,   /* 32 bits relative: to an offset in the hot code */
	FIX_COLD,  /* in the cold code */
	FIX_ARENA, /* in the arena */
	FIX_EXIT,  /* 64 bits: address of a JitExit */
	FIX_SITE,  /* of a JitSite */
	FIX_UNIT,  /* of the JitUnit, | 1 */
	FIX_WRITE, /* where an offset in the hot code is written to */
	FIX_KV,	   /* 32 bits relative: to a vector constant (gen_vec.c) */
} GenFixKind;

typedef struct GenFix {
	uint8_t kind;
	bool in_cold;
	uint32_t at, to;
} GenFix;

/* A value where an instruction takes it from: a constant, or a register or memory of `size` bytes. */
typedef struct GenOpnd {
	bool is_k;
	uint8_t size;
	uint64_t k;
	X64Rm rm;
} GenOpnd;

/* A condition that holds where code is made. */
typedef struct GenFact {
	IrCc cc;
	IrRef a, b;
} GenFact;

enum { GEN_FACTS = 64 };

typedef struct Gen {
	Jit *j;
	const Ir *ir;
	const JitTarget *t;
	X64Buf hot, cold;
	unsigned at; /* operation under way */
	GenVal val[IR_MAX];
	uint16_t next[IR_MAX][5]; /* after this use of an operand (4: exit's address) */
	IrRef in[X64_REGS];	  /* what each register holds */
	uint32_t free, pinned;
	IrRef epoch;  /* values read from env up to here are gone from there */
	bool vectors; /* vector registers are in use */
	bool full;
	uint64_t spills[JIT_SPILLS / 64]; /* words in use */
	unsigned nspills;
	uint16_t old[JIT_SPILLS]; /* words that are free when the operation is done */
	unsigned nold;
	uint32_t random;    /* state of gen_random(); 0: nothing is chosen at random */
	GArray *fixes;	    /* GenFix */
	GArray *exits;	    /* JitExit */
	GArray *exit_jumps; /* GenFix-like: where the jump of each exit is */
	GArray *refs, *k, *kv, *ops, *sites;
	uint16_t redo_exit[IR_EXITS_MAX]; /* index + 1 in exits, of those that sites share */
	uint16_t kpool[512];		  /* index + 1 in k */
	GenLook look[IR_MAX];		  /* of accesses */
	uint16_t empty[80];		  /* words of those that begin without a page */
	unsigned nempty;
	/* Loads right behind the PTR under way: its base stays in this register, and the addend in rcx. */
	unsigned near_last; /* the last of them; 0: none */
	unsigned near_base;
	unsigned
		twins_last; /* the last of stores of one value that have been made together; 0: none */
	IrRef twins_ptr, twins_value;
	uint16_t readers[IR_SLOTS_MAX]; /* gen_exit.c: values yet to be read from a slot */
	uint16_t moved[IR_SLOTS_MAX];	/* word + 1 that a slot's old content is in */
	GenFact facts[GEN_FACTS + 1];	/* of exits that were passed; and of the one being made */
	unsigned nfacts;
	/* The loop: the state that each turn begins with. */
	unsigned head_at; /* the last PHI's index, after which the loop's code begins; 0: no loop */
	uint32_t head;	  /* offset of that code in hot */
	IrRef head_in[X64_REGS];
	IrRef head_phi[IR_SLOTS_MAX]; /* PHIs that are kept in the frame, and where */
	uint16_t head_word[IR_SLOTS_MAX];
	unsigned nhead;
	uint8_t home[IR_MAX]; /* registers of the PHIs that values are next for, or X64_NONE */
	uint32_t wanted;      /* such as wait for theirs */
	IrRef fused;	      /* a comparison whose flags the exit that follows takes; or none */
	uint32_t dead_at;     /* in the cold code: where entries lead once it is dropped */
} Gen;

Gen *gen_new(Jit *j);
void gen_free(Gen *g);
/* Fills the buffers; false: too large. */
bool gen_run(Gen *g, const Ir *ir);

static inline const IrIns *gen_ins(const Gen *g)
{
	return &g->ir->ins[g->at];
}

static inline bool gen_is_mem(unsigned op)
{
	return op >= IR_LD && op <= IR_STV;
}

static inline bool gen_is_get(unsigned op)
{
	return op >= IR_GET && op <= IR_GETV;
}

static inline bool gen_has_exit(unsigned op)
{
	return gen_is_mem(op) || op == IR_PTR || op == IR_EXEC || op == IR_EXIT || op == IR_END ||
	       op == IR_LOOP || op == IR_FTOS;
}

static inline bool gen_is_phi(unsigned op)
{
	return op >= IR_PHI && op <= IR_PHIV;
}

/*
 * Does an exit of operation `at` compute r itself?  The exit of a LOOP has to where r comes later, too.
 */
static inline bool gen_is_sunk(const Gen *g, IrRef r, unsigned at)
{
	const IrIns *i = &g->ir->ins[r];

	return (i->flags & IR_SUNK) ||
	       (g->ir->ins[at].op == IR_LOOP && r > at && !gen_is_phi(i->op));
}

/* Instructions that have been taken from the budget when operation `at` leaves. */
static inline unsigned gen_taken(const Gen *g, unsigned at)
{
	return g->ir->loop && at >= g->ir->loop ? g->ir->ins[g->ir->loop].imm : g->ir->insns;
}

uint32_t gen_random(Gen *g, uint32_t n);
/* True one time in n when choices are made at random. */
bool gen_chance(Gen *g, uint32_t n);

/* ----- alloc.c */

void alloc_begin(Gen *g, const Ir *ir);
/* g->at is new. */
void alloc_start(Gen *g);
/* Operand k of the operation under way (4: its exit's address). */
IrRef alloc_operand(const Gen *g, unsigned i, unsigned k);
/* Operand k in a register, which stays until the operation is done. */
unsigned alloc_use(Gen *g, unsigned k);
/* Operand k from wherever is best; K: as a constant if it fits 32 bits or it is not used again. */
GenOpnd alloc_any(Gen *g, unsigned k);
/* Empties a register that the operation needs, before its operands are asked for. */
void alloc_fixed(Gen *g, unsigned reg);
/* Operands have been asked for: what is not needed after the operation is free now. */
void alloc_step(Gen *g);
/* Is operand k in reg, and not needed after alloc_step()? */
bool alloc_dies(const Gen *g, unsigned k);
/* A register for the result; hint (or X64_NONE) if it is free, none of avoid. */
unsigned alloc_def(Gen *g, unsigned hint, uint32_t avoid);
void alloc_bind(Gen *g, unsigned reg);
/* Before a C function: all that is needed later and may be lost is in memory. */
void alloc_save(Gen *g, uint32_t kept);
/* After it. */
void alloc_forget(Gen *g, uint32_t kept);
/* Before all of env may change: what is needed later of it is saved; then g->epoch is to be set. */
void alloc_barrier(Gen *g);
/* Where a value is now, if it has to be somewhere. */
GenOpnd alloc_where(const Gen *g, IrRef r);
/* The slot that a value has to be read from, or -1. */
int alloc_env_slot(const Gen *g, IrRef r);
/* A word (two) of the frame for a short time. */
unsigned alloc_spill_word(Gen *g, bool two);
void alloc_spill_free(Gen *g, unsigned word, bool two);

/* ----- gen.c */

bool gen_is_k(const Gen *g, IrRef r, uint64_t *k);
int32_t gen_slot_disp(const Gen *g, unsigned slot);
X64Rm gen_slot(const Gen *g, unsigned slot);
static inline X64Rm gen_spill(unsigned word)
{
	return xm(X64_RSP, 8 * (int64_t)word);
}
void gen_fix(Gen *g, const X64Buf *b, GenFixKind kind, uint32_t at, uint32_t to);
/* reg = the address that will be known as kind, to. */
void gen_mov_address(Gen *g, X64Buf *b, unsigned reg, GenFixKind kind, uint32_t to);
/* reg = o, extended with zeros; flags stay. */
void gen_load(X64Buf *b, unsigned reg, const GenOpnd *o);

/* ----- gen_int.c */

/* Of a pure operation under way; false: not one of these. */
bool gen_int(Gen *g);
/* A compare; the condition that holds afterwards when a CC b.  Uses rax, rcx. */
X64Cc gen_compare(X64Buf *b, IrCc cc, GenOpnd x, GenOpnd y);
/* rax = a sunk operation (al alone: a CRCMP), from where its operands are.  Uses rcx. */
void gen_sunk(Gen *g, X64Buf *b, const IrIns *i);
/* Its result to a byte in memory; false: it is none of 0 or 1 that flags tell. */
bool gen_put_flag(Gen *g, X64Buf *b, const IrIns *i, X64Rm byte);

/* Is nothing to be done in hot code for operation n? */
bool gen_idle(const Gen *g, unsigned n);

/* ----- gen_fp.c */

/* Of floating point; false: not one of these. */
bool gen_fp(Gen *g);
/* Jumps to what will be put into the cold code, if the exit's condition has been compared already. */
bool gen_fp_exit(Gen *g);
/* rax = the bits of a sunk one (of a V the upper half); and a sunk V's slot.  They use xmm0, xmm1. */
void gen_fp_sunk(Gen *g, X64Buf *b, const IrIns *i);
/* A double from a register. */
void gen_fp_store(const Gen *g, X64Buf *b, X64Rm to, unsigned reg);
void gen_fp_put_sunk(Gen *g, X64Buf *b, unsigned slot, const IrIns *i);

/* ----- gen_vec.c */

/* Of a pure operation on vectors under way; false: not one of these. */
bool gen_vec(Gen *g);
/* rax = a sunk one.  Uses rcx, xmm0. */
void gen_vec_sunk(Gen *g, X64Buf *b, const IrIns *i);
/* reg = the constant r. */
void gen_vec_k(Gen *g, X64Buf *b, unsigned reg, IrRef r);
/* reg = r, from where it is, or from this slot; and the slot from a register. */
void gen_vec_load(Gen *g, X64Buf *b, unsigned reg, IrRef r);
void gen_vec_load_rm(X64Buf *b, unsigned reg, X64Rm rm);
void gen_vec_store_rm(X64Buf *b, unsigned reg, X64Rm rm);
/* xmm0 = the register's content in both halves; X64_NONE: 0. */
void gen_vec_twice(Gen *g, unsigned reg);
/* Puts the constants that were asked for behind the hot code. */
void gen_vec_pool(Gen *g);

/* ----- gen_mem.c */

void gen_mem(Gen *g);
/* PTR, and accesses off one. */
void gen_ptr(Gen *g);
void gen_by_ptr(Gen *g);

/* ----- gen_exit.c */

void gen_exit_if(Gen *g);
/* Cold code of the operation's REDO exit. */
void gen_redo(Gen *g);
void gen_end(Gen *g);
void gen_exec(Gen *g);
void gen_call(Gen *g);
/* A site of the operation under way with its snapshot; returns its index. */
uint32_t gen_site(Gen *g, JitSite s);
JitLoc gen_loc(Gen *g, IrRef r);
/* What a LOOP does each time, and its exit; g->at is the LOOP. */
void gen_check(Gen *g);
/* Entry of the unit and what its cold code has for it. */
void gen_entry(Gen *g);

/* ----- gen_loop.c */

void gen_loop(Gen *g);
void gen_phi(Gen *g);
/* All PHIs are there: the loop's code begins. */
void gen_head(Gen *g);
void gen_back(Gen *g);

#endif
