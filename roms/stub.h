/* The guest's side of the firmware: a few words each.  See stub.c. */
#ifndef ROMS_STUB_H
#define ROMS_STUB_H

#include <stdint.h>

#define STUB_CLIENT_WORDS 5
#define STUB_RTAS_WORDS 5

/* Position-independent, big-endian, for 32- and 64-bit mode. */
extern const uint32_t stub_client[STUB_CLIENT_WORDS];
extern const uint32_t stub_rtas[STUB_RTAS_WORDS];

#endif
