/*
 * A whole pseries machine under a hostile guest: every hypercall, RTAS calls,
 * loads and stores of registers, and the input's bytes in memory between them.
 * The first byte of an input chooses the machine; see pseries_rig.h.
 */
#include "tests/fuzz/pseries_rig.h"

#define STEPS_MAX 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in = { .p = data, .end = data + size };
	uint8_t head = input_byte(&in);
	Pseries *p;

	if (!size)
		return 0;
	p = guest_begin(head & 15);

	for (unsigned i = 0; i < STEPS_MAX && in.p < in.end; i++)
		guest_step(p, &in);
	guest_check(p, head >> 4 == 15 && data[size - 1] >> 4 == 15);
	guest_end(p);
	return 0;
}
