/*
 * What the ex_vsx_*.c files share.
 *
 * Scalar results go to doubleword 0 of the target.  Doubleword 1 is
 * undefined by ISA 2.06 and 2.07 and by most of 3.0; POWER8 and POWER9 leave
 * zero there, and so do we.
 */
#ifndef TARGET_PPC_EX_VSX_H
#define TARGET_PPC_EX_VSX_H

#include "target-ppc/exec.h"
#include "target-ppc/fpu.h"

#define VSX_INLINE static inline __attribute__((always_inline))

/* ex_NAME() as a call of one function shared by its family. */
#define EX_VSX(NAME, CALL)                                                                         \
	void ex_##NAME(PpcCpu *cpu, const PpcOp *op)                                               \
	{                                                                                          \
		CALL;                                                                              \
	}

VSX_INLINE uint64_t vsx_d0(const PpcCpu *cpu, unsigned n)
{
	return VSR_D(cpu->vsr[n], 0);
}

VSX_INLINE void vsx_put_d0(PpcCpu *cpu, unsigned n, uint64_t v)
{
	cpu->vsr[n].q = (u128)v << 64;
}

/* Vector Registers, which the quad-precision instructions and lxsd name. */
VSX_INLINE PpcVsr *vsx_vr(PpcCpu *cpu, unsigned n)
{
	return &cpu->vsr[32 + n];
}

/* Data classes of xststdc*, xvtstdc*: bits of DCMX, leftmost first. */
enum {
	VSX_DC_NAN = 0x40,
	VSX_DC_INF = 0x20, /* +; the next bit is - */
	VSX_DC_ZERO = 0x08,
	VSX_DC_DENORM = 0x02,
};

/* Does the mask name the class of a value with these properties? */
VSX_INLINE bool vsx_dc_match(unsigned dcmx, bool neg, bool exp_max, bool exp_min, bool frac)
{
	unsigned class = 0;

	if (exp_max)
		class = frac ? VSX_DC_NAN : VSX_DC_INF >> neg;
	else if (exp_min)
		class = (frac ? VSX_DC_DENORM : VSX_DC_ZERO) >> neg;
	return dcmx & class;
}

VSX_INLINE bool vsx_dc_f32(unsigned dcmx, uint32_t v)
{
	unsigned exp = v >> 23 & 0xff;

	return vsx_dc_match(dcmx, v >> 31, exp == 0xff, exp == 0, v << 9);
}

VSX_INLINE bool vsx_dc_f64(unsigned dcmx, uint64_t v)
{
	unsigned exp = v >> 52 & 0x7ff;

	return vsx_dc_match(dcmx, v >> 63, exp == 0x7ff, exp == 0, v << 12);
}

#endif
