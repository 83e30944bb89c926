/* How accesses to memory find out where they are: what gen.h needs to know of it. */
#ifndef JIT_GEN_LOOK_H
#define JIT_GEN_LOOK_H

#include <stdint.h>

/* How an access finds out where it is: by the TLB, and with what it has in words of the frame (gen_tlb.c). */
enum {
	LOOK_TABLE,
	LOOK_SEED, /* asks the TLB, and remembers for those in the loop */
	LOOK_PAGE,
	LOOK_GUESS,
};

typedef struct GenLook {
	uint8_t kind;
	uint16_t bytes; /* of an access for which a page is remembered */
	uint16_t word;	/* the first of them */
} GenLook;

#endif
