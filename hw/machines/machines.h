/* The machines there are, and what a user can ask of one. */
#ifndef HW_MACHINES_MACHINES_H
#define HW_MACHINES_MACHINES_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/chardev.h"
#include "core/machine.h"

#define MACHINE_MAX_SERIAL 4

typedef struct MachineConfig {
	const char *cpu; /* "power9", "POWER9,compat=..."; NULL: the default */
	unsigned smp;	 /* CPUs, at least 1 */
	uint64_t ram;	 /* bytes */
	bool ram_shared; /* in memory that can be handed to another process */
	const char *kernel, *initrd, *append, *bios; /* paths; NULL when absent */
	Chardev *serial[MACHINE_MAX_SERIAL];	     /* NULL: not connected */
	unsigned nserial;
	/* Wall clock of the guest's RTC: ns since 1970 to add to V (clock=vm). */
	bool rtc_host;	   /* true: RTC follows the host's wall clock */
	int64_t rtc_base;  /* rtc_host: ns to add to it; else RTC at V = 0, ns since 1970 */
	const char *uuid;  /* text form, or NULL */
	const char *name;  /* -name, or NULL */
	GHashTable *props; /* machine properties: char * to char *; may be NULL */
	uint64_t seed;	   /* for rng-seed; counted time uses a fixed one */
	bool seed_set;
	const char *accel;  /* "interp" or "jit"; NULL: jit if this host has it */
	bool accel_verify;  /* host code is checked against the interpreter */
	bool perfmap;	    /* names of host code in /tmp/perf-PID.map */
	bool accel_fore;    /* CPUs make their host code themselves */
	bool accel_one;	    /* an instruction at a time */
	bool accel_shuffle; /* registers of host code by accel_seed */
	uint32_t accel_seed;
	bool accel_strict;  /* ppc_use_strict() */
	uint64_t accel_mib; /* of host code, MiB; 0: the machine's own idea */
	bool state_follows; /* a snapshot comes before the first start: put nothing into RAM yet */
} MachineConfig;

typedef struct MachineType {
	const char *name, *alias, *desc;
	const char *default_cpu;
	unsigned max_cpus;
	uint64_t default_ram;
	/* Makes, wires, loads the images and resets.  NULL and err on failure. */
	Machine *(*create)(const MachineConfig *cfg, Loop *loop, VClock *clock, GError **err);
	/* "-cpu help": one line per model. */
	void (*cpu_help)(GString *out);
	/* Known -M properties: name, meaning; ends with NULL. */
	const char *const (*props)[2];
	/* "info registers" and friends: CPU number n as text, or NULL past the last. */
	char *(*show_cpu)(Machine *m, unsigned n, bool all);
	/*
	 * Debug read through CPU n's current translation (x) of len bytes;
	 * false where nothing is mapped.  No side effects.
	 */
	bool (*debug_read)(Machine *m, unsigned n, uint64_t ea, void *buf, size_t len);
	/*
	 * One instruction of CPU n, its words and its text, at an effective address or (real) a
	 * physical one; returns its bytes (0: unreadable).
	 */
	unsigned (*disas)(Machine *m, unsigned n, uint64_t addr, bool real, GString *out);
	void (*nmi)(Machine *m);
	void (*powerdown)(Machine *m);
	/* "info clock": V, offset, TB, DEC per CPU. */
	void (*show_clock)(Machine *m, GString *out);
	void (*show_jit)(Machine *m, GString *out);
	/* Register of CPU n by name (nip, msr, lr, ctr, r0 ...); may be NULL. */
	bool (*get_reg)(Machine *m, unsigned n, const char *name, uint64_t *v);
} MachineType;

/* All machines, NULL-terminated; the first is the default. */
const MachineType *const *machine_types(void);
/* By name or alias; NULL when unknown. */
const MachineType *machine_type_find(const char *name);

#endif
