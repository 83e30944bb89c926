/*
 * Methods of open devices, for "call-method": those that a PAPR guest needs of
 * its platform's nodes.  LoPAPR C.9.2 (ibm,client-architecture-support of the
 * root, instantiate-rtas of /rtas); IEEE 1275-1994, 3.6 and 3.8 (serial).
 */
#include <string.h>
#include "base/bits.h"
#include "base/log.h"
#include "roms/of_int.h"
#include "roms/stub.h"

typedef struct Call {
	Of *of;
	const OfNode *node;
	const uint32_t *arg;
	uint32_t *ret; /* results, the top first */
} Call;

typedef struct Method {
	const char *name;
	bool (*is_for)(const OfNode *n); /* NULL: any node */
	bool (*fn)(Call *c);
	uint8_t nargs, nret;
} Method;

static bool is_root(const OfNode *n)
{
	return !n->parent;
}

static bool is_rtas(const OfNode *n)
{
	return n->depth == 2 && !strcmp(n->name, "rtas");
}

/* ( vec -- failed? ) */
static bool client_architecture_support(Call *c)
{
	const OfBoard *b = &c->of->board;

	if (!b->cas)
		return false;
	c->ret[0] = b->cas(b->opaque, c->arg[0]) ? 0 : UINT32_MAX;
	return true;
}

/* ( base -- entry ): the words, at the place the client has claimed. */
static bool instantiate_rtas(Call *c)
{
	uint32_t base = c->arg[0];

	if (base & 3 || base < OF_LOW_END ||
	    !of_put_words(of_ram(c->of), base, stub_rtas, STUB_RTAS_WORDS))
		return false;
	c->ret[0] = base;
	return true;
}

static const Method methods[] = {
	{ "ibm,client-architecture-support", is_root, client_architecture_support, 1, 1 },
	{ "instantiate-rtas", is_rtas, instantiate_rtas, 1, 1 },
};

static const Method *find_method(const OfNode *n, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		if (!strcmp(methods[i].name, name) && (!methods[i].is_for || methods[i].is_for(n)))
			return &methods[i];
	}
	return NULL;
}

bool of_has_method(const OfNode *n, const char *method)
{
	return find_method(n, method) != NULL;
}

bool of_method(Of *of, char *method, uint32_t ihandle, const uint32_t *arg, unsigned n,
	       uint32_t *ret, unsigned *nret)
{
	const OfNode *node = of_instance_node(of, ihandle);
	const Method *m = node ? find_method(node, method) : NULL;
	Call c = { of, node, arg, ret };

	if (!m) {
		log_unimp("firmware: method %s of %s", of_printable(method),
			  node ? node->parent ? node->name : "/" : "a closed instance");
		return false;
	}
	if (n < m->nargs || *nret < m->nret) {
		log_guest("firmware: method %s with %u arguments and %u results", method, n, *nret);
		return false;
	}
	*nret = m->nret;
	return m->fn(&c);
}
