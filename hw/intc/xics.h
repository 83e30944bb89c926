/*
 * XICS as PAPR shows it: one presentation controller (ICP) per CPU and one
 * source controller (ICS).  No registers: hypercalls and RTAS calls come in
 * through these functions.  Machine lock held everywhere.
 */
#ifndef HW_INTC_XICS_H
#define HW_INTC_XICS_H

#include <stdbool.h>
#include <stdint.h>
#include <glib.h>
#include "core/device.h"
#include "core/irq.h"

#define XICS_MAX_SERVERS 128
#define XICS_SOURCES 0x1000
#define XICS_IPI 2 /* XISR of an inter-processor interrupt */

/* Bits of XicsSource.flags. */
enum {
	XICS_LEVEL = 1,	  /* LSI: the line is up */
	XICS_PENDING = 2, /* MSI: an edge waits */
	XICS_SENT = 4,	  /* LSI: accepted, no EOI yet */
};

/* What a source is (Xics.kind). */
enum { XICS_FREE, XICS_MSI, XICS_LSI };

typedef struct XicsSource {
	uint16_t server;
	uint8_t prio, saved_prio; /* 0xff: masked */
	uint8_t flags;
	uint8_t pad[3];
} XicsSource;

typedef struct XicsIcp {
	uint8_t cppr, mfrr;
	uint8_t pad[2];
} XicsIcp;

typedef struct Xics {
	Device dev;
	XicsIcp icp[XICS_MAX_SERVERS];
	XicsSource src[XICS_SOURCES];
	uint8_t kind[XICS_SOURCES];
	bool active; /* drives the CPUs' interrupt inputs */
	uint8_t pad0[3];

	uint32_t servers; /* property: number of CPUs */
	uint32_t base;	  /* property: global number of source 0 */
	uint32_t nclaimed;
	uint16_t claimed[XICS_SOURCES]; /* indexes with kind != XICS_FREE */
	Irq *out[XICS_MAX_SERVERS];
} Xics;

extern const DeviceType xics_type;

/* Interrupt input of a CPU; between new and realize. */
void xics_wire(Xics *x, unsigned server, Irq *out);
/* Makes global number irq exist; false when out of range or taken. */
bool xics_claim(Xics *x, uint32_t irq, bool lsi);
void xics_free(Xics *x, uint32_t irq);
bool xics_has(const Xics *x, uint32_t irq);
/* A wire moved.  Unknown numbers are ignored. */
void xics_set(Xics *x, uint32_t irq, int level);
/* An inactive controller keeps its state and leaves the CPUs alone. */
void xics_set_active(Xics *x, bool on);

/* Presentation, server checked by the caller with xics_server_ok(). */
bool xics_server_ok(const Xics *x, uint64_t server);
void xics_cppr(Xics *x, unsigned server, uint8_t cppr);
void xics_mfrr(Xics *x, unsigned server, uint8_t mfrr);
uint32_t xics_accept(Xics *x, unsigned server);
/* XIRR without accepting it. */
uint32_t xics_poll(const Xics *x, unsigned server, uint8_t *mfrr);
void xics_eoi(Xics *x, unsigned server, uint32_t xirr);

/* Source routing (RTAS); false when there is no such source or server. */
bool xics_route(Xics *x, uint32_t irq, uint32_t server, uint8_t prio);
bool xics_get_route(const Xics *x, uint32_t irq, uint32_t *server, uint8_t *prio);
bool xics_mask(Xics *x, uint32_t irq, bool masked);

#endif
