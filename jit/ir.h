/*
 * The intermediate representation: one straight line of operations in SSA form,
 * with one entry and many exits.  Guest registers live in slots of env; reading and writing them
 * while a unit is built moves references about, and each exit remembers which slots are to hold
 * what (its snapshot).  Memory of env is written at exits and barriers alone.
 *
 * An operation is named by its index (IrRef); 0 is "none".  Nothing here knows what
 * the guest is.
 */
#ifndef JIT_IR_H
#define JIT_IR_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "base/bits.h"

typedef uint16_t IrRef;
enum { IR_NONE = 0, IR_MAX = 3000, IR_EXITS_MAX = 600, IR_SLOTS_MAX = 320 };

enum { IRF_P = 1, IRF_C = 2, IRF_K = 4, IRF_X = 8, IRF_M = 16, IRF_W = 32, IRF_B = 64 };

typedef enum IrOp {
	IR_NOP,
#define IR(name, result, operands, flags, text) IR_##name,
#include "jit/ir.def"
#undef IR
	IR_OPS
} IrOp;

/* Conditions of SET, SEL and EXIT; those with 32 look at the lower halves. */
typedef enum IrCc {
	IR_EQ,
	IR_NE,
	IR_LT,
	IR_GE,
	IR_LE,
	IR_GT,
	IR_LTU,
	IR_GEU,
	IR_LEU,
	IR_GTU,
	IR_TEST,  /* (a & b) != 0 */
	IR_NTEST, /* (a & b) == 0 */
	IR_CC32 = 16,
} IrCc;

/* The condition that holds when cc does not. */
static inline IrCc ir_cc_not(IrCc cc)
{
	return (IrCc)(cc ^ 1);
}

/* IrIns.imm of memory operations: bytes are taken in the host's order, or reversed. */
typedef enum IrMem {
	IR_MEM_1 = 0, /* log2 of the size, 0 to 4 */
	IR_MEM_2 = 1,
	IR_MEM_4 = 2,
	IR_MEM_8 = 3,
	IR_MEM_16 = 4,
	IR_MEM_SIZE = 7,
	IR_MEM_SX = 8,	  /* LD: sign-extended to 64 bits, else zero-extended */
	IR_MEM_SWAP = 16, /* LD and ST: all bytes in reverse; vectors are put in order by VOPs */
	IR_MEM_HIGH = 32, /* the address is expected in the upper half of the address space */
} IrMem;

/* IrIns.imm of PTR: the lowest byte's distance from a (16 bits, signed), how many bytes, and: */
enum { IR_PTR_BYTES_SHIFT = 16, IR_PTR_BYTES_MAX = 1023, IR_PTR_STORE = 1 << 30 };
#define IR_PTR_HIGH (1u << 31) /* as IR_MEM_HIGH */

static inline int ir_ptr_first(uint32_t imm)
{
	return (int16_t)imm;
}

static inline unsigned ir_ptr_bytes(uint32_t imm)
{
	return imm >> IR_PTR_BYTES_SHIFT & IR_PTR_BYTES_MAX;
}

typedef struct IrIns {
	uint8_t op;
	uint8_t flags; /* the builder's and the back end's */
	IrRef a, b, c, d;
	uint16_t exit; /* of those with X: index in ir->exits */
	uint32_t imm;
} IrIns;

/* What an exit leads to. */
typedef enum IrExitKind {
	IR_EXIT_REDO, /* the instruction is to be interpreted: nothing of it has been done */
	IR_EXIT_LINK, /* on to `target` in the same page, by a jump that can be patched */
	IR_EXIT_FAR, /* on to the address in `to`, a constant distance away: by a patched jump while
			* env's view is the one it was patched in */
	IR_EXIT_DYN, /* on to the address in `to`, by the jump table; `target` not 0: tlb.now and
		      * the view may have changed since the unit was entered */
	IR_EXIT_LEAVE, /* back to the caller of jit_enter() */
	IR_EXIT_EXEC,  /* of an EXEC: no exit, only what env is to hold */
} IrExitKind;

typedef struct IrSlotRef {
	uint16_t slot;
	IrRef ref;
} IrSlotRef;

typedef struct IrExit {
	uint8_t kind;
	IrRef to;	 /* DYN, FAR: the address */
	uint16_t done;	 /* instructions of the unit that are done when it is taken */
	uint16_t before; /* and in earlier rounds of a loop's turn (ir_loop_round()) */
	uint16_t snaps;	 /* number of */
	uint32_t snap;	 /* first of ir->snaps */
	uint32_t target; /* the guest side's: where a LINK goes; DYN: above */
} IrExit;

/* An EXEC's function and its argument; both must outlive the code. */
typedef struct IrExec {
	void (*fn)(void *env, const void *arg);
	const void *arg;
	uint16_t index; /* number of the instruction in the unit */
} IrExec;

typedef enum JitType { JIT_I8, JIT_I32, JIT_I64, JIT_F64, JIT_V128 } JitType;

/* A place in env, which no other slot overlaps. */
typedef struct JitSlot {
	int32_t offset; /* bytes from env */
	uint8_t type;	/* JitType */
	const char *name;
	uint8_t bits; /* an integer below 2^bits; 0: any of the type */
} JitSlot;

typedef struct JitTarget JitTarget; /* jit.h */

typedef struct Ir {
	const JitTarget *target;
	unsigned n; /* operations, number 0 included */
	IrIns ins[IR_MAX];
	unsigned nk, nkv;
	uint64_t k[512];
	u128 kv[128];
	unsigned nexits, nsnaps, nexecs;
	IrExit exits[IR_EXITS_MAX];
	IrSlotRef *snaps; /* grows */
	unsigned snaps_room;
	IrExec execs[256];
	uint16_t insns; /* guest instructions in the unit */
	uint16_t turn;	/* and in a turn of its loop */
	IrRef loop;	/* its LOOP; 0: none */
	uint32_t host;	/* what vectors the unit may use: VEC_HOST_* (vec.h) */
	bool high;  /* most of its accesses are to the upper half (units of one view agree on it) */
	bool apart; /* what may be stored to need not be readable: loads and stores ask apart */
	bool full;  /* something did not fit: the unit cannot be used */
	/* While building. */
	IrRef cur[IR_SLOTS_MAX];  /* what each slot holds; IR_NONE: what env holds */
	bool dirty[IR_SLOTS_MAX]; /* env does not hold it yet */
	uint16_t dirty_list[IR_SLOTS_MAX];
	unsigned ndirty;
	uint16_t done;	     /* instructions finished */
	uint16_t before;     /* IrExit.before of new ones */
	uint16_t changed;    /* which instruction (value of done) put last; 0xffff: none */
	uint16_t redo;	     /* its REDO exit; 0xffff: none yet */
	IrRef epoch;	     /* after this one, GETs are of newer state */
	uint16_t hash[1024]; /* of pure operations, for finding them again */
	uint16_t hash_next[IR_MAX];
	uint64_t ones[IR_MAX]; /* bits of integers that may be 1 */
	uint8_t sbits[IR_MAX]; /* they are their lowest bits, as many as this, sign-extended */
} Ir;

Ir *ir_new(const JitTarget *target);
void ir_free(Ir *ir);
/* Empty again, for the next unit. */
void ir_clear(Ir *ir);

/* One operation, folded and found again where possible; the result may be an older one. */
IrRef ir_emit(Ir *ir, IrOp op, uint32_t imm, IrRef a, IrRef b, IrRef c, IrRef d);
IrRef ir_k(Ir *ir, uint64_t v);
IrRef ir_kv(Ir *ir, u128 v);
/* Is ref a constant?  Then *v is it. */
bool ir_is_k(const Ir *ir, IrRef ref, uint64_t *v);

/* What a slot holds at this point. */
IrRef ir_get(Ir *ir, unsigned slot);
void ir_put(Ir *ir, unsigned slot, IrRef ref);

/*
 * Exits: a new one, whose snapshot is the state now; for DYN and FAR with the address.  The
 * instruction count `done` is taken from ir->done (the builder of a unit counts it up after each
 * instruction; an exit taken in the middle of an instruction for a REDO does not count it).
 */
uint16_t ir_exit_new(Ir *ir, IrExitKind kind, uint32_t target, IrRef to);
void ir_exit_if(Ir *ir, IrCc cc, IrRef a, IrRef b, uint16_t exit);
void ir_end(Ir *ir, uint16_t exit);
/*
 * Memory; the REDO exit is made by them.  An instruction has one such exit, and its state is that before the
 * instruction: whatever may leave comes before the first ir_put().
 */
IrRef ir_ld(Ir *ir, IrOp op, uint32_t mem, IrRef ea);
void ir_st(Ir *ir, IrOp op, uint32_t mem, IrRef ea, IrRef v);
/* A double as the single that it is; where it is none, or a rare one, the REDO exit is taken. */
IrRef ir_ftos(Ir *ir, IrRef f);
/* Calls out; index: which instruction of the unit it is. */
void ir_exec(Ir *ir, void (*fn)(void *env, const void *arg), const void *arg, unsigned index);
IrRef ir_call(Ir *ir, unsigned helper, IrRef a, IrRef b, IrRef c);

/* Short names for what translators write most. */
#define IR_OP2(name, OP)                                                                           \
	static inline IrRef ir_##name(Ir *ir, IrRef a, IrRef b)                                    \
	{                                                                                          \
		return ir_emit(ir, IR_##OP, 0, a, b, 0, 0);                                        \
	}
#define IR_OP1(name, OP)                                                                           \
	static inline IrRef ir_##name(Ir *ir, IrRef a)                                             \
	{                                                                                          \
		return ir_emit(ir, IR_##OP, 0, a, 0, 0, 0);                                        \
	}
IR_OP2(add, ADD)
IR_OP2(sub, SUB)
IR_OP2(and, AND)
IR_OP2(andn, ANDN)
IR_OP2(or, OR)
IR_OP2(xor, XOR)
IR_OP2(shl, SHL)
IR_OP2(shr, SHR)
IR_OP2(sar, SAR)
IR_OP2(rotl, ROTL)
IR_OP2(rotl32, ROTL32)
IR_OP2(mul, MUL)
IR_OP2(mulhs, MULHS)
IR_OP2(mulhu, MULHU)
IR_OP1(neg, NEG)
IR_OP1(not, NOT)
IR_OP1(sx8, SX8)
IR_OP1(sx16, SX16)
IR_OP1(sx32, SX32)
IR_OP1(zx8, ZX8)
IR_OP1(zx16, ZX16)
IR_OP1(zx32, ZX32)
#undef IR_OP1
#undef IR_OP2
static inline void ir_fence(Ir *ir, bool full)
{
	ir_emit(ir, IR_FENCE, full, 0, 0, 0, 0);
}
static inline IrRef ir_set(Ir *ir, IrCc cc, IrRef a, IrRef b)
{
	return ir_emit(ir, IR_SET, cc, a, b, 0, 0);
}
static inline IrRef ir_sel(Ir *ir, IrCc cc, IrRef a, IrRef b, IrRef yes, IrRef no)
{
	return ir_emit(ir, IR_SEL, cc, a, b, yes, no);
}
static inline IrRef ir_crcmp(Ir *ir, IrCc lt, IrRef a, IrRef b, IrRef so)
{
	return ir_emit(ir, IR_CRCMP, lt, a, b, so, 0);
}

/*
 * A condition "(ref & mask) != 0" in a form that needs no CRCMP to be computed, where ref is one: *cc, *a and
 * *b get the same condition.
 */
void ir_cond(Ir *ir, IrRef ref, uint64_t mask, IrCc *cc, IrRef *a, IrRef *b);

/* ----- looking at a finished one */

typedef struct IrOpInfo {
	const char *name;
	char result;
	const char *operands;
	uint8_t flags;
} IrOpInfo;
extern const IrOpInfo ir_ops[IR_OPS];

/* Is everything well formed?  False with *why (to be freed) otherwise. */
bool ir_check(const Ir *ir, char **why);
void ir_print(const Ir *ir, GString *out);
/*
 * Removes what nobody needs (it becomes IR_NOP); marks (flags & IR_SUNK) K operations that nothing but
 * snapshots uses: they may be computed where these are stored.  Operands of a marked one are not
 * marked themselves, and addresses of exits (IrExit.to) never are.
 */
void ir_finish(Ir *ir);
/*
 * Before ir_finish(): accesses off one base get one look at the TLB (PTR).  How many such there are; target->probe
 * is needed.
 */
unsigned ir_wide(Ir *ir);
enum { IR_SUNK = 1 };
/* The value of a pure integer operation; 0 for a division that the builder must not ask for. */
uint64_t ir_eval(IrOp op, uint32_t imm, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
/*
 * Runs a unit without generating code: env changes as by the code; returns the index of the exit taken
 * (never of an EXEC).  *to gets the address of a DYN or FAR exit.
 */
unsigned ir_run(const Ir *ir, void *env, uint64_t *to);
/* The same; fast: memory through the TLB where it allows, else always by target->ld and ->st. */
unsigned ir_run_by(const Ir *ir, void *env, uint64_t *to, bool fast);

#endif
