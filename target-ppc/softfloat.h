/*
 * Binary floating point as the Power ISA defines it (3.0B book I, 4.3 to 4.6
 * and 7.3), in integers only: the same bits on every host.  No CPU in it.
 *
 * Values travel as their bits: f16 in uint16_t, f32 in uint32_t, f64 in
 * uint64_t, f128 in u128.  "f64s" is a single-precision result kept in
 * double format, as fadds and frsp leave it in an FPR: rounded once, from the
 * exact result (a NaN loses the payload bits a single does not have, as on real chips: the
 * book leaves open what becomes of operands that are no singles).
 *
 * What is PowerPC in it: tininess is found before rounding; enabled overflow
 * and underflow deliver exponent-adjusted results; the first NaN among A, B, C
 * (in this order) is returned, made quiet, else the positive default NaN;
 * conversions to integers saturate; causes of invalid operations are told apart.
 *
 * Every function adds its exceptions to env->flags and sets env->fi and
 * env->fr (cleared first), so flags may be collected over lanes and the last
 * operation's FI and FR be read.  What becomes of them: fpu.h.
 */
#ifndef TARGET_PPC_SOFTFLOAT_H
#define TARGET_PPC_SOFTFLOAT_H

#include "base/bits.h"

/* Rounding: 0-3 are FPSCR[RN]. */
enum {
	SF_RM_NEAREST = 0, /* ties to even */
	SF_RM_ZERO = 1,
	SF_RM_UP = 2,
	SF_RM_DOWN = 3,
	SF_RM_AWAY = 4, /* nearest, ties away from zero (frin, xsrdpi) */
	SF_RM_ODD = 5,	/* round to odd (xsaddqpo and friends) */
};

/* Exceptions, at their places in the FPSCR. */
enum {
	SF_OX = 0x10000000,
	SF_UX = 0x08000000,
	SF_ZX = 0x04000000,
	SF_XX = 0x02000000,
	SF_VXSNAN = 0x01000000,
	SF_VXISI = 0x00800000,
	SF_VXIDI = 0x00400000,
	SF_VXZDZ = 0x00200000,
	SF_VXIMZ = 0x00100000,
	SF_VXVC = 0x00080000,
	SF_VXSOFT = 0x00000400,
	SF_VXSQRT = 0x00000200,
	SF_VXCVI = 0x00000100,
	SF_VX_ANY = 0x01f80700,
};

typedef struct SfEnv {
	/* In */
	uint8_t rm;  /* SF_RM_* */
	bool ve;     /* invalid operation enabled: only VXVC beside VXSNAN depends on it */
	bool oe, ue; /* overflow, underflow enabled: adjusted results */
	bool nj;     /* VSCR[NJ]: denormal operands and results are zeros (f32, VMX) */
	/* Out */
	bool fi, fr;	/* of the last operation: inexact; magnitude was rounded up */
	uint32_t flags; /* SF_*: of all operations since it was zeroed */
} SfEnv;

/* Comparison results are CR field values. */
enum { SF_LT = 8, SF_GT = 4, SF_EQ = 2, SF_UN = 1 };

/* sf_*_fma: flags */
enum {
	SF_FMA_NEG_ADDEND = 1, /* a * c - b */
	SF_FMA_NEG_RESULT = 2, /* negated after rounding, NaNs excepted */
};

#define SF_F32_DEFAULT_NAN UINT32_C(0x7fc00000)
#define SF_F64_DEFAULT_NAN UINT64_C(0x7ff8000000000000)
#define SF_F128_DEFAULT_NAN ((u128)UINT64_C(0x7fff800000000000) << 64)

/* ---- What a value is (no exceptions) ---- */

static inline bool sf_f16_is_nan(uint16_t v)
{
	return (v & 0x7fff) > 0x7c00;
}
static inline bool sf_f32_is_nan(uint32_t v)
{
	return (v & 0x7fffffff) > 0x7f800000;
}
static inline bool sf_f64_is_nan(uint64_t v)
{
	return v << 1 > UINT64_C(0xffe0000000000000);
}
static inline bool sf_f128_is_nan(u128 v)
{
	return v << 1 > (u128)0xfffe << 112;
}
static inline bool sf_f16_is_snan(uint16_t v)
{
	return sf_f16_is_nan(v) && !(v & 0x200);
}
static inline bool sf_f32_is_snan(uint32_t v)
{
	return sf_f32_is_nan(v) && !(v & 0x400000);
}
static inline bool sf_f64_is_snan(uint64_t v)
{
	return sf_f64_is_nan(v) && !(v & BIT64(12));
}
static inline bool sf_f128_is_snan(u128 v)
{
	return sf_f128_is_nan(v) && !(v >> 111 & 1);
}
static inline bool sf_f32_is_inf(uint32_t v)
{
	return (v & 0x7fffffff) == 0x7f800000;
}
static inline bool sf_f64_is_inf(uint64_t v)
{
	return v << 1 == UINT64_C(0xffe0000000000000);
}
static inline bool sf_f128_is_inf(u128 v)
{
	return v << 1 == (u128)0xfffe << 112;
}
static inline bool sf_f32_is_zero(uint32_t v)
{
	return !(v << 1);
}
static inline bool sf_f64_is_zero(uint64_t v)
{
	return !(v << 1);
}
static inline bool sf_f128_is_zero(u128 v)
{
	return !(v << 1);
}
static inline uint32_t sf_f32_quiet(uint32_t v)
{
	return v | 0x400000;
}
static inline uint64_t sf_f64_quiet(uint64_t v)
{
	return v | BIT64(12);
}
static inline u128 sf_f128_quiet(u128 v)
{
	return v | (u128)1 << 111;
}

/* FPRF (5 bits, C and FPCC) of a result, book I figure 46; f64s: as a single. */
unsigned sf_f16_fprf(uint16_t v);
unsigned sf_f32_fprf(uint32_t v);
unsigned sf_f64_fprf(uint64_t v);
unsigned sf_f64s_fprf(uint64_t v);
unsigned sf_f128_fprf(u128 v);

/* ---- Arithmetic ---- */

uint32_t sf_f32_add(SfEnv *env, uint32_t a, uint32_t b);
uint32_t sf_f32_sub(SfEnv *env, uint32_t a, uint32_t b);
uint32_t sf_f32_mul(SfEnv *env, uint32_t a, uint32_t b);
uint32_t sf_f32_div(SfEnv *env, uint32_t a, uint32_t b);
uint32_t sf_f32_sqrt(SfEnv *env, uint32_t a);
uint64_t sf_f64_add(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64_sub(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64_mul(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64_div(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64_sqrt(SfEnv *env, uint64_t a);
/* Operands any doubles, result single in double format (fadds, xsaddsp ...). */
uint64_t sf_f64s_add(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64s_sub(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64s_mul(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64s_div(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64s_sqrt(SfEnv *env, uint64_t a);
u128 sf_f128_add(SfEnv *env, u128 a, u128 b);
u128 sf_f128_sub(SfEnv *env, u128 a, u128 b);
u128 sf_f128_mul(SfEnv *env, u128 a, u128 b);
u128 sf_f128_div(SfEnv *env, u128 a, u128 b);
u128 sf_f128_sqrt(SfEnv *env, u128 a);

/*
 * a * c + b, rounded once.  A, C, B are the book's FRA, FRC, FRB (VMX: VRA,
 * VRC, VRB; VSX: src1, src3, src2; so for xsmaddadp XA, XB, XT and for
 * xsmaddmdp XA, XT, XB).  A NaN is taken from a, then b, then c.
 * how: SF_FMA_*; fnmsub is both.
 */
uint32_t sf_f32_fma(SfEnv *env, uint32_t a, uint32_t c, uint32_t b, unsigned how);
uint64_t sf_f64_fma(SfEnv *env, uint64_t a, uint64_t c, uint64_t b, unsigned how);
uint64_t sf_f64s_fma(SfEnv *env, uint64_t a, uint64_t c, uint64_t b, unsigned how);
u128 sf_f128_fma(SfEnv *env, u128 a, u128 c, u128 b, unsigned how);

/*
 * Estimates of 1/a and 1/sqrt(a): the exact value rounded to nearest to 14 fraction
 * bits (relative error up to 2^-15), which meets the bounds of fre, frsqrte,
 * VSX (1/16384) and VMX (1/4096).  ZX for zeros, VXSQRT below zero, OX and UX
 * as the result says; never XX, FI, FR.  Models with known tables: fpu.h.
 */
uint32_t sf_f32_recip_est(SfEnv *env, uint32_t a);
uint32_t sf_f32_rsqrt_est(SfEnv *env, uint32_t a);
uint64_t sf_f64_recip_est(SfEnv *env, uint64_t a);
uint64_t sf_f64_rsqrt_est(SfEnv *env, uint64_t a);
uint64_t sf_f64s_recip_est(SfEnv *env, uint64_t a);
uint64_t sf_f64s_rsqrt_est(SfEnv *env, uint64_t a);

/* ---- Comparison ---- */

/*
 * SF_LT/GT/EQ/UN.  Signaling NaNs set VXSNAN; with `ordered` (fcmpo, xscmpodp, xvcmpge)
 * any NaN sets VXVC, except beside VXSNAN when env->ve.  FI and FR stay.
 */
unsigned sf_f32_cmp(SfEnv *env, uint32_t a, uint32_t b, bool ordered);
unsigned sf_f64_cmp(SfEnv *env, uint64_t a, uint64_t b, bool ordered);
unsigned sf_f128_cmp(SfEnv *env, u128 a, u128 b, bool ordered);

/*
 * xsmaxdp, xvmaxsp ...: a number beats a quiet NaN; beside a signaling NaN the
 * first NaN is returned, made quiet, with VXSNAN; +0 is above -0.  (vmaxfp, xsmaxcdp, xsmaxjdp
 * have other rules: build those on sf_*_cmp.)
 */
uint32_t sf_f32_max(SfEnv *env, uint32_t a, uint32_t b);
uint32_t sf_f32_min(SfEnv *env, uint32_t a, uint32_t b);
uint64_t sf_f64_max(SfEnv *env, uint64_t a, uint64_t b);
uint64_t sf_f64_min(SfEnv *env, uint64_t a, uint64_t b);

/* CR fields of ftdiv/xstdivdp/xvtdivsp and ftsqrt ...: 0b1, fg, fe, 0b0. */
unsigned sf_f32_tdiv(uint32_t a, uint32_t b);
unsigned sf_f64_tdiv(uint64_t a, uint64_t b);
unsigned sf_f32_tsqrt(uint32_t a);
unsigned sf_f64_tsqrt(uint64_t a);

/* ---- Rounding to integral values, in the same format ---- */

/*
 * rm instead of env->rm.  inexact: report XX, FI, FR (xsrdpic, xvrspic, xsrqpix);
 * without it FI = FR = 0 (fri*, xsrdpi*, vrfi*).  Signaling NaNs: VXSNAN.
 */
uint32_t sf_f32_rint(SfEnv *env, uint32_t a, unsigned rm, bool inexact);
uint64_t sf_f64_rint(SfEnv *env, uint64_t a, unsigned rm, bool inexact);
u128 sf_f128_rint(SfEnv *env, u128 a, unsigned rm, bool inexact);
/* xsrqpxp: to a 64-bit significand with the exponent range of f128. */
u128 sf_f128_round_x(SfEnv *env, u128 a, unsigned rm);

/* ---- Between formats ---- */

/* Bit-exact, no exceptions: lfs (xscvspdpn) and stfs (xscvdpspn), book I 4.6.2, 4.6.3. */
uint64_t sf_lfs(uint32_t v);
uint32_t sf_stfs(uint64_t v);

/* Arithmetic: signaling NaNs become quiet with VXSNAN; narrowing rounds by env->rm. */
uint64_t sf_f32_to_f64(SfEnv *env, uint32_t a);
uint32_t sf_f64_to_f32(SfEnv *env, uint64_t a);
uint64_t sf_f64_to_f64s(SfEnv *env, uint64_t a); /* frsp, xsrsp */
u128 sf_f64_to_f128(SfEnv *env, uint64_t a);
uint64_t sf_f128_to_f64(SfEnv *env, u128 a);
uint64_t sf_f16_to_f64(SfEnv *env, uint16_t a);
uint16_t sf_f64_to_f16(SfEnv *env, uint64_t a);
uint32_t sf_f16_to_f32(SfEnv *env, uint16_t a);
uint16_t sf_f32_to_f16(SfEnv *env, uint32_t a);

/*
 * To integers, rounding by rm.  Out of range: VXCVI, the nearest end of the
 * range; NaN: VXCVI (and VXSNAN), the most negative number (unsigned: 0).
 * (vctsxs: add UIM to the exponent of a non-zero sf_lfs() first; SAT is VXCVI;
 * a NaN gives 0 there.)
 */
int32_t sf_f32_to_s32(SfEnv *env, uint32_t a, unsigned rm);
uint32_t sf_f32_to_u32(SfEnv *env, uint32_t a, unsigned rm);
int64_t sf_f32_to_s64(SfEnv *env, uint32_t a, unsigned rm);
uint64_t sf_f32_to_u64(SfEnv *env, uint32_t a, unsigned rm);
int32_t sf_f64_to_s32(SfEnv *env, uint64_t a, unsigned rm);
uint32_t sf_f64_to_u32(SfEnv *env, uint64_t a, unsigned rm);
int64_t sf_f64_to_s64(SfEnv *env, uint64_t a, unsigned rm);
uint64_t sf_f64_to_u64(SfEnv *env, uint64_t a, unsigned rm);
int32_t sf_f128_to_s32(SfEnv *env, u128 a, unsigned rm);
uint32_t sf_f128_to_u32(SfEnv *env, u128 a, unsigned rm);
int64_t sf_f128_to_s64(SfEnv *env, u128 a, unsigned rm);
uint64_t sf_f128_to_u64(SfEnv *env, u128 a, unsigned rm);
i128 sf_f128_to_s128(SfEnv *env, u128 a, unsigned rm);
u128 sf_f128_to_u128(SfEnv *env, u128 a, unsigned rm);

/* From integers, rounding by env->rm (32-bit ones: widen them first). */
uint32_t sf_s64_to_f32(SfEnv *env, int64_t v);
uint32_t sf_u64_to_f32(SfEnv *env, uint64_t v);
uint64_t sf_s64_to_f64(SfEnv *env, int64_t v);
uint64_t sf_u64_to_f64(SfEnv *env, uint64_t v);
uint64_t sf_s64_to_f64s(SfEnv *env, int64_t v);
uint64_t sf_u64_to_f64s(SfEnv *env, uint64_t v);
u128 sf_s128_to_f128(SfEnv *env, i128 v);
u128 sf_u128_to_f128(SfEnv *env, u128 v);

#endif
