/*
 * A PAPR partition as its guest sees it: hypercalls, RTAS, the choice of
 * interrupt controller and MMU (client-architecture-support), the hash page
 * table and per-CPU areas.  The CPU is behind SpaprCpuOps, which the board
 * fills in.  Machine lock held everywhere.
 */
#ifndef HW_SPAPR_SPAPR_H
#define HW_SPAPR_SPAPR_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/device.h"
#include "core/machine.h"
#include "hw/intc/xics.h"
#include "hw/intc/xive.h"

#define SPAPR_MAX_CPUS 128
#define SPAPR_IRQ_BASE 0x1000
#define SPAPR_IRQ_EPOW 0x1000
#define SPAPR_IRQ_HOTPLUG 0x1001
#define SPAPR_IRQ_VIO 0x1100
#define SPAPR_IRQ_PCI 0x1200
#define SPAPR_IRQ_MSI 0x1300
#define SPAPR_NIRQS 0x1000
#define SPAPR_NWATCHDOGS 4
#define SPAPR_OV5_SIZE 27 /* length byte and bytes 1 to 26 */
#define SPAPR_LMB_SIZE (UINT64_C(256) << 20)
#define SPAPR_FDT_MAX (UINT32_C(2) << 20)
#define SPAPR_RTAS_BLOB 20 /* bytes: five instructions, made by the firmware */
#define SPAPR_ERROR_LOG_MAX 2048
#define SPAPR_HPT_MIN_SHIFT 18
#define SPAPR_HPT_MAX_SHIFT 30
#define SPAPR_HCALL_INDEX 0x140 /* architected functions are 0x4 to 0x4fc */
#define SPAPR_TIMEBASE_HZ 512000000

/* Hypercall status (LoPAPR 14.5.3, table "Hypervisor Call Return Values"). */
enum {
	H_SUCCESS = 0,
	H_BUSY = 1,
	H_CLOSED = 2,
	H_CONTINUE = 18,
	H_HARDWARE = -1,
	H_FUNCTION = -2,
	H_PRIVILEGE = -3,
	H_PARAMETER = -4,
	H_BAD_MODE = -5,
	H_PTEG_FULL = -6,
	H_NOT_FOUND = -7,
	H_NO_MEM = -9,
	H_PERMISSION = -11,
	H_RESOURCE = -16,
	H_P2 = -55,
	H_P3 = -56,
	H_P4 = -57,
	H_P5 = -58,
	H_NOOP = -63,
	H_STATE = -75,
	H_UNSUPPORTED_FLAG = -256,
	H_MULTI_THREADS_ACTIVE = -9005,
};

/* SPRs a hypercall or a mode change touches. */
typedef enum SpaprSpr {
	SPAPR_SPRG0,
	SPAPR_CIABR,
	SPAPR_DAWR0,
	SPAPR_DAWRX0,
	SPAPR_DAWR1,
	SPAPR_DAWRX1,
} SpaprSpr;

/* LPCR bits a guest chooses (Power ISA 3.0B, book III, 2.2). */
#define SPAPR_LPCR_ILE UINT64_C(0x0000000002000000)
#define SPAPR_LPCR_AIL UINT64_C(0x0000000001800000)
#define SPAPR_LPCR_UPRT UINT64_C(0x0000000000400000)
#define SPAPR_LPCR_HR UINT64_C(0x0000000000100000)
#define SPAPR_LPCR_GTSE UINT64_C(0x0000000000000400)

/* What a CPU does for its hypervisor; CPUs by index. */
typedef struct SpaprCpuOps {
	uint64_t (*msr)(void *opaque, unsigned cpu);
	void (*set_msr_ee)(void *opaque, unsigned cpu);
	void (*set_spr)(void *opaque, unsigned cpu, SpaprSpr spr, uint64_t v);
	uint64_t (*tb)(void *opaque, unsigned cpu);
	/* Sets these bits of the LPCR of every CPU. */
	void (*lpcr)(void *opaque, uint64_t mask, uint64_t value);
	/* RTAS state: stopped CPUs run only after start. */
	bool (*stopped)(void *opaque, unsigned cpu);
	void (*start)(void *opaque, unsigned cpu, unsigned from, uint64_t addr, uint64_t r3);
	void (*stop)(void *opaque, unsigned cpu);
	/* Waits for an interrupt or a prod; waits for nothing when one is there. */
	void (*cede)(void *opaque, unsigned cpu);
	bool (*halted)(void *opaque, unsigned cpu);
	void (*prod)(void *opaque, unsigned cpu);
	bool (*take_prod)(void *opaque, unsigned cpu);
	void (*yield)(void *opaque, unsigned cpu);
	void (*nmi)(void *opaque, unsigned cpu);
	/* Translations in all CPUs: all, or those of one hash table entry. */
	void (*flush_all)(void *opaque);
	void (*flush_entry)(void *opaque, uint64_t pteh, uint64_t ptel, uint64_t ptex);
	/* Compatibility: the real PVR, what is supported, and the choice (0: raw). */
	uint32_t (*pvr)(void *opaque);
	bool (*supports_pvr)(void *opaque, uint32_t logical);
	bool (*set_compat)(void *opaque, uint32_t logical);
	/* A new device tree (g_malloc, at most SPAPR_FDT_MAX bytes) of the machine as it now is. */
	void *(*build_fdt)(void *opaque, uint32_t *size);
	/* No other CPU executes between `on` and not; nests.  May be NULL. */
	void (*alone)(void *opaque, bool on);
	/* Client interface call of our firmware; r3 of the answer. */
	uint64_t (*client)(void *opaque, uint64_t args);
} SpaprCpuOps;

/* What a partition is made of; constant after realize. */
typedef struct SpaprConfig {
	const SpaprCpuOps *ops;
	void *opaque;
	unsigned ncpus;
	bool isa300;	       /* the CPU has radix; large decrementer */
	bool isa310;	       /* the CPU has a second DAWR */
	bool ic_xics, ic_xive; /* which controllers the guest may have */
	bool may_radix, may_hash;
	uint32_t max_compat; /* logical PVR that caps the choice, 0: none */
	bool rtc_host;
	int64_t rtc_base; /* ns, see MachineConfig */
	char *uuid;
} SpaprConfig;

typedef struct SpaprCpu {
	uint64_t vpa, slb_shadow, slb_shadow_size, dtl, dtl_size;
} SpaprCpu;

typedef struct SpaprWatchdog {
	VTimer *timer;
	uint32_t action;
	uint32_t pad;
} SpaprWatchdog;

typedef struct SpaprTce SpaprTce;
typedef struct SpaprPhb SpaprPhb;
typedef struct SpaprVty SpaprVty;
typedef struct SpaprNvram SpaprNvram;

typedef struct Spapr {
	Device dev;
	SpaprCpu cpu[SPAPR_MAX_CPUS];
	SpaprWatchdog wdt[SPAPR_NWATCHDOGS];
	uint8_t *hpt; /* big-endian doublewords, as the book lays them out */
	uint32_t hpt_len;
	uint32_t compat_pvr;
	uint64_t proc_tbl;  /* second doubleword of the partition table entry */
	int64_t rtc_offset; /* ns: the guest's date, less what rtc_host says it goes with */
	uint32_t event_id;
	uint8_t ov5[SPAPR_OV5_SIZE]; /* negotiated option vector 5, ov5[0] its length - 1 */
	bool radix;		     /* MMU of the guest */
	bool xive;		     /* its interrupt controller */
	bool cas_done, cas_radix;    /* CAS took place; it chose radix */
	bool knows_isa300;	     /* the guest said so */
	bool epow;		     /* a power-down request waits to be fetched */
	bool kernel_le;		     /* see kernel */
	uint8_t pad[2];
	/*
	 * Physical addresses and sizes (0: none) of the images that the board put into RAM at
	 * its last start: trees built later tell of them, in whatever process that is.
	 */
	uint64_t kernel, kernel_size, initrd, initrd_size;

	SpaprConfig cfg;
	Xics *xics;
	Xive *xive_dev;
	SpaprPhb *phb;
	SpaprNvram *nvram;
	GPtrArray *vtys; /* SpaprVty * */
	GPtrArray *tces; /* SpaprTce * */
	Irq *line[SPAPR_NIRQS];
	const struct SpaprHcallDef *hcall[SPAPR_HCALL_INDEX]; /* by number / 4 */
} Spapr;

extern const DeviceType spapr_type;

/* cfg is copied; before realize. */
void spapr_configure(Spapr *s, const SpaprConfig *cfg);
/* A new interrupt line with global number irq (0x1000 and up). */
Irq *spapr_irq(Spapr *s, uint32_t irq, bool lsi);
void spapr_set_controller(Spapr *s, bool xive);

/* From a hypercall: no other CPU executes between `on` and not. */
static inline void spapr_alone(const Spapr *s, bool on)
{
	if (s->cfg.ops && s->cfg.ops->alone)
		s->cfg.ops->alone(s->cfg.opaque, on);
}

/* Serves one hypercall: r[3] function, r[4] to r[12] arguments; out in r[3], r[4] ... */
void spapr_hypercall(Spapr *s, unsigned cpu, uint64_t *r);
const char *spapr_hypercall_name(uint64_t function);
/* Handler of a hypercall: returns the status, puts outputs into r[4] and on. */
typedef int64_t (*SpaprHcall)(Spapr *s, unsigned cpu, uint64_t *r);
typedef struct SpaprHcallDef SpaprHcallDef;
struct SpaprHcallDef {
	uint32_t number;
	const char *name;
	SpaprHcall fn;
	bool alone; /* it changes what other CPUs are or use: they stand meanwhile */
};
/* Tables, each ending with fn NULL, of hcall_*.c and friends. */
extern const SpaprHcallDef spapr_hcalls_base[], spapr_hcalls_hpt[], spapr_hcalls_int[],
	spapr_hcalls_vio[], spapr_hcalls_mem[];

/* Hash page table of 2^shift bytes, empty; false when the host has not got it. */
bool spapr_hpt_make(Spapr *s, unsigned shift);
void spapr_hpt_drop(Spapr *s);
unsigned spapr_hpt_shift(const Spapr *s);
/* What the RAM size asks for: about a 128th of it. */
unsigned spapr_hpt_shift_for(uint64_t ram);
int64_t spapr_register_proc_tbl(Spapr *s, unsigned cpu, uint64_t *r);

/* RTAS call with arguments at pa (LoPAPR 7.2.1). */
void spapr_rtas(Spapr *s, unsigned cpu, uint64_t pa);
/* Token and name number i of the RTAS functions there are; false past the last. */
bool spapr_rtas_token(unsigned i, uint32_t *token, const char **name);
unsigned spapr_rtas_size(unsigned ncpus);

/* One RTAS call under way. */
typedef struct SpaprRtasCall {
	Spapr *s;
	unsigned cpu;
	uint32_t nargs, nret;
	uint32_t arg[16], ret[16]; /* ret[0] is the status */
} SpaprRtasCall;
typedef struct SpaprRtasDef {
	uint8_t token; /* above 0x2000 */
	uint8_t nargs; /* least */
	uint8_t nret;
	const char *name;
	void (*fn)(SpaprRtasCall *c);
} SpaprRtasDef;
enum {
	RTAS_OK = 0,
	RTAS_NO_ERROR = 1,
	RTAS_HW_ERROR = -1,
	RTAS_PARAM_ERROR = -3,
	RTAS_NOT_AUTHORIZED = -9002,
	RTAS_SYSPARM_ERROR = -9999,
};
extern const SpaprRtasDef spapr_rtas_base[], spapr_rtas_io[];

/* Events: the user asks for a clean power-off. */
void spapr_powerdown(Spapr *s);
void spapr_check_exception(SpaprRtasCall *c);
void spapr_event_scan(SpaprRtasCall *c);

/* Watchdog timers. */
void spapr_wdt_init(Spapr *s);
void spapr_wdt_free(Spapr *s);
int64_t spapr_h_watchdog(Spapr *s, unsigned cpu, uint64_t *r);

/*
 * ibm,client-architecture-support: reads the guest's vectors at vec, sets
 * CPU compatibility, MMU and interrupt controller.  The board then builds
 * a new device tree.  Returns a hypercall status.
 */
int64_t spapr_cas(Spapr *s, unsigned cpu, uint64_t vec);
/* ibm,arch-vec-5-platform-support: pairs of index and value; returns bytes written (8). */
unsigned spapr_platform_support(const Spapr *s, uint8_t *out);

/* Guest memory; false when not RAM. */
static inline Ram *spapr_ram(const Spapr *s)
{
	return s->dev.machine->ram;
}
static inline bool spapr_cpu_ok(const Spapr *s, uint64_t cpu)
{
	return cpu < s->cfg.ncpus;
}

#endif
