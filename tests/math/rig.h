/*
 * One program for two worlds: built for PowerPC it is what runs in the guest,
 * built for x86-64 it is the reference.  It takes commands on its standard
 * input (main.c) and answers with hashes of results and exception flags; equal
 * hashes mean equal bits.  run.py compares, and looks for the first differing
 * input when two hashes differ.
 *
 * Rounding modes are numbered as FPSCR[RN] is (Power ISA Book I 4.2.2): 0 to
 * nearest, 1 to zero, 2 to +infinity, 3 to -infinity.  Flags are five bits,
 * FLAG_*, in the order in which FPSCR has VX, OX, UX, ZX and XX.
 */
#ifndef RIG_H
#define RIG_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FLAG_X = 1,	/* inexact */
	FLAG_Z = 2,	/* division by zero */
	FLAG_U = 4,	/* underflow */
	FLAG_O = 8,	/* overflow */
	FLAG_V = 16,	/* invalid */
	CHUNK = 64,	/* operands that are made and used in one go */
	SWEEP_STEP = 16 /* inputs of a sweep that share one reading of the flags */
};

#define HASH_K32 0x9e3779b1u
#define HASH_K64 UINT64_C(0x9e3779b97f4a7c15)

/* Words of a vector: lane 0 is the lowest address. */
typedef uint32_t V4 __attribute__((vector_size(16)));

/* A column of operands, seen as what the group says they are. */
typedef union {
	double d[CHUNK];
	float s[CHUNK];
	uint64_t u[CHUNK];
	uint32_t w[CHUNK];
} Column;

typedef struct {
	Column a, b, c;
} Operands;

/* r holds doubles, floats or 64-bit integers, as Op.type says. */
typedef struct {
	Column r;
	uint8_t flags[CHUNK];
} Results;

typedef void Kernel(const Operands *in, Results *out);

/* An operation that is tried on made-up operands. */
typedef struct {
	const char *group; /* first letter(s): what it is; the operands' type follows from it */
	const char *name;
	char type;    /* of the result: 'd' double, 's' float, 'i' integer */
	char formula; /* what the reference must know of it: see fix.c; 0: nothing */
	Kernel *run;
} Op;

/* The tables of the files that were linked in; each ends with an empty row. */
extern const Op ops_c[], ops_vec[], ops_libc[], ops_trans[], ops_mpfr[];

/* Takes the mode into use; false when this CPU has no such mode. */
bool mode_set(unsigned mode);
extern unsigned mode_number;
extern double mode_word;  /* PowerPC: FPSCR of the mode with all flags clear */
extern uint32_t mode_csr; /* x86: the same of MXCSR */

/* The operands [first, first + CHUNK) of a group. */
void operands_make(const char *group, uint64_t first, Operands *out);

/* Whether the operands of a group are single precision, or integers. */
bool group_is_single(const char *group);
bool group_is_integer(const char *group);

/* Sweeps: see sweep.c. */
bool sweep_hash(const char *name, uint32_t first, uint64_t count, uint64_t *hash);
bool sweep_show(const char *name, uint32_t first, uint32_t count);
void sweep_list(void);

#if defined(__powerpc__)
#if defined(__VSX__)
/* The upper half of the VSRs, which only VSX instructions reach. */
#define FPREG "v"
#else
#define FPREG "d"
#endif
static inline void flags_clear(void)
{
	__asm__ volatile("mtfsf 255,%0" : : "d"(mode_word));
}

static inline unsigned flags_read(void)
{
	union {
		double d;
		uint64_t u;
	} v;
	__asm__ volatile("mffs %0" : "=d"(v.d));
	return v.u >> 25 & 31;
}
#else
#define FPREG "x"
extern unsigned soft_flags; /* raised by what the reference computes without the FPU */
extern const uint8_t csr_flags[64];

static inline void flags_clear(void)
{
	soft_flags = 0;
	__asm__ volatile("ldmxcsr %0" : : "m"(mode_csr));
}

static inline unsigned flags_read(void)
{
	uint32_t csr;
	__asm__ volatile("stmxcsr %0" : "=m"(csr));
	return csr_flags[csr & 63] | soft_flags;
}

/*
 * Conversion to an integer of PowerPC (Book I 4.6.7, Convert To Integer): what is
 * out of range saturates, a NaN gives the smallest; both are invalid and nothing
 * else.  The value has been rounded to an integer already if `x` != `rounded`.
 */
uint64_t to_integer(double x, double rounded, unsigned bits, bool is_signed);

/*
 * Adds the flags that PowerPC raises and x86 does not: underflow of what is tiny
 * before rounding only, invalid of infinity times zero plus a NaN.
 */
void fix_results(const Op *op, const Operands *in, Results *out);

/*
 * Whether the exact result of a formula, which was rounded to `min`, is below it.
 * '*' a * b, '/' a / b, 'f' a * b + c, 'g' a * b - c, 'n' a itself.
 */
bool is_tiny(char formula, double a, double b, double c, double min);
#endif

/*
 * An operand or result passes here: a computation cannot be moved over it, and
 * so stays between the clearing and the reading of the flags.
 */
#define PASS(x) __asm__ volatile("" : "+" FPREG(x))

#endif
