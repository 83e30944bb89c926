/* How the state-table engine gets at fields: for core/vmstate.c and core/vmload.c alone. */
#ifndef CORE_VMFIELD_H
#define CORE_VMFIELD_H

#include <string.h>
#include "core/vclock.h"
#include "core/vmstate.h"

#define VM_NAME_MAX 255
#define VM_FIELDS_MAX 512 /* of one table */
#define VM_COLUMNS_MIN 64 /* structs in an array: from here on saved by columns */
#define VM_SPARSE_MIN 65536
#define VM_SPARSE_GRAIN 4096u /* bytes; what a piece is made of */

/* On the wire alone: other forms of an array of VM_STRUCT and of a VM_BUF. */
enum {
	VM_WIRE_COLUMNS = 15, /* field by field, each of all structs */
	VM_WIRE_SPARSE = 16,  /* pieces; the rest is zero */
};

static const struct {
	const char *name;
	uint32_t size; /* bytes in memory and on the wire; 0: no number */
} vm_kinds[] = {
	[VM_U8] = { "u8", 1 },
	[VM_U16] = { "u16", 2 },
	[VM_U32] = { "u32", 4 },
	[VM_U64] = { "u64", 8 },
	[VM_I8] = { "i8", 1 },
	[VM_I16] = { "i16", 2 },
	[VM_I32] = { "i32", 4 },
	[VM_I64] = { "i64", 8 },
	[VM_BOOL] = { "bool", 1 },
	[VM_U128] = { "u128", 16 },
	[VM_STRUCT] = { "struct", 0 },
	[VM_TIMER] = { "timer", 0 },
	[VM_BUF] = { "buffer", 0 },
	[VM_SKIP] = { "skip", 0 },
	[VM_WIRE_COLUMNS] = { "struct by columns", 0 },
	[VM_WIRE_SPARSE] = { "sparse buffer", 0 },
};

static inline uint32_t vm_kind_size(VmKind k)
{
	return k < ARRAY_LEN(vm_kinds) ? vm_kinds[k].size : 0;
}

static inline const char *vm_kind_name(unsigned k)
{
	return k < ARRAY_LEN(vm_kinds) && vm_kinds[k].name ? vm_kinds[k].name : "unknown kind";
}

static inline void *vm_member(const VmField *f, const void *obj, uint32_t i)
{
	return (uint8_t *)obj + f->offset + (size_t)i * f->elem;
}

static inline VTimer *vm_timer(const VmField *f, const void *obj, uint32_t i)
{
	VTimer *t;

	memcpy(&t, vm_member(f, obj, i), sizeof(t));
	return t;
}

static inline uint8_t *vm_buf(const VmField *f, const void *obj, uint32_t *len)
{
	uint8_t *p;

	memcpy(&p, vm_member(f, obj, 0), sizeof(p));
	memcpy(len, (const uint8_t *)obj + f->len_offset, sizeof(*len));
	return p;
}

static inline void vm_buf_put(const VmField *f, void *obj, uint8_t *p, uint32_t len)
{
	memcpy(vm_member(f, obj, 0), &p, sizeof(p));
	memcpy((uint8_t *)obj + f->len_offset, &len, sizeof(len));
}

/* A number of any kind, zero-extended in its own width. */
static inline u128 vm_number(const VmField *f, const void *obj, uint32_t i)
{
	const void *p = vm_member(f, obj, i);
	uint16_t v16;
	uint32_t v32;
	uint64_t v64;
	u128 v128;

	switch (vm_kind_size(f->kind)) {
	case 1: return *(const uint8_t *)p;
	case 2: memcpy(&v16, p, 2); return v16;
	case 4: memcpy(&v32, p, 4); return v32;
	case 8: memcpy(&v64, p, 8); return v64;
	default: memcpy(&v128, p, 16); return v128;
	}
}

static inline void vm_number_put(const VmField *f, void *obj, uint32_t i, u128 v)
{
	void *p = vm_member(f, obj, i);
	uint8_t v8 = (uint8_t)v;
	uint16_t v16 = (uint16_t)v;
	uint32_t v32 = (uint32_t)v;
	uint64_t v64 = (uint64_t)v;

	switch (vm_kind_size(f->kind)) {
	case 1: memcpy(p, &v8, 1); break;
	case 2: memcpy(p, &v16, 2); break;
	case 4: memcpy(p, &v32, 4); break;
	case 8: memcpy(p, &v64, 8); break;
	default: memcpy(p, &v, 16); break;
	}
}

/* A number between the host's order and the wire's: size bytes, 1 to 16. */
static inline void vm_swap(uint8_t *to, const uint8_t *from, uint32_t size)
{
	uint16_t v16;
	uint32_t v32;
	uint64_t lo, hi;

	switch (size) {
	case 1: *to = *from; break;
	case 2: memcpy(&v16, from, 2), st16_be(to, v16); break;
	case 4: memcpy(&v32, from, 4), st32_be(to, v32); break;
	case 8: memcpy(&lo, from, 8), st64_be(to, lo); break;
	default:
		memcpy(&lo, from, 8), memcpy(&hi, from + 8, 8);
		st64_be(to, hi), st64_be(to + 8, lo);
		break;
	}
}

/* Is every field of it a number? */
static inline bool vm_numbers_only(const VmDesc *d)
{
	const VmField *f = d->fields;

	while (f->name && (f->kind == VM_SKIP || vm_kind_size(f->kind)))
		f++;
	return !f->name;
}

#endif
