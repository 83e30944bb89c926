/*
 * State tables: one line per field says how it is saved, loaded, reset,
 * shown and compared.  Every byte of a state struct is claimed by exactly
 * one line; vm_check_coverage() proves it for every registered type.
 *
 * A field's kind is inferred from its C type; a pointer, a bit-field or an
 * array used as a scalar does not compile.  On the wire a field is its
 * name, kind, count and bytes, big-endian; unknown, repeated or mismatching
 * fields are refused with their path.
 */
#ifndef CORE_VMSTATE_H
#define CORE_VMSTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <glib.h>
#include "base/bits.h"
#include "base/stream.h"

typedef enum VmKind {
	VM_U8 = 1,
	VM_U16,
	VM_U32,
	VM_U64,
	VM_I8,
	VM_I16,
	VM_I32,
	VM_I64,
	VM_BOOL,
	VM_U128,
	VM_STRUCT, /* sub-table */
	VM_TIMER,  /* struct VTimer *: its deadline, ns of V, or -1 */
	VM_BUF,	   /* uint8_t * and a uint32_t length: bytes on the heap */
	VM_SKIP,   /* not state; .why says why */
} VmKind;

typedef struct VmDesc VmDesc;

typedef struct VmField {
	const char *name;
	VmKind kind;
	uint32_t offset;     /* of the field in its struct */
	uint32_t elem;	     /* bytes of one element in memory */
	uint32_t count;	     /* elements; 1 for a scalar */
	uint32_t since;	     /* first table version that has it (0: always) */
	uint64_t reset;	     /* reset value of each element (numbers only) */
	bool keep;	     /* reset leaves it alone (configuration, offsets) */
	const VmDesc *sub;   /* VM_STRUCT */
	uint32_t len_offset; /* VM_BUF: offset of its uint32_t length */
	uint32_t max;	     /* VM_BUF: greatest length accepted from a stream */
	const char *why;     /* VM_SKIP: why it is not state */
	/* Root table: on the wire the difference to this, taken once all else is loaded. */
	uint64_t (*against)(const void *obj);
} VmField;

struct VmDesc {
	const char *name;
	uint32_t version;
	uint32_t size;	       /* sizeof the struct */
	const VmField *fields; /* ends with a field whose name is NULL */
};

/* clang-format off */
#define VM_KIND_OF(x) _Generic((x), \
	uint8_t: VM_U8, uint16_t: VM_U16, uint32_t: VM_U32, uint64_t: VM_U64, \
	int8_t: VM_I8, int16_t: VM_I16, int32_t: VM_I32, int64_t: VM_I64, \
	bool: VM_BOOL, u128: VM_U128)
#define VM_MEMBER(T, f) (((T *)0)->f)

/* A scalar; extras like .reset = 7, .since = 2, .keep = true may follow. */
#define VMF(T, f, ...) { .name = #f, .kind = VM_KIND_OF(VM_MEMBER(T, f)), \
	.offset = offsetof(T, f), .elem = sizeof(VM_MEMBER(T, f)), \
	.count = 1, ##__VA_ARGS__ }
/* A one-dimensional array of scalars. */
#define VMA(T, f, ...) { .name = #f, .kind = VM_KIND_OF(VM_MEMBER(T, f)[0]), \
	.offset = offsetof(T, f), .elem = sizeof(VM_MEMBER(T, f)[0]), \
	.count = sizeof(VM_MEMBER(T, f)) / sizeof(VM_MEMBER(T, f)[0]), ##__VA_ARGS__ }
/* A nested struct with a table of its own, and an array of such. */
#define VMS(T, f, desc, ...) { .name = #f, .kind = VM_STRUCT, \
	.offset = offsetof(T, f), .elem = sizeof(VM_MEMBER(T, f)), \
	.count = 1, .sub = &(desc), ##__VA_ARGS__ }
#define VMSA(T, f, desc, ...) { .name = #f, .kind = VM_STRUCT, \
	.offset = offsetof(T, f), .elem = sizeof(VM_MEMBER(T, f)[0]), \
	.count = sizeof(VM_MEMBER(T, f)) / sizeof(VM_MEMBER(T, f)[0]), .sub = &(desc), ##__VA_ARGS__ }
/* A VTimer *: saved as its deadline; the timer exists after realize. */
#define VMTIMER(T, f, ...) { .name = #f, .kind = VM_TIMER, \
	.offset = offsetof(T, f), .elem = sizeof(VM_MEMBER(T, f)), .count = 1, ##__VA_ARGS__ }
/*
 * A uint64_t that means something only beside another value: saved, as a
 * signed number called wire, as its difference to fn(obj).
 */
#define VMDELTA(T, f, wire, fn, ...) { .name = wire, .kind = VM_I64, .offset = offsetof(T, f), \
	.elem = sizeof(uint64_t) / (sizeof(VM_MEMBER(T, f)) == sizeof(uint64_t)), .count = 1, \
	.against = (fn), ##__VA_ARGS__ }
/*
 * uint8_t *f (from glib's allocator, or NULL) with its length in uint32_t len:
 * the line claims both.  A load puts a new block of up to max bytes there and
 * frees the old one; reset frees it.  Freeing it at the end is its owner's work.
 */
#define VMBUF(T, f, len, maximum, ...) { .name = #f, .kind = VM_BUF, \
	.offset = offsetof(T, f), .elem = sizeof(VM_MEMBER(T, f)), .count = 1, \
	.len_offset = offsetof(T, len), .max = (maximum), ##__VA_ARGS__ }
/* Not state, and why. */
#define VMSKIP(T, f, reason) { .name = #f, .kind = VM_SKIP, \
	.offset = offsetof(T, f), .elem = sizeof(VM_MEMBER(T, f)), .count = 1, .why = (reason) }
#define VMEND { .name = NULL }
/* clang-format on */

/* Sets every field that is not .keep to its reset value; cancels timers. */
void vm_reset(const VmDesc *d, void *obj);
/* Writes the table's fields. */
void vm_save(const VmDesc *d, const void *obj, OutStream *out);
/*
 * Reads what vm_save() wrote into a scratch copy and, when all of it is
 * right, into obj.  On error obj is unchanged and err says "path: field:
 * what".  path is for messages.
 */
bool vm_load(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err);
/*
 * The two halves of that: read and found right, and put in.  An exchange puts in what was
 * read and keeps what was; another one puts that back.  Nothing else may give obj's
 * buffers other blocks between reading and the first exchange.
 */
typedef struct VmReady VmReady;
VmReady *vm_ready(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err);
void vm_exchange(VmReady *r);
void vm_ready_free(VmReady *r);
/* The same checks, but obj is never changed. */
bool vm_verify(const VmDesc *d, void *obj, InStream *in, const char *path, GError **err);
/* One "name = value" line per field. */
void vm_show(const VmDesc *d, const void *obj, GString *out);
/* The first field that differs, as a path, or NULL when equal.  Caller frees. */
char *vm_compare(const VmDesc *d, const void *a, const void *b);
/*
 * Is every byte claimed exactly once, and is the table itself in order (names
 * unique, element sizes those of their kinds, a reason for each skip)?  Names
 * the first gap, overlap or fault.
 */
bool vm_check_coverage(const VmDesc *d, GError **err);

#endif
