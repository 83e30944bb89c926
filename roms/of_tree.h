/*
 * The device tree of the firmware: nodes with properties, in the order in
 * which they came.  Everything is bounded, whoever fills it: a board, a
 * snapshot, a client with setprop.  IEEE 1275-1994, 3.2 (device tree) and 4.3
 * (path names).
 */
#ifndef ROMS_OF_TREE_H
#define ROMS_OF_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>

#define OF_DEPTH_MAX 32u      /* of nodes below each other, the root counted */
#define OF_NAME_MAX 127u      /* of a node, with its unit address */
#define OF_PROP_NAME_MAX 63u  /* the book has 31; PAPR has longer ones */
#define OF_PROP_MAX 0x100000u /* bytes of a property */
#define OF_NODES_MAX 16384u
#define OF_TREE_BYTES_MAX (4u << 20) /* all names and values */
/* Phandles of nodes that came without one; not 0, not -1 (client interface, 6.3.2.2). */
#define OF_PHANDLE_FIRST 0x40000000u

typedef struct OfProp OfProp;
struct OfProp {
	OfProp *next;
	char *name;
	uint8_t *val;
	uint32_t len;
};

typedef struct OfNode OfNode;
struct OfNode {
	OfNode *parent, *child, *last, *peer;
	OfProp *props;
	char *name; /* with its unit address; "" for the root */
	uint32_t phandle;
	uint32_t depth; /* of the root: 1 */
};

typedef struct OfTree {
	OfNode *root;
	GHashTable *by_phandle; /* phandle to OfNode * */
	uint32_t bytes, nodes;
	uint32_t next_phandle;
} OfTree;

/* A tree with a root alone. */
OfTree *of_tree_new(void);
void of_tree_free(OfTree *t);
/*
 * From a flattened tree of len bytes (Devicetree Specification 0.4, chapter 5).
 * Nodes without a phandle take that of the node of the same path in old (may be
 * NULL) or a new one; nodes without "name" get it.  NULL and err on junk.
 */
OfTree *of_tree_from_fdt(const void *fdt, uint32_t len, const OfTree *old, GError **err);
/* The form in snapshots, and back. */
GByteArray *of_tree_save(const OfTree *t);
OfTree *of_tree_load(const uint8_t *p, uint32_t len, GError **err);

OfNode *of_tree_node(const OfTree *t, uint32_t phandle);
/* NULL when the tree is full, too deep, or the name is not one. */
OfNode *of_tree_add(OfTree *t, OfNode *parent, const char *name, uint32_t phandle);
OfProp *of_prop(const OfNode *n, const char *name);
/* Value as a string when it is one (ends with NUL), else NULL. */
const char *of_prop_str(const OfNode *n, const char *name);
/* First cell of a value, or def. */
uint32_t of_prop_cell(const OfNode *n, const char *name, uint32_t def);
/* Makes or replaces; false when the tree is full or the name is not one. */
bool of_prop_set(OfTree *t, OfNode *n, const char *name, const void *val, uint32_t len);
bool of_prop_set_cell(OfTree *t, OfNode *n, const char *name, uint32_t v);

/*
 * Device specifier (4.3.1): absolute path or alias, each component name, name@unit
 * or @unit, perhaps with :arguments.  *args (may be NULL) is what follows the last
 * component's colon, inside spec, or NULL.
 */
OfNode *of_tree_find(const OfTree *t, const char *spec, const char **args);
/* Full path of n. */
char *of_node_path(const OfNode *n);
/* The next node of a walk over all, parents first; NULL after the last. */
OfNode *of_node_next(const OfNode *n);

#endif
