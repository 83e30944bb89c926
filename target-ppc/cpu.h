/*
 * The state of one PowerPC CPU.  Only target-ppc/ sees it; boards go
 * through ppc.h.
 */
#ifndef TARGET_PPC_CPU_H
#define TARGET_PPC_CPU_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include "base/bits.h"
#include "core/device.h"
#include "core/machine.h"
#include "core/vclock.h"
#include "core/vcpu.h"
#include "target-ppc/isa_gen.h"
#include "target-ppc/models.h"
#include "target-ppc/ppc.h"
#include "target-ppc/spr.h"

/*
 * A VSR holds its 128 bits as one host number, so that element i of the
 * book (counted from the left) is found through VSR_B/H/W/D(v, i).
 * FPR n is doubleword 0 of VSR n; VR n is VSR 32 + n.
 */
typedef union PpcVsr {
	u128 q;
	i128 sq;
	uint64_t u64[2];
	int64_t s64[2];
	uint32_t u32[4];
	int32_t s32[4];
	uint16_t u16[8];
	int16_t s16[8];
	uint8_t u8[16];
	int8_t s8[16];
} PpcVsr;

#define VSR_I(n, i) (HOST_BE ? (i) : (n)-1 - (i))
#define VSR_B(v, i) ((v).u8[VSR_I(16, i)])
#define VSR_SB(v, i) ((v).s8[VSR_I(16, i)])
#define VSR_H(v, i) ((v).u16[VSR_I(8, i)])
#define VSR_SH(v, i) ((v).s16[VSR_I(8, i)])
#define VSR_W(v, i) ((v).u32[VSR_I(4, i)])
#define VSR_SW(v, i) ((v).s32[VSR_I(4, i)])
#define VSR_D(v, i) ((v).u64[VSR_I(2, i)])
#define VSR_SD(v, i) ((v).s64[VSR_I(2, i)])

/* MSR bits (Power ISA 3.0B book III 4.2.1; classic ones by the 7xx manual). */
#define MSR_SF BIT64(0)
#define MSR_HV BIT64(3)
#define MSR_TS (BIT64(29) | BIT64(30))
#define MSR_TM BIT64(31)
#define MSR_VEC BIT64(38)
#define MSR_VSX BIT64(40)
#define MSR_S BIT64(41)
#define MSR_POW BIT64(45)  /* classic and 970: power management */
#define MSR_TGPR BIT64(46) /* 603: GPR0 to GPR3 are temporary ones */
#define MSR_ILE BIT64(47)  /* classic: interrupts little-endian */
#define MSR_EE BIT64(48)
#define MSR_PR BIT64(49)
#define MSR_FP BIT64(50)
#define MSR_ME BIT64(51)
#define MSR_FE0 BIT64(52)
#define MSR_TE_SE BIT64(53)
#define MSR_TE_BE BIT64(54)
#define MSR_FE1 BIT64(55)
#define MSR_IP BIT64(57) /* classic: exception prefix */
#define MSR_IR BIT64(58)
#define MSR_DR BIT64(59)
#define MSR_PMM BIT64(61)
#define MSR_RI BIT64(62)
#define MSR_LE BIT64(63)

/* Fixed-Point Exception Register, split so that arithmetic stays cheap. */
typedef struct PpcXer {
	uint8_t so, ov, ov32, ca, ca32; /* 0 or 1 */
	uint8_t count;			/* bits 57-63: string length */
	uint8_t cmp; /* bits 48-55: byte to compare with; classic models keep it */
	uint8_t pad[1];
} PpcXer;

typedef struct PpcSlbEntry {
	uint64_t esid; /* as slbmte RB: ESID | V (bit 36) */
	uint64_t vsid; /* as slbmte RS: B, VSID, Ks Kp N L C LP */
} PpcSlbEntry;

/* An entry of a software-managed TLB (603, 7450 with HID0[STEN]). */
typedef struct PpcSoftTlbEntry {
	uint32_t hi, lo; /* as a page table entry's words; V of hi: it is valid */
	uint32_t ea;	 /* its page */
	uint32_t pad;
} PpcSoftTlbEntry;

/* A watched range of effective addresses. */
typedef struct PpcWatch {
	uint64_t first, last; /* bytes */
	uint64_t x;	      /* when it matches, as DAWRX */
} PpcWatch;

/* What follows from CIABR or IABR, and from DAWRs or DABR (debug.c). */
typedef struct PpcDebug {
	uint64_t stop; /* the instruction's EA */
	bool stops;    /* in some state */
	unsigned watches;
	PpcWatch watch[2];
} PpcDebug;

/*
 * What the FPSCR has yet to be told of operations in generated code (fpu_jit.h); all 0: nothing.  Of each
 * kind the last is enough.
 */
typedef struct PpcFpLast {
	uint32_t kind;	  /* arithmetic: IrOp, imm << 8, or 0; operands as doubles */
	uint32_t convert; /* to an integer after it: IrOp, imm << 8 */
	uint64_t a, b, c, convert_a;
	uint8_t fpcc; /* of a comparison after it: FPCC, or anything with PPC_FPCC_NOTED; 0: there is none */
	uint8_t live; /* code may have run since ppc_fp_begin() */
	uint8_t rn;   /* FPSCR[RN] as the host rounds */
	uint8_t pad[5];
} PpcFpLast;

/* Vcpu.events above VCPU_EV_TARGET. */
enum {
	PPC_EV_IRQ = VCPU_EV_TARGET,	   /* pending bits changed */
	PPC_EV_TLB = VCPU_EV_TARGET << 1,  /* others ask to forget something (shoot.c) */
	PPC_EV_TIME = VCPU_EV_TARGET << 2, /* a decrementer's deadline passed */
};

/* Pending interrupt sources (cpu->pending); levels except where noted. */
enum {
	PPC_PEND_EXT = 1,
	PPC_PEND_DEC = 2,
	PPC_PEND_HDEC = 4,    /* an edge, that a positive HDEC takes back */
	PPC_PEND_RESET = 8,   /* system reset (NMI), an edge */
	PPC_PEND_MCHECK = 16, /* an edge */
	PPC_PEND_DOORBELL = 32,
	PPC_PEND_PMI = 64,
	PPC_PEND_HVIRT = 128,
	PPC_PEND_SMI = 256,
	PPC_PEND_THERM = 512,
};

/* Architected state that is saved; see cpu.c for its table. */
struct PpcCpu {
	Device dev;
	/* Hot: touched by nearly every instruction. */
	uint64_t gpr[33]; /* [32] is always 0: (RA|0) */
	uint64_t nip;	  /* next instruction, EA (between blocks) */
	uint64_t lr, ctr, cfar;
	uint8_t cr[8]; /* CR fields 0-7, 4 bits each: LT 8, GT 4, EQ 2, SO 1 */
	PpcXer xer;
	uint64_t msr;
	uint64_t fpscr;
	uint32_t vscr;
	uint32_t pad0;
	_Alignas(16) PpcVsr vsr[64];
	PpcSprs spr; /* one uint64_t per plain line of spr.def, by name */
	uint64_t sr[16];
	PpcSlbEntry slb[64];
	PpcSoftTlbEntry stlb[256]; /* data, then instructions: two ways of each set */
	uint64_t stlb_old[2];	   /* a bit per set: the way to replace next */
	uint64_t tgpr[4];	   /* 603: the GPR0 to GPR3 that MSR[TGPR] hides */
	/* Reservation: real address of the granule, what was loaded. */
	uint64_t resv_addr; /* UINT64_MAX: none */
	uint64_t resv_val[2];
	uint32_t resv_size;
	_Atomic uint32_t pending; /* PPC_PEND_* */
	/* Time (time.md): constants, never running values. */
	uint64_t tb_offset; /* ticks */
	uint64_t dec_at;    /* timebase at which DEC reads 0 */
	uint64_t hdec_at;
	uint64_t purr_offset, spurr_offset, vtb_offset,
		atb_offset;	/* against TB(V) without tb_offset */
	atomic_bool halted;	/* CEDE, nap, stopped: waits for an interrupt */
	atomic_bool quiesced;	/* RTAS-stopped: only start-cpu wakes it */
	bool prod;		/* H_PROD arrived (machine lock) */
	bool dec_was_negative;	/* sign of DEC at the last look (edge kinds) */
	bool tb_written;	/* the guest set this timebase: it may differ from others' */
	uint8_t pmu_handled;	/* negative counters that have had their effect, a bit each */
	bool tb_stopped;	/* timebase and decrementer: tb_offset is all of TB */
	bool hdec_was_negative; /* sign of HDEC at the last look */
	uint64_t features;	/* PPC_F_*: of the model, less what compatibility mode hides */
	/* Performance monitor (pmu.c): what counters count is relative to the last change. */
	uint64_t slots;	    /* attempts to execute, of finished slices */
	uint64_t undone;    /* of these, interrupted by themselves */
	uint64_t pmu_slots; /* slots, undone and timebase at that change */
	uint64_t pmu_undone;
	uint64_t pmu_tb;
	uint64_t pmu_tb_next; /* timebase of the next transition event */
	/* Where hot code was when this was saved (warm.c). */
	uint8_t *hints;
	uint32_t hints_len, pad2;

	/* Not state from here on. */
	const PpcModel *model;
	const PpcBoard *board;
	Vcpu vcpu;
	uint64_t tb_freq; /* F, Hz; constant of the machine */
	VTimer *dec_timer, *pmu_timer;
	VTimer *hdec_timer; /* NULL: HDEC has no exception */
	uint32_t index;
	/* Derived from MSR and friends by ppc_state_changed(). */
	uint64_t ea_mask; /* 2^64-1 or 2^32-1 by MSR[SF] */
	uint32_t mode;	  /* block key: MSR bits that change meaning (block.h) */
	uint64_t epoch;	  /* counts changes of mode, context, translations */
	bool le;	  /* data and instruction byte order */
	PpcDebug debug;
	/* TLB contexts for data and code, by EA bit 0. */
	struct PpcTlbCtx *dctx[2], *ictx[2];
	struct PpcTlbCtx *dctx_now; /* of dctx the one that most accesses of this mode go by */
	/* Run loop. */
	const PpcOp *cur; /* instruction under way */
	const struct PpcBlock *cur_block;
	uint64_t pc0;	     /* EA of the current block's first instruction */
	uint64_t slice_left; /* instructions left of the slice, after this block */
	uint64_t slice_size;
	bool single;	      /* run one instruction, then look at events */
	bool in_run;	      /* env is valid */
	bool counted;	      /* the clock counts instructions */
	bool strict;	      /* a reservation is what the book says, to the letter (reserve.c) */
	bool guarded;	      /* and there are other CPUs: stores are told to them */
	bool pmu_live;	      /* counters run, or alerts or event-based branches may come */
	uint8_t pmu_event[8]; /* what each counter counts just now */
	sigjmp_buf env;
	struct PpcTlb *tlb;
	struct PpcBlockCache *blocks;
	/* Host code: NULL where all is interpreted. */
	PpcFpLast fp_last;
	struct PpcUnits *units;
	const struct PpcCodeCopy *copy; /* code is decoded from there (compile.h); NULL: from RAM */
	struct PpcVerify *verify;	/* the self-checking mode: verify.h; NULL: off */
	bool so;			/* XER[SO] has been 1: units may not take it for 0 */
	struct JitJumps *jumps;		/* where addresses lead to, in the present view */
	uint64_t upper;			/* half of a vector on its way to TR_HELP_STORE */
	uint64_t *called; /* rows that units have called; then those they have left for */
	uint32_t view;	  /* what addresses of instructions mean now, a number for each meaning */
	uint32_t pad1;
	const PpcSprInfo **sprs; /* by number: the model's lines of spr.def */
	PpcOp one;		 /* the instruction of single mode */
	uint64_t resv_version;	 /* of the slot of resv_addr (reserve.c), host time; odd: lost */
};

/* What addresses of instructions mean, or the mode, may have changed. */
static inline void ppc_new_epoch(PpcCpu *cpu)
{
	cpu->epoch++;
	cpu->vcpu.own = 1;
}

/* EA of the instruction under way (valid inside ex_*()). */
static inline uint64_t ppc_cia(const PpcCpu *cpu)
{
	return (cpu->pc0 + cpu->cur->off) & cpu->ea_mask;
}

static inline uint32_t ppc_cr_get(const PpcCpu *cpu)
{
	uint32_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 4 | cpu->cr[i];
	return v;
}

static inline void ppc_cr_set(PpcCpu *cpu, uint32_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 4)
		cpu->cr[i] = v & 15;
}

/* Bit n (0-31) of CR. */
static inline unsigned ppc_cr_bit(const PpcCpu *cpu, unsigned n)
{
	return cpu->cr[n >> 2] >> (3 - (n & 3)) & 1;
}

/* CR0 from a result: signed compare with 0 in the current mode, and SO. */
static inline void ppc_cr0(PpcCpu *cpu, uint64_t result)
{
	int64_t v = cpu->msr & MSR_SF ? (int64_t)result : (int32_t)result;

	cpu->cr[0] = (v < 0 ? 8 : v > 0 ? 4 : 2) | cpu->xer.so;
}

static inline void ppc_cr1(PpcCpu *cpu)
{
	cpu->cr[1] = cpu->fpscr >> 28 & 15;
}

/* XER as mfxer reads it; bits 44/45 are OV32/CA32 on ISA 3.0. */
uint64_t ppc_xer_get(const PpcCpu *cpu);
void ppc_xer_set(PpcCpu *cpu, uint64_t v);

/* Recomputes what is derived from MSR, LPCR, HID: call after changing them. */
void ppc_state_changed(PpcCpu *cpu);

extern const DeviceType ppc_cpu_type;

#endif
