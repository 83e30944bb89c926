/* What the rules of peer_rules*.c share. */
#ifndef TESTS_ISA_PEER_RULES_H
#define TESTS_ISA_PEER_RULES_H

#include "tests/isa/peer.h"

/* First VSR of the target and how many; n 0: it has none. */
unsigned peer_target(const PeerCase *c, unsigned *n);
/* The peer's target, or bits of its FPSCR, become ours. */
void peer_same_target(const PeerCase *c, PeerState *peer);
void peer_same_fpscr(const PeerCase *c, PeerState *peer, uint64_t bits);
/* No VSR has changed on the peer. */
bool peer_untouched(const PeerCase *c, const PeerState *peer);

#endif
