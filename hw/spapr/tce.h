/* Translation control entries: the I/O page table of one DMA window. */
#ifndef HW_SPAPR_TCE_H
#define HW_SPAPR_TCE_H

#include <stdbool.h>
#include <stdint.h>
#include "core/device.h"

#define SPAPR_TCE_SHIFT 12
#define SPAPR_TCE_READ 1
#define SPAPR_TCE_WRITE 2
#define SPAPR_TCE_MAX_BYTES (UINT32_C(1) << 26)

typedef struct SpaprTce {
	Device dev;
	uint8_t *entries; /* 64-bit big-endian each */
	uint32_t len;	  /* bytes of entries */
	bool bypass;
	uint8_t pad[3];

	uint32_t liobn; /* property */
	uint32_t pad1;
	uint64_t window; /* property: bytes of I/O address space from 0 */
} SpaprTce;

extern const DeviceType spapr_tce_type;

/* Hypercall statuses: H_SUCCESS or H_PARAMETER. */
int64_t spapr_tce_put(SpaprTce *t, uint64_t ioba, uint64_t tce);
int64_t spapr_tce_get(const SpaprTce *t, uint64_t ioba, uint64_t *tce);
/* Real address behind an I/O address, and how many bytes are left of its page. */
bool spapr_tce_translate(const SpaprTce *t, uint64_t addr, bool write, uint64_t *pa, uint64_t *len);

#endif
