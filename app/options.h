/*
 * The command line, parsed.  options_parse() has no side effects: it opens
 * nothing and asks no clock, so that everything about it can be tested.
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "app/charspec.h"
#include "hw/machines/machines.h"

typedef enum OptionsWhat {
	OPT_RUN,
	OPT_HELP,
	OPT_VERSION,
	OPT_MACHINE_HELP,
	OPT_PROPS_HELP,
	OPT_CPU_HELP,
	OPT_LOG_HELP,
	OPT_TEXT_HELP, /* .help_text */
} OptionsWhat;

typedef enum RtcBase { RTC_UTC, RTC_LOCALTIME, RTC_DATE } RtcBase;
typedef enum PanicAction {
	PANIC_SHUTDOWN,
	PANIC_PAUSE,
	PANIC_EXIT_FAILURE,
	PANIC_NONE
} PanicAction;

typedef struct Options {
	OptionsWhat what;
	const char *help_text;

	char *machine;	   /* name as typed, or NULL */
	GHashTable *props; /* machine properties, char * to char * */
	char *cpu;
	uint64_t smp, sockets, cores, threads, maxcpus; /* smp is never 0 after parsing */
	uint64_t ram;					/* bytes; 0: the machine's default */
	bool ram_shared;				/* a memory backend says so */
	char *memory_backend;				/* id, or NULL */
	GPtrArray *memories;				/* MemSpec * */
	char *accel; /* "interp", "jit", or NULL: the best there is */
	bool perfmap;
	bool accel_verify;  /* verify=on */
	bool accel_one;	    /* one-insn-per-tb=on */
	bool accel_fore;    /* background=off */
	bool accel_shuffle; /* register-seed= is given */
	uint64_t accel_seed;
	bool accel_strict;  /* strict-reservations=on */
	uint64_t accel_mib; /* tb-size=; 0: as much as is usual */

	char *kernel, *initrd, *append, *bios, *firmware_dir;

	bool nodefaults;
	bool nographic;	     /* said so */
	bool display_none;   /* said so */
	GPtrArray *serials;  /* CharSpec *; defaults filled in */
	GPtrArray *monitors; /* CharSpec *; defaults filled in */
	GPtrArray *chardevs; /* CharSpec * with ids */
	uint8_t escape;	     /* of Ctrl-a */

	bool start_stopped;
	bool no_reboot, no_shutdown;
	PanicAction panic;
	char *name, *uuid;
	bool rtc_given; /* base= was said */
	bool rtc_clock_given;
	bool rtc_vm;
	RtcBase rtc;
	int64_t rtc_date; /* RTC_DATE: seconds since 1970 */
	TimePolicy time_policy;
	bool counted;
	unsigned icount_shift; /* 2^shift ns per instruction */
	bool seed_set;
	uint64_t seed;

	char *log_topics, *log_file;
	char *snapdir, *loadvm, *pidfile;
	char *incoming;	     /* URI or "defer", or NULL */
	GPtrArray *objects;  /* TlsSpec *, until the program has taken them */
	GPtrArray *prom_env; /* char *, "name=value" */
} Options;

/*
 * argv[0] is skipped.  On failure the message begins with the option, in one
 * line: "-kernl: unknown option; did you mean -kernel?".  Free with
 * options_free() in either case.
 */
bool options_parse(Options *o, int argc, const char *const *argv, GError **err);
void options_free(Options *o);

/* What only a machine can say: its properties, how many CPUs it takes. */
bool options_check_machine(Options *o, const MachineType *type, GError **err);
/* The machine named, or the default one; NULL and err with the nearest name. */
const MachineType *options_machine(const Options *o, GError **err);

/* -help, made from the table of options. */
void options_help(GString *out);

#endif
