/*
 * The instruction table as C sees it.  The table itself is the .isa files;
 * scripts/isagen.py makes isa_gen.h (features, PpcOp, prototypes) and
 * isa_decode.c (rows, finder, operand extraction) from it.
 */
#ifndef TARGET_PPC_ISA_H
#define TARGET_PPC_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "target-ppc/isa_gen.h"

/* PpcInsn.flags, copied to PpcOp.flags. */
enum {
	PPC_INSN_PRIV = 1, /* not in problem state */
	PPC_INSN_HV = 2,   /* only in hypervisor state */
	PPC_INSN_END = 4,  /* ends a block */
	/* For the trace interrupt; isagen.py knows them by their mnemonics. */
	PPC_INSN_LOAD = 8,	/* a load or treated as one */
	PPC_INSN_STORE = 16,	/* a store or treated as one */
	PPC_INSN_BRANCH = 32,	/* a branch instruction of book I */
	PPC_INSN_UNTRACED = 64, /* completes without a trace interrupt */
};

/* One operand line. */
typedef struct PpcOperand {
	const char *name;
	uint8_t kind;  /* PPC_KIND_* */
	uint8_t slot;  /* 0-7: byte slot a-h of PpcOp; 8: imm */
	uint8_t width; /* bits in the word */
	uint8_t shift;
	uint32_t mask; /* which bits of the word (of the suffix) */
	uint32_t prefix_mask;
} PpcOperand;

enum { PPC_INSN_OPERANDS = 8, PPC_OPERAND_MEM = 0x8000, PPC_OPERAND_ID = 0x7fff };

/* PpcInsn.rc: what the dotted form sets CR0 from (a GPR: byte slot a, b), or CR1, CR6. */
enum { PPC_RC_NONE, PPC_RC_RT, PPC_RC_RA, PPC_RC_CR1, PPC_RC_CR6 };

/* One row. */
typedef struct PpcInsn {
	const char *mnemonic;
	const char *operands; /* as in the table: "RT,D(RA0)" */
	PpcExec *ex;	      /* the form without a dot */
	PpcExec *ex_rc;	      /* the dotted form; NULL where there is none */
	PpcTr *tr;	      /* what ex does, as IR (tr.h); NULL: it is called */
	uint32_t mask, value; /* (word & mask) == value; of prefixed rows the suffix */
	uint32_t fields;      /* bits of operands and Rc; the rest is reserved */
	uint32_t rc_bit;      /* which bit of the word asks for ex_rc; 0: none */
	/* The same for the prefix; 0 in rows of one word. */
	uint32_t prefix_mask, prefix_value, prefix_fields;
	uint64_t features; /* PPC_F_*: all of them are needed */
	uint64_t without;  /* PPC_F_*: none of them may be there */
	uint8_t facility;  /* PPC_FAC_* */
	uint8_t flags;	   /* PPC_INSN_* */
	uint8_t rc;	   /* PPC_RC_* */
	uint16_t row;	   /* index in ppc_isa_rows */
	uint16_t shape;	   /* operand extraction, private to the decoder */
	uint8_t noperands;
	uint16_t operand[PPC_INSN_OPERANDS]; /* PPC_OPERAND_*, in order; _MEM: in parentheses */
} PpcInsn;

/* Rows of one word, then prefixed ones. */
extern const PpcInsn ppc_isa_rows[];
extern const unsigned ppc_isa_row_count, ppc_isa_prefixed_count;
extern const PpcOperand ppc_isa_operands[]; /* by PPC_OPERAND_* */
extern const unsigned ppc_isa_operand_count;

/* The row of an instruction word; NULL: illegal for a CPU with these features. */
const PpcInsn *ppc_isa_find(uint32_t word, uint64_t features);

/*
 * Fills *op, except fn and off.  False: an invalid form that cannot be
 * executed (an odd register where a pair is asked for): illegal.
 */
bool ppc_isa_decode(const PpcInsn *insn, uint32_t word, PpcOp *op);

/* Prefixed instructions: primary opcode 1, and the word that follows (book I 1.6.3 of 3.1). */
static inline bool ppc_isa_is_prefix(uint32_t word, uint64_t features)
{
	return word >> 26 == 1 && (features & PPC_F_310);
}
const PpcInsn *ppc_isa_find_prefixed(uint32_t prefix, uint32_t suffix, uint64_t features);
/* op->word is the suffix. */
bool ppc_isa_decode_prefixed(const PpcInsn *insn, uint32_t prefix, uint32_t suffix, PpcOp *op);

/* The function that executes this word. */
static inline PpcExec *ppc_isa_exec(const PpcInsn *insn, uint32_t word)
{
	return word & insn->rc_bit ? insn->ex_rc : insn->ex;
}

/* Which facility a decoded instruction needs: PPC_FAC_VXX resolved by its target. */
static inline unsigned ppc_isa_facility(const PpcInsn *insn, const PpcOp *op)
{
	if (insn->facility != PPC_FAC_VXX)
		return insn->facility;
	return op->XT < 32 ? PPC_FAC_VSX : PPC_FAC_VEC;
}

/* Value of an operand of a decoded instruction. */
static inline int64_t ppc_op_value(const PpcOp *op, const PpcOperand *o)
{
	return o->slot == 8 ? op->imm : ((const uint8_t *)op)[offsetof(PpcOp, slot_a) + o->slot];
}

#endif
