/* Non-volatile memory of a PAPR partition, reached through RTAS. */
#ifndef HW_NVRAM_SPAPR_NVRAM_H
#define HW_NVRAM_SPAPR_NVRAM_H

#include <stdint.h>
#include "core/device.h"

#define SPAPR_NVRAM_SIZE 0x10000

typedef struct SpaprNvram {
	Device dev;
	uint8_t data[SPAPR_NVRAM_SIZE];

	uint32_t unit; /* property: unit address */
	uint32_t pad;
} SpaprNvram;

extern const DeviceType spapr_nvram_type;

#endif
