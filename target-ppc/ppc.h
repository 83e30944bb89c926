/*
 * The CPU as a board sees it.  What the CPU must ask of its board is one
 * struct of callbacks; what a board may do to a CPU are these functions.
 */
#ifndef TARGET_PPC_PPC_H
#define TARGET_PPC_PPC_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/machine.h"

typedef struct PpcCpu PpcCpu;
typedef struct PpcModel PpcModel;

typedef struct PpcBoard {
	void *opaque;
	uint64_t tb_freq; /* F, Hz */
	/* sc 1 from privileged state; machine lock held.  NULL: sc 1 is as sc 0. */
	void (*hypercall)(void *opaque, PpcCpu *cpu);
	/*
	 * The board plays hypervisor: guest real mode is offset 0, no HV state,
	 * hash page table outside of guest RAM (host pointer, 2^shift bytes;
	 * NULL while there is none), process table given by the board.
	 */
	bool vhyp;
	uint8_t *(*hpt)(void *opaque, unsigned *shift);
	/* Second doubleword of the partition table entry: process table base | size; bit 0 of *radix. */
	uint64_t (*process_table)(void *opaque, bool *radix);
	/* Reset vector and what else the board wants, after the CPU's own reset. */
	void (*cpu_reset)(void *opaque, PpcCpu *cpu);
	/* Guest asked for sleep in MSR[POW] etc. is handled by the CPU itself. */
} PpcBoard;

/* Makes and realizes CPU number index ("/cpu/N"); board must outlive it. */
PpcCpu *ppc_cpu_new(Machine *m, const PpcModel *model, const PpcBoard *board, unsigned index,
		    GError **err);
typedef struct PpcJitOptions {
	size_t budget;	 /* bytes for code and what goes with it, all CPUs of the machine; 0: any */
	size_t bytes;	 /* of host code */
	unsigned hot;	 /* runs of a block until it is translated; 0: a few */
	bool one;	 /* an instruction at a time */
	bool perf_map;	 /* names of host code in /tmp/perf-PID.map */
	bool background; /* units are made by a thread of the machine */
	bool shuffle;  /* registers of host code are chosen at random by the seed, 0: not at all; */
	uint32_t seed; /* else as the build has it (jit_shuffle()) */
	bool verify;   /* all that host code does is done again by the interpreter, and compared */
} PpcJitOptions;
/*
 * Hot code is translated to host code; before the CPU first runs.  False with err, and all is
 * interpreted, when this host has no such thing.
 */
bool ppc_use_jit(PpcCpu *cpu, const PpcJitOptions *o, GError **err);
/*
 * Nothing that writes to a reserved granule goes unnoticed, whatever its bytes are afterwards
 * (docs/threads.md); once all CPUs are there, before any runs.  Counted time has no need of it.
 */
bool ppc_use_strict(PpcCpu *cpu, GError **err);
const PpcModel *ppc_cpu_model(const PpcCpu *cpu);
unsigned ppc_cpu_index(const PpcCpu *cpu);

/*
 * Registers by number; only while the CPU is stopped, or from its own
 * hypercall.  msr goes through the same rules as rfid.
 */
uint64_t ppc_gpr(const PpcCpu *cpu, unsigned n);
void ppc_set_gpr(PpcCpu *cpu, unsigned n, uint64_t v);
uint64_t ppc_nip(const PpcCpu *cpu);
void ppc_set_nip(PpcCpu *cpu, uint64_t v);
uint64_t ppc_msr(const PpcCpu *cpu);
void ppc_set_msr(PpcCpu *cpu, uint64_t v);
/* SPR by its number, without privilege checks; unknown ones read 0. */
uint64_t ppc_spr(PpcCpu *cpu, unsigned spr);
void ppc_set_spr(PpcCpu *cpu, unsigned spr, uint64_t v);
uint64_t ppc_tb(const PpcCpu *cpu);
void ppc_copy_time(PpcCpu *to, const PpcCpu *from);
/* The machine starts after a downtime that counts (Machine.board_time_jump); CPU stopped. */
void ppc_time_passed(PpcCpu *cpu, uint64_t ns);
/* Compatibility mode: hides features above a logical PVR (0: raw mode). */
bool ppc_set_compat(PpcCpu *cpu, uint32_t logical_pvr, GError **err);
bool ppc_supports_pvr(const PpcModel *model, uint32_t logical_pvr);

/* Interrupt inputs, PPC_PEND_EXT etc. of cpu.h; machine lock held, any thread. */
enum { PPC_INPUT_INT, PPC_INPUT_RESET, PPC_INPUT_MCHECK, PPC_INPUT_SMI, PPC_INPUT_HVIRT };
void ppc_input(PpcCpu *cpu, int input, int level);
/* Halts (waits for an interrupt even when MSR[EE] is 0 and `quiesce`: for start only). */
void ppc_halt(PpcCpu *cpu);
void ppc_quiesce(PpcCpu *cpu, bool on);
bool ppc_is_quiesced(const PpcCpu *cpu);
bool ppc_is_halted(const PpcCpu *cpu);
void ppc_wake(PpcCpu *cpu);
/* Is an interrupt pending that the CPU could take if MSR[EE] were 1? */
bool ppc_interrupt_pending(const PpcCpu *cpu);
void ppc_prod(PpcCpu *cpu);
bool ppc_take_prod(PpcCpu *cpu); /* was it prodded?  clears */
/* Ends this CPU's slice: another CPU's turn (H_CONFER). */
void ppc_yield(PpcCpu *cpu);

/* Forgets translations: all, or those of one page of the hash table (AVA, B). */
void ppc_tlb_flush(PpcCpu *cpu);
void ppc_tlb_flush_va(PpcCpu *cpu, uint64_t pteh, uint64_t ptel, uint64_t ptex);

/* What a board must know of a model to describe it to its guest. */
typedef struct PpcModelInfo {
	const char *name, *desc; /* "power9_v2.0" and one line for people */
	const char *dt_name;	 /* "PowerPC,POWER9" */
	uint32_t pvr;
	bool server64;		    /* 64-bit Book III-S: fit for a PAPR board */
	bool radix;		    /* ISA 3.0 MMU */
	unsigned cache_line;	    /* bytes */
	unsigned slb_size;	    /* entries */
	unsigned dec_bits;	    /* 32, or the width of the large decrementer */
	const uint8_t *pa_features; /* ibm,pa-features with its two-byte header, or NULL */
	unsigned pa_features_len;   /* bytes */
} PpcModelInfo;
void ppc_model_info(const PpcModel *model, PpcModelInfo *info);
/* By name or alias, upper or lower case; NULL when unknown. */
const PpcModel *ppc_model_find(const char *name);
/* Model number i in the order of the list; NULL past the last. */
const PpcModel *ppc_model_nth(unsigned i);
/* The CPU of m whose instruction the calling thread executes; NULL outside of one. */
PpcCpu *ppc_current(const Machine *m);

/* Debug: translates ea as data (or code) without side effects; false: not mapped. */
bool ppc_debug_translate(PpcCpu *cpu, uint64_t ea, bool code, uint64_t *pa);
/*
 * One instruction, its words and its text, at an effective address, or at a physical one with
 * `real`; returns its bytes, 0 when unreadable.
 */
unsigned ppc_debug_disas(PpcCpu *cpu, uint64_t addr, bool real, GString *out);
/* A register by its name: pc, nip, msr, lr, ctr, cr, xer, fpscr, r0-r31, f0-f31, SPRs. */
bool ppc_reg_by_name(PpcCpu *cpu, const char *name, uint64_t *v);
void ppc_show(PpcCpu *cpu, bool all, GString *out);
/* What is known of decoded and translated code, and of the TLB. */
void ppc_show_jit(PpcCpu *cpu, GString *out);
void ppc_show_clock(PpcCpu *cpu, GString *out);

#endif
