/*
 * Sweeps: an operation on consecutive 32-bit patterns, in vectors of four.  A
 * sweep over all of them is the exhaustive test.  Two- and three-operand sweeps
 * have constants beside ("mul:3"): their place in `constants`.
 *
 * The hash has a state of 32 bits for each lane, h = h * odd + result, so one
 * wrong result always shows.  The flags of each SWEEP_STEP inputs go into a
 * hash of their own.
 *
 * NaNs are hashed as they are: the rule which operand's payload the result has
 * (Book I 4.3.2) is the reference's, too.
 */
#include "rig.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* b is for results that are wider than the input, else the same as a. */
typedef struct {
	V4 a, b;
} Wide;

static const uint32_t constants[][2] = {
	{ 0x3eaaaaab, 0x3f800000 }, /* 1/3, 1 */
	{ 0x3f800001, 0xbf800000 }, /* 1 and an ulp, -1 */
	{ 0x40400000, 0x00000001 }, /* 3, the smallest */
	{ 0x00012345, 0x80000003 }, /* subnormals */
	{ 0x7f7fffff, 0xff7fffff }, /* the largest */
	{ 0x00800000, 0x807fffff }, /* around the smallest normal */
	{ 0x3f7fffff, 0x4b800001 }, /* 1 less an ulp, over 2^24 */
	{ 0xc2f6e979, 0x358637bd }, /* -123.456, 1e-6 */
	{ 0x1e3ce508, 0x9e3ce508 }, /* 1e-20, -1e-20 */
	{ 0x60ad78ec, 0x7f000000 }, /* 1e20, 2^127 */
	{ 0x00000000, 0x80000000 }, /* zeros */
	{ 0x7f800000, 0xff800000 }, /* infinities */
	{ 0x7fc12345, 0x7f812345 }, /* a quiet and a signalling NaN */
	{ 0xffa00001, 0x7fe54321 }, /* signalling, quiet */
	{ 0x4b7fffff, 0x3f000000 }, /* 2^24 - 1, 1/2 */
	{ 0x33800000, 0x3f800000 }, /* half an ulp of 1 below, 1 */
};
#define NCONSTANTS (sizeof(constants) / sizeof(constants[0]))

#if defined(__powerpc__)
#include "sweep_ppc.h"
#else
#include "sweep_x86.h"
#endif

#define HASH(h, v) ((h) = (h) * (V4){ HASH_K32, HASH_K32, HASH_K32, HASH_K32 } + (v))
#define STEP(op, wide)                                                                             \
	do {                                                                                       \
		Wide r = op_##op(x, k, k2);                                                        \
		HASH(h, r.a);                                                                      \
		if (wide)                                                                          \
			HASH(h, r.b);                                                              \
		x += four;                                                                         \
	} while (0)

typedef uint64_t Sweep(uint32_t first, uint64_t count, V4 k, V4 k2);

static uint64_t fold(V4 h, uint64_t flags)
{
	for (int i = 0; i < 4; i++)
		flags = flags * HASH_K64 + h[i];
	return flags ^ flags >> 32;
}

#define SWEEP(op, wide)                                                                            \
	static uint64_t sweep_##op(uint32_t first, uint64_t count, V4 k, V4 k2)                    \
	{                                                                                          \
		const V4 four = { 4, 4, 4, 4 };                                                    \
		V4 x = (V4){ first, first, first, first } + (V4){ 0, 1, 2, 3 },                    \
		   h = { 1, 2, 3, 4 };                                                             \
		uint64_t f = 0;                                                                    \
		for (uint64_t n = count / SWEEP_STEP; n; n--) {                                    \
			flags_clear();                                                             \
			STEP(op, wide);                                                            \
			STEP(op, wide);                                                            \
			STEP(op, wide);                                                            \
			STEP(op, wide);                                                            \
			f = f * HASH_K64 + flags_read();                                           \
		}                                                                                  \
		return fold(h, f);                                                                 \
	}                                                                                          \
	static Wide one_##op(uint32_t x, V4 k, V4 k2)                                              \
	{                                                                                          \
		return op_##op((V4){ x, x, x, x }, k, k2);                                         \
	}

/* name, whether results are wider, how many constants it takes */
#define SWEEPS(X)                                                                                  \
	X(sqrt, 0, 0)                                                                              \
	X(rint, 0, 0)                                                                              \
	X(floor, 0, 0)                                                                             \
	X(ceil, 0, 0)                                                                              \
	X(trunc, 0, 0)                                                                             \
	X(round, 0, 0)                                                                             \
	X(toi32, 0, 0)                                                                             \
	X(tou32, 0, 0)                                                                             \
	X(toi64, 1, 0)                                                                             \
	X(tou64, 1, 0)                                                                             \
	X(rtoi32, 0, 0)                                                                            \
	X(rtou32, 0, 0)                                                                            \
	X(rtoi64, 1, 0)                                                                            \
	X(rtou64, 1, 0)                                                                            \
	X(fromi32, 0, 0)                                                                           \
	X(fromu32, 0, 0)                                                                           \
	X(widen, 1, 0)                                                                             \
	X(there, 1, 0)                                                                             \
	X(narrow, 1, 1)                                                                            \
	X(add, 0, 1)                                                                               \
	X(sub, 0, 1)                                                                               \
	X(rsub, 0, 1)                                                                              \
	X(mul, 0, 1)                                                                               \
	X(div, 0, 1)                                                                               \
	X(rdiv, 0, 1)                                                                              \
	X(madd, 0, 2)                                                                              \
	X(msub, 0, 2)                                                                              \
	X(nmadd, 0, 2)                                                                             \
	X(nmsub, 0, 2)

#define INSTANCE(op, wide, n) SWEEP(op, wide)
SWEEPS(INSTANCE)

static const struct {
	const char *name;
	Sweep *run;
	Wide (*one)(uint32_t x, V4 k, V4 k2);
	bool wide;
	int constants;
} sweeps[] = {
#define ROW(op, wide, n) { #op, sweep_##op, one_##op, wide, n },
	SWEEPS(ROW)
};
#define NSWEEPS (sizeof(sweeps) / sizeof(sweeps[0]))

/* "mul:3": which sweep and with what beside; -1 when there is none. */
static int find(const char *name, V4 *k, V4 *k2)
{
	size_t len = strcspn(name, ":");
	unsigned long at = name[len] ? strtoul(name + len + 1, NULL, 10) : 0;
	for (size_t i = 0; i < NSWEEPS; i++) {
		if (strncmp(sweeps[i].name, name, len) != 0 || sweeps[i].name[len])
			continue;
		if (at >= NCONSTANTS || (name[len] != 0) != (sweeps[i].constants != 0))
			return -1;
		uint32_t c = constants[at][0], d = constants[at][1];
		*k = (V4){ c, c, c, c };
		*k2 = (V4){ d, d, d, d };
		return (int)i;
	}
	return -1;
}

bool sweep_hash(const char *name, uint32_t first, uint64_t count, uint64_t *hash)
{
	V4 k, k2;
	int i = find(name, &k, &k2);
	if (i < 0 || count % SWEEP_STEP)
		return false;
	*hash = sweeps[i].run(first, count, k, k2);
	return true;
}

/* A line for each input: input, constants, result, flags. */
bool sweep_show(const char *name, uint32_t first, uint32_t count)
{
	V4 k, k2;
	int i = find(name, &k, &k2);
	if (i < 0)
		return false;
	for (uint32_t n = 0; n < count; n++) {
		uint32_t x = first + n;
		flags_clear();
		Wide r = sweeps[i].one(x, k, k2);
		unsigned f = flags_read();
		printf("- x=%08" PRIx32, x);
		if (sweeps[i].constants > 0)
			printf(" k=%08" PRIx32, k[0]);
		if (sweeps[i].constants > 1)
			printf(" k2=%08" PRIx32, k2[0]);
		printf(" r=%08" PRIx32, sweeps[i].wide ? r.a[1] : r.a[0]);
		if (sweeps[i].wide)
			printf(":%08" PRIx32, r.a[0]);
		printf(" flags=%02x\n", f);
	}
	return true;
}

void sweep_list(void)
{
	for (size_t i = 0; i < NSWEEPS; i++)
		printf("- sweep %s %u\n", sweeps[i].name,
		       sweeps[i].constants ? (unsigned)NCONSTANTS : 0);
}
