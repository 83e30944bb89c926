/* The host's CPU: what it has, and how code is run.  The one file that knows whether this is an x86-64. */
#include "jit/jit_int.h"

#ifdef __x86_64__
#include <cpuid.h>

static uint64_t xgetbv(void)
{
	uint32_t a, d;

	__asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	return (uint64_t)d << 32 | a;
}

/* Intel SDM volume 2, CPUID. */
bool jit_host_features(unsigned *features)
{
	enum { SSE41 = 1 << 19, SSE42 = 1 << 20, POPCNT = 1 << 23, OSXSAVE = 1 << 27 };
	unsigned a, b, c, d, f = 0, v2 = SSE41 | SSE42 | POPCNT;
	bool ymm;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & v2) != v2)
		return false;
	f |= c >> 22 & 1 ? JIT_MOVBE : 0;
	ymm = (c & OSXSAVE) && (xgetbv() & 6) == 6;
	f |= ymm && (c >> 28 & 1) ? JIT_AVX : 0;
	f |= ymm && (c >> 12 & 1) ? JIT_FMA : 0;
	if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
		f |= b >> 3 & 1 ? JIT_BMI1 : 0;
		f |= b >> 8 & 1 ? JIT_BMI2 : 0;
	}
	if (__get_cpuid(0x80000001, &a, &b, &c, &d))
		f |= c >> 5 & 1 ? JIT_LZCNT : 0;
	*features = f;
	return true;
}

uintptr_t jit_host_enter(Jit *j, void *env, const void *code, const void *table)
{
	typedef uintptr_t Enter(void *base, const void *code, const void *table);
	Enter *enter = (Enter *)(uintptr_t)(j->rx + j->thunks.enter);

	return enter((char *)env + j->target->bias, code, table);
}

#else

bool jit_host_features(unsigned *features)
{
	*features = 0;
	return false;
}

uintptr_t jit_host_enter(Jit *j, void *env, const void *code, const void *table)
{
	(void)j;
	(void)env;
	(void)code;
	(void)table;
	return 0;
}

#endif
