/*
 * Instructions on the interpreter and on QEMU's user-mode emulator ("the peer"), side by
 * side: the same state before, everything a problem-state program can see compared after.
 *
 * peer.c        runs batches of cases on both
 * peer_agent.c  the program that the peer runs: loads a state, runs the words, stores it
 * peer_gen.c    random cases for every row of the tables
 * peer_values.c what registers and memory hold
 * peer_rule*.c  where the peer is wrong or the book leaves a result open (docs/differences.md)
 */
#ifndef TESTS_ISA_PEER_H
#define TESTS_ISA_PEER_H

#include "tests/isa/harness.h"

enum {
	PEER_MEM = 512, /* bytes of memory a case owns; aligned to 128 */
	PEER_WORDS = 4, /* at most, of a case's instructions */
	PEER_BATCH = 4096,
};

/* Where control went: after the last word, 1 or 2 words further, or to the low landing. */
enum { PEER_NEXT, PEER_SKIP1, PEER_SKIP2, PEER_LOW, PEER_ELSEWHERE };

/* The numbers of Linux signals, for our interrupts as well. */
enum { PEER_SIGILL = 4, PEER_SIGTRAP = 5, PEER_SIGBUS = 7, PEER_SIGFPE = 8, PEER_SIGSEGV = 11 };

/* All that a problem-state program can see. */
typedef struct PeerState {
	uint64_t gpr[32];
	uint64_t cr, xer, lr, ctr, tar, vrsave, fpscr, vscr;
	uint64_t sig;  /* 0: none */
	uint64_t exit; /* PEER_NEXT ..., or with a signal the address it came from */
	PpcVsr vsr[64];
	uint8_t mem[PEER_MEM];
} PeerState;

typedef struct PeerCase {
	uint32_t word[PEER_WORDS];
	/* Without reserved bits, which our CPU ignores as the book says and the peer does not. */
	uint32_t peers_word[PEER_WORDS];
	unsigned words, insns;
	const PpcInsn *row; /* of the instruction that is tested, the last; NULL: of no row */
	PpcOp op;
	bool reserved;	    /* reserved bits are set: the book says they are ignored */
	bool invalid;	    /* an invalid form: only whether it is illegal is compared */
	uint64_t code, mem; /* addresses of the first word and of the memory */
	uint64_t ea;	    /* of the access, 0: none */
	PeerState in, us, peer;
} PeerCase;

typedef struct Peer {
	Rig *rig;
	const char *model;
	bool le, wide; /* wide: 64-bit */
	bool vmx, vsx;
	uint64_t features, msr;
	uint64_t seed;
	/* Counted by peer_judge(). */
	unsigned cases, explained, bad;
	unsigned examples; /* of each row that differs are printed in full */
	GHashTable *seen;  /* how many cases of each row differ, by mnemonic */
} Peer;

/* NULL, with one line printed: this peer is not installed. */
Peer *peer_new(const char *model, const char *peers_name, bool le);
void peer_free(Peer *p);
/* Where case i of a batch has its code and its memory. */
uint64_t peer_code_at(unsigned i);
uint64_t peer_mem_at(unsigned i);
/* Runs up to PEER_BATCH cases on both. */
void peer_run(Peer *p, PeerCase *c, unsigned n);
/* Compares; prints the first few differences that no rule explains. */
void peer_judge(Peer *p, PeerCase *c, unsigned n);
/* Prints the sums. */
void peer_summary(Peer *p);

/* peer_agent.c: the whole program with the cases' records, as an ELF file. */
enum { PEER_RECORD = 2048, PEER_STRIDE = 64, PEER_LOW_PAD = 0x5000 };
#define PEER_CODE UINT64_C(0x1000000)
#define PEER_RECORDS UINT64_C(0x1080000)
GByteArray *peer_agent(const Peer *p, const PeerCase *c, unsigned n);
/* Reads a record that the agent left. */
void peer_read_record(const Peer *p, const uint8_t *rec, PeerState *s);

/* Deterministic random numbers (peer_values.c). */
uint64_t peer_rnd(uint64_t *s);
unsigned peer_below(uint64_t *s, unsigned n);
bool peer_starts(const char *m, const char *with);
/* Fills everything of c->in; the row and its operands are known. */
void peer_values(Peer *p, PeerCase *c);

/* A random case of a row (peer_gen.c); false: this one cannot be run. */
bool peer_case(Peer *p, PeerCase *c, const PpcInsn *row);
/* A word that is of no row: illegal. */
void peer_illegal_case(Peer *p, PeerCase *c);
/* Rows that are not run, and why; NULL: it is run. */
const char *peer_left_out(const Peer *p, const PpcInsn *row);

/*
 * A rule makes the peer's state ours where it may differ (peer_rules*.c).  Its name
 * stands in docs/differences.md.
 */
typedef struct PeerRule {
	const char *name;
	const char *rows; /* mnemonics as patterns, in blanks; NULL: all, also of no row */
	void (*even_out)(const Peer *p, const PeerCase *c, PeerState *peer);
} PeerRule;

/* Each ends with a rule without a name. */
extern const PeerRule peer_rules[], peer_rules_fp[], peer_rules_vec[], peer_rules_dfp[];
enum { PEER_RULE_LISTS = 4 };
extern const PeerRule *const peer_rule_lists[PEER_RULE_LISTS];
/* Do the rules explain all of the difference? */
bool peer_explain(const Peer *p, const PeerCase *c);

#endif
