/*
 * XIVE in exploitation mode: sources with their event state buffers (ESB),
 * event queues (END) in guest memory, and one thread context (TIMA) per
 * CPU.  Machine lock held everywhere.
 */
#ifndef HW_INTC_XIVE_H
#define HW_INTC_XIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <inttypes.h>
#include <glib.h>
#include "core/device.h"
#include "core/irq.h"

#define XIVE_MAX_SERVERS 128
#define XIVE_SOURCES 0x2000 /* LISNs: 0x0000 IPIs, 0x1000 devices */
#define XIVE_PRIOS 8
#define XIVE_HV_PRIO 7 /* this priority and those after it are not the guest's */

#define XIVE_ESB_SHIFT 16 /* a page; a source has two: trigger, management */
#define XIVE_ESB_BASE UINT64_C(0x0006010000000000)
#define XIVE_TIMA_BASE UINT64_C(0x0006030203180000)
#define XIVE_TIMA_SHIFT 16
#define XIVE_TIMA_OS 2 /* page numbers */
#define XIVE_TIMA_USER 3

/* Event state bits (PQ). */
enum { XIVE_PQ_RESET, XIVE_PQ_OFF, XIVE_PQ_PENDING, XIVE_PQ_QUEUED };

/* Bits of XiveSource.flags. */
enum { XIVE_VALID = 1, XIVE_LSI = 2, XIVE_LEVEL = 4, XIVE_MASKED = 8 };

typedef struct XiveSource {
	uint32_t eisn; /* what goes into the queue, 31 bits */
	uint16_t server;
	uint8_t prio;
	uint8_t flags;
	uint8_t pq;
	uint8_t pad[3];
} XiveSource;

/* Bits of XiveEnd.flags. */
enum { XIVE_END_VALID = 1, XIVE_END_NOTIFY = 2 };

typedef struct XiveEnd {
	uint64_t qaddr; /* real address of the queue */
	uint32_t qindex;
	uint8_t qshift; /* log2 of its bytes; 0: no queue */
	uint8_t gen;	/* 0 or 1: the toggle written next */
	uint8_t flags;
	uint8_t pq; /* ESn: coalesces when not XIVE_END_NOTIFY */
} XiveEnd;

/* The OS ring of a thread context, byte by byte. */
typedef struct XiveCtx {
	uint8_t nsr, cppr, ipb, lsmfb, ack, inc, age, pipr;
	uint32_t word2; /* valid bit and CAM line */
} XiveCtx;

/* What the controller asks its board. */
typedef struct XiveBoard {
	void *opaque;
	/* The CPU whose access is under way; -1: none (a debugger). */
	int (*current)(void *opaque);
} XiveBoard;

typedef struct Xive {
	Device dev;
	XiveSource src[XIVE_SOURCES];
	XiveEnd end[XIVE_MAX_SERVERS][XIVE_PRIOS];
	XiveCtx ctx[XIVE_MAX_SERVERS];
	uint8_t kind[XIVE_SOURCES]; /* 0 none, 1 MSI, 2 LSI: what the board claimed */
	bool active;
	uint8_t pad0[3];

	uint32_t servers; /* property */
	const XiveBoard *board;
	BusRegion *esb_region, *tima_region;
	Irq *out[XIVE_MAX_SERVERS];
} Xive;

extern const DeviceType xive_type;

void xive_wire(Xive *x, unsigned server, Irq *out);
bool xive_claim(Xive *x, uint32_t lisn, bool lsi);
void xive_free(Xive *x, uint32_t lisn);
bool xive_has(const Xive *x, uint64_t lisn);
void xive_set(Xive *x, uint32_t lisn, int level);
/* An inactive controller is deaf, and its pages answer nothing. */
void xive_set_active(Xive *x, bool on);
/* Sources unrouted and off, queues gone, as H_INT_RESET says; contexts stay. */
void xive_reset_routing(Xive *x);

/* The PQ operation at an offset of a management page (loads); new state and effects included. */
uint64_t xive_esb_load(Xive *x, uint32_t lisn, uint32_t offset);
void xive_esb_store(Xive *x, uint32_t lisn, uint32_t offset);
uint64_t xive_esb_trigger_page(const Xive *x, uint32_t lisn);
uint64_t xive_esb_mgmt_page(const Xive *x, uint32_t lisn);
/* Where an END's own ESB management page would be (not mapped). */
uint64_t xive_end_page(const Xive *x, unsigned server, unsigned prio);

/* One byte, halfword ... of the OS page of a CPU's thread context. */
uint64_t xive_tima_read(Xive *x, unsigned server, uint32_t offset, unsigned size);
void xive_tima_write(Xive *x, unsigned server, uint32_t offset, uint64_t value, unsigned size);

#endif
