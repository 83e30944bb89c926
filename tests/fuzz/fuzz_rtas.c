/*
 * RTAS argument buffers: anywhere in memory, with any numbers of inputs and
 * outputs, every token, and, as CPU 1 starts, on the machines of both
 * interrupt controllers.  What a call writes must lie in its outputs or in a
 * buffer it was given, so a page of memory nobody named stays as it is.
 */
#include <string.h>
#include "base/bits.h"
#include "base/log.h"
#include "tests/fuzz/pseries_rig.h"

#define STEPS_MAX 200
#define QUIET UINT64_C(0x7654000) /* no interesting number leads here */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input's bytes as they are, at an address of its choice. */
static void raw(Pseries *p, Input *in)
{
	uint64_t at = input_value(in);
	uint8_t n = input_byte(in) & 127, buf[128];

	for (unsigned i = 0; i < n; i++)
		buf[i] = input_byte(in);
	ram_write(p->m->ram, at, buf, n);
	spapr_rtas(p->spapr, n & 1, at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t zero[4096];
	Input in = { .p = data, .end = data + size };
	uint8_t head = input_byte(&in);
	Pseries *p;

	if (!size)
		return 0;
	p = guest_begin(head & 15);

	for (unsigned i = 0; i < STEPS_MAX && in.p < in.end; i++) {
		uint8_t kind = input_byte(&in);

		if (kind < 16)
			guest_step(p, &in);
		else if (kind < 48)
			raw(p, &in);
		else
			guest_rtas(p, &in);
	}
	if (memcmp(p->m->ram->host + QUIET, zero, sizeof(zero)) != 0)
		bug("memory was written that no call named");
	guest_check(p, head >> 4 == 15 && data[size - 1] >> 4 == 15);
	guest_end(p);
	return 0;
}
