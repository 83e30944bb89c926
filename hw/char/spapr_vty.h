/* Virtual terminal of a PAPR partition: one console over a Chardev. */
#ifndef HW_CHAR_SPAPR_VTY_H
#define HW_CHAR_SPAPR_VTY_H

#include <stdint.h>
#include "core/chardev.h"
#include "core/device.h"
#include "core/irq.h"

#define SPAPR_VTY_FIFO 256

typedef struct SpaprVty {
	Device dev;
	uint8_t fifo[SPAPR_VTY_FIFO]; /* from the user, not fetched yet */
	uint32_t in, out;	      /* counters; in - out bytes are there */

	uint32_t unit; /* property: unit address, e.g. 0x71000000 */
	uint32_t pad;
	Chardev *chardev; /* property; may be NULL */
	Irq *irq;	  /* property */
} SpaprVty;

extern const DeviceType spapr_vty_type;

/* Takes up to 16 bytes into buf (zeros after them); returns how many. */
unsigned spapr_vty_get(SpaprVty *v, uint8_t buf[16]);
/* The same without the limit of 16: up to len bytes. */
size_t spapr_vty_get_some(SpaprVty *v, uint8_t *buf, size_t len);
void spapr_vty_put(SpaprVty *v, const uint8_t *buf, unsigned len);

#endif
