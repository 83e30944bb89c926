/*
 * What ex_*() functions use: raising interrupts and touching memory.
 *
 * Every row of ppc.isa has `void ex_NAME(PpcCpu *cpu, const PpcOp *op)`.
 * It reads operands by the book's names (op->RT, op->SI), changes cpu, and
 * returns; a branch sets cpu->nip, all others leave it alone.  Raising an
 * interrupt does not return: so all checks and all memory accesses come
 * before the first change of a register (update forms write RA last).
 */
#ifndef TARGET_PPC_EXEC_H
#define TARGET_PPC_EXEC_H

#include "target-ppc/cpu.h"
#include "target-ppc/tlb.h"

/* Interrupt vectors (offsets) as the book numbers them. */
typedef enum PpcVector {
	PPC_V_RESET = 0x100,
	PPC_V_MCHECK = 0x200,
	PPC_V_DSI = 0x300,
	PPC_V_DSEG = 0x380,
	PPC_V_ISI = 0x400,
	PPC_V_ISEG = 0x480,
	PPC_V_EXT = 0x500,
	PPC_V_ALIGN = 0x600,
	PPC_V_PROGRAM = 0x700,
	PPC_V_FPU = 0x800,
	PPC_V_DEC = 0x900,
	PPC_V_HDEC = 0x980,
	PPC_V_DOORBELL = 0xa00,
	PPC_V_SC = 0xc00,
	PPC_V_TRACE = 0xd00,
	PPC_V_HDSI = 0xe00,
	PPC_V_HISI = 0xe20,
	PPC_V_HEMUL = 0xe40,
	PPC_V_HVIRT = 0xea0,
	PPC_V_PMI = 0xf00,
	PPC_V_VEC = 0xf20,
	PPC_V_VSX = 0xf40,
	PPC_V_FACILITY = 0xf60,
	PPC_V_HFACILITY = 0xf80,
	PPC_V_7XX_TRANS = 0x1000, /* 603/7450: TLB misses 0x1000-0x1200 */
	PPC_V_IABR = 0x1300,
	PPC_V_SOFTPATCH = 0x1500,
	PPC_V_SCV = 0x3000,
} PpcVector;

/* DSISR bits; ISI puts the same bits into SRR1. */
#define DSISR_NOPTE 0x40000000u
#define SRR1_NOEXEC 0x10000000u
#define DSISR_PROT 0x08000000u
#define DSISR_STORE 0x02000000u
#define DSISR_DABR 0x00400000u
#define DSISR_KEY 0x00200000u
#define DSISR_BAD_RADIX 0x00080000u

/* LPCR (book III 2.2). */
#define LPCR_AIL 0x01800000ull
#define LPCR_UPRT BIT64(41)
#define LPCR_EVIRT BIT64(42)
#define LPCR_HR BIT64(43)
#define LPCR_LD BIT64(46)
#define LPCR_ILE 0x02000000ull
#define LPCR_GTSE BIT64(53)
#define LPCR_PECE 0x0001f000ull
#define LPCR_HDICE BIT64(63)

/* FSCR (book III 7.3.2 of 3.1): TAR and prefixed instructions in problem state. */
#define PPC_FSCR_TAR BIT64(55)
#define PPC_FSCR_IC_TAR 8
#define PPC_FSCR_PREFIX BIT64(50)
#define PPC_FSCR_IC_PM 3
#define PPC_FSCR_IC_BHRB 4
#define PPC_FSCR_IC_PREFIX 13

/* SRR1 bits of program interrupts (the book's bits 42-46). */
#define PPC_SRR1_PREFIXED BIT64(34) /* by a prefixed instruction */
#define PPC_SRR1_BOUNDARY BIT64(35) /* alignment: it crosses a 64-byte boundary */
#define PPC_PROG_AFTER BIT64(47)    /* SRR0 is behind the instruction that caused it */
#define PPC_PROG_FP BIT64(43)
#define PPC_PROG_ILLEGAL BIT64(44)
#define PPC_PROG_PRIV BIT64(45)
#define PPC_PROG_TRAP BIT64(46)

/* All of these leave the instruction under way and deliver the interrupt. */
G_NORETURN void ppc_raise_program(PpcCpu *cpu, uint64_t srr1_bits);
G_NORETURN void ppc_raise_alignment(PpcCpu *cpu, uint64_t ea);
/* The prefixed instruction under way crosses a 64-byte boundary (3.1). */
G_NORETURN void ppc_raise_boundary(PpcCpu *cpu);
/* What a walk of the tables ended in. */
G_NORETURN void ppc_raise_fault(PpcCpu *cpu, uint64_t ea, PpcAccess acc, const PpcFault *f);
/* Machine check: an access at ea that nothing answers. */
G_NORETURN void ppc_raise_mcheck(PpcCpu *cpu, uint64_t ea);
/* Begins the instruction under way again, alone (run.c). */
G_NORETURN void ppc_restart_single(PpcCpu *cpu);
/* As if the instruction under way had not been begun, with what follows it in the slice. */
G_NORETURN void ppc_restart(PpcCpu *cpu);
/* Out of the slice; nothing is known any more of what was under way (VcpuOps.leave). */
G_NORETURN void ppc_leave(Vcpu *v);
/* DSI with DSISR bits. */
G_NORETURN void ppc_raise_dsi(PpcCpu *cpu, uint64_t ea, uint32_t dsisr);
/*
 * MSR[FE0] or [FE1] was set while FPSCR[FEX] is 1: as above, but the instruction has completed,
 * and MSR and nip are the new ones.
 */
G_NORETURN void ppc_raise_program_after(PpcCpu *cpu, uint64_t srr1_bits);
/* Facility interrupts: FP, VEC, VSX unavailable; FSCR ones with their cause number. */
G_NORETURN void ppc_raise_vector(PpcCpu *cpu, PpcVector v);
G_NORETURN void ppc_raise_facility(PpcCpu *cpu, unsigned cause);
/* sc and scv: saved address is the next instruction's. */
G_NORETURN void ppc_raise_sc(PpcCpu *cpu, unsigned lev);
G_NORETURN void ppc_raise_scv(PpcCpu *cpu, unsigned lev);
/*
 * Trap-like interrupts after a completed instruction (enabled FP exceptions
 * are before completion as far as the target register goes, but FPSCR is
 * set): FPSCR must already hold its new value.
 */
static inline void ppc_raise_fp_enabled(PpcCpu *cpu)
{
	ppc_raise_program(cpu, PPC_PROG_FP);
}

/* The effective address wraps to 32 bits when MSR[SF] is 0. */
static inline uint64_t ppc_ea(const PpcCpu *cpu, uint64_t ea)
{
	return ea & cpu->ea_mask;
}

/*
 * Data accesses at an effective address, in the current byte order
 * (cpu->le), any alignment; numbers are as the instruction sees them.  They raise
 * DSI etc. themselves.  An access that crosses a page is checked on both
 * pages before a byte is written.
 */
static inline uint8_t ppc_ld8(PpcCpu *cpu, uint64_t ea);
static inline uint16_t ppc_ld16(PpcCpu *cpu, uint64_t ea);
static inline uint32_t ppc_ld32(PpcCpu *cpu, uint64_t ea);
static inline uint64_t ppc_ld64(PpcCpu *cpu, uint64_t ea);
static inline void ppc_st8(PpcCpu *cpu, uint64_t ea, uint8_t v);
static inline void ppc_st16(PpcCpu *cpu, uint64_t ea, uint16_t v);
static inline void ppc_st32(PpcCpu *cpu, uint64_t ea, uint32_t v);
static inline void ppc_st64(PpcCpu *cpu, uint64_t ea, uint64_t v);
/* 16 bytes as one number in the current byte order (lvx, lxv, lq in parts). */
u128 ppc_ld128(PpcCpu *cpu, uint64_t ea);
void ppc_st128(PpcCpu *cpu, uint64_t ea, u128 v);
/*
 * n bytes (1..128), in address order whatever the byte order (string, multiple,
 * lxvl, dcbz).  Checked as a whole first.
 */
void ppc_ld_bytes(PpcCpu *cpu, uint64_t ea, uint8_t *buf, unsigned n);
void ppc_st_bytes(PpcCpu *cpu, uint64_t ea, const uint8_t *buf, unsigned n);
/* Raises what a store (load) of n bytes at ea would raise; changes nothing else. */
void ppc_probe(PpcCpu *cpu, uint64_t ea, unsigned n, bool store);
/* The same for stores that follow: their watchpoints too, which cache instructions do not hit. */
void ppc_probe_store(PpcCpu *cpu, uint64_t ea, unsigned n);

/*
 * To be called with the real range (inside a page) before and after a store that does
 * not go through the functions above: decoded instructions there die.
 * ppc_note_store() is for stores already made by a table walk.
 */
void ppc_before_store(PpcCpu *cpu, uint64_t pa, unsigned n);
void ppc_note_store(PpcCpu *cpu, uint64_t pa, unsigned n);
/*
 * Would ppc_before_store() find no instructions there?  Then its other work is done, and the store
 * may be made.
 */
bool ppc_store_is_plain(PpcCpu *cpu, uint64_t pa, unsigned n);
/* Between the two another CPU may have decoded what was there. */
static inline void ppc_after_store(PpcCpu *cpu, uint64_t pa, unsigned n)
{
	if (cpu->counted)
		return;
	/* Giving a granule back is a fence. */
	if (!cpu->guarded)
		atomic_thread_fence(memory_order_seq_cst);
	ppc_note_store(cpu, pa, n);
}
/* For a walk of the tables: sets bits of the byte at pa, which may be code as well. */
void ppc_set_bits(PpcCpu *cpu, uint64_t pa, uint8_t bits);
/* The SLB entry that translates ea; NULL when none does. */
const PpcSlbEntry *ppc_slb_lookup(const PpcCpu *cpu, uint64_t ea);
/* log2 of the actual page size of a hash table entry; 0: not valid for that base. */
unsigned ppc_hpte_shift(unsigned base, uint64_t v, uint64_t r);

/* A new MSR may ask for interrupts that are pending. */
void ppc_msr_asks(PpcCpu *cpu, uint64_t msr);
/* MSR[EE] is that of v now: pending interrupts are looked at before the next instruction. */
void ppc_ee_written(PpcCpu *cpu, uint64_t v);
/* ex_mmu.c: tlbiel with R = 1. */
void ppc_tlbiel_radix(PpcCpu *cpu, uint64_t rb, uint64_t rs, unsigned ric);
/*
 * lwat and its kin at ea, where a store needs no question; how: the size, and: false: it raises something.
 * Of loads v1 is RT+1 and v2 RT+2.
 */
enum { PPC_AMO_SIZE = 15, PPC_AMO_LOAD = 16, PPC_AMO_FC = 5 };
bool ppc_try_amo(PpcCpu *cpu, uint64_t ea, unsigned how, uint64_t v1, uint64_t v2,
		 uint64_t *result);
/* dcbz or dcbzl (word) at ea, where no question is to be asked; false: nothing is done. */
bool ppc_try_dcbz(PpcCpu *cpu, uint64_t ea, uint32_t word);
/* icbi at ea, if there is no decoded code to end; false: that is not certain. */
bool ppc_try_icbi(PpcCpu *cpu, uint64_t ea);

/* Reservations (lbarx..lqarx; stbcx...): true when the store was done. */
uint64_t ppc_load_reserve(PpcCpu *cpu, uint64_t ea, unsigned size);
bool ppc_store_conditional(PpcCpu *cpu, uint64_t ea, unsigned size, uint64_t v);
/* Quadword: v[0] is the doubleword for the even register. */
void ppc_load_reserve128(PpcCpu *cpu, uint64_t ea, uint64_t v[2]);
bool ppc_store_conditional128(PpcCpu *cpu, uint64_t ea, const uint64_t v[2]);
/*
 * The same where they need no question, which host code cannot ask: false, and nothing has happened.
 * The value (as ppc_load_reserve()'s), or whether the store was done, goes to *v.
 */
bool ppc_try_reserve(PpcCpu *cpu, uint64_t ea, unsigned size, uint64_t *v);
bool ppc_try_conditional(PpcCpu *cpu, uint64_t ea, unsigned size, uint64_t *v);
/* What `info jit` says of it. */
void ppc_strict_show(const PpcCpu *cpu, GString *out);
/* Strict reservations: n bytes at pa (inside of a page), between ppc_before_store() and _after_store(). */
void ppc_put_guarded(PpcCpu *cpu, uint64_t pa, const uint8_t *buf, unsigned n);
/*
 * Host time: for a change of memory that is not one conditional store, but that ends other
 * CPUs' reservations all the same.  Nothing that raises or waits stands between the two.
 */
uint64_t ppc_granule_lock(PpcCpu *cpu, uint64_t pa);
void ppc_granule_unlock(PpcCpu *cpu, uint64_t pa, uint64_t was);
/* The instruction under way is complete; what follows it is looked for anew. */
G_NORETURN void ppc_leave_done(PpcCpu *cpu);

#include "target-ppc/mem.h"

/* A store of n bytes at pa that no fast path makes. */
static inline void ppc_put(PpcCpu *cpu, uint64_t pa, const void *buf, unsigned n)
{
	if (unlikely(cpu->guarded))
		ppc_put_guarded(cpu, pa, buf, n);
	else
		ppc_copy(cpu->dev.machine->ram->host + pa, buf, n);
}

#endif
