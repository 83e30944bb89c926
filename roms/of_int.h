/* Inside of the firmware: shared by of.c, of_mem.c, of_client.c, of_method.c. */
#ifndef ROMS_OF_INT_H
#define ROMS_OF_INT_H

#include "roms/of.h"
#include "roms/of_tree.h"

#define OF_CLAIMS_MAX 512u
#define OF_INSTANCES_MAX 64u
/* Instance handles are OF_IHANDLE_FIRST and up. */
#define OF_IHANDLE_FIRST 0x100u
#define OF_ARGS_MAX 59u	  /* bytes of an instance's arguments, without NUL */
#define OF_SPEC_MAX 1024u /* bytes of a path or command line from a client */

/* An open device; phandle 0: free. */
typedef struct OfInstance {
	uint32_t phandle;
	uint8_t args[OF_ARGS_MAX + 1];
} OfInstance;

struct Of {
	Device dev;
	uint8_t *flat; /* the tree, saved: of_tree_save() after each change */
	uint32_t flat_len;
	uint32_t nclaims;
	/* Claimed RAM: from base to end, ascending, not touching each other. */
	uint64_t claim_base[OF_CLAIMS_MAX];
	uint64_t claim_end[OF_CLAIMS_MAX];
	OfInstance instance[OF_INSTANCES_MAX];

	OfBoard board;
	OfTree *tree;	  /* never NULL after realize */
	bool avail_stale; /* the memory node's "available" lags behind the claims */
	uint8_t pad[7];
};

static inline Ram *of_ram(const Of *of)
{
	return of->dev.machine->ram;
}

/* A client's string for one line of the log, changed in place. */
static inline const char *of_printable(char *s)
{
	for (char *p = s; *p; p++)
		*p = g_ascii_isprint(*p) ? *p : '?';
	return s;
}

/* Takes base .. base + size if all of it is free RAM. */
bool of_mem_claim_at(Of *of, uint64_t base, uint64_t size);
/* The highest free place under 2 GiB, aligned to the next power of two of align. */
bool of_mem_claim_any(Of *of, uint64_t size, uint64_t align, uint64_t *base);
/* Gives back what of it was claimed, except the firmware's own; false when full. */
bool of_mem_release(Of *of, uint64_t base, uint64_t size);
/* Are the claims in order (after a load)? */
bool of_mem_check(const Of *of);
/* Brings "available" of the memory node up to date. */
void of_mem_available(Of *of);

/* Opens a device specifier; 0 when there is no such node or no room. */
uint32_t of_open(Of *of, const char *spec);
/* NULL when the handle is not one of an open instance. */
OfInstance *of_instance(Of *of, uint32_t ihandle);
OfNode *of_instance_node(Of *of, uint32_t ihandle);
/* Is this the node of stdin and stdout? */
bool of_is_console(const Of *of, const OfNode *n);
/* Guest words to pa; false (and nothing done) when that is not all RAM. */
bool of_put_words(Ram *ram, uint64_t pa, const uint32_t *w, unsigned n);
/* After each change of the tree. */
void of_tree_changed(Of *of);

/*
 * Method of an instance (its name may be changed for the log) with n arguments, the
 * top of the stack first; results likewise, *nret is room and then number of them.
 * False: no such method, or it failed.
 */
bool of_method(Of *of, char *method, uint32_t ihandle, const uint32_t *arg, unsigned n,
	       uint32_t *ret, unsigned *nret);
/* Has a node that method? */
bool of_has_method(const OfNode *n, const char *method);

#endif
