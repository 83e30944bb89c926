/*
 * Guest words of the firmware.  Both entries are called like functions with
 * the physical address of an argument buffer in r3 and return with r3 set;
 * r4 and r5 are volatile there (PowerPC processor binding to IEEE 1275, 8.2.1;
 * LoPAPR 7.2.1), so a hypercall fits in between.  "sc 1" is sc with LEV = 1
 * (Power ISA, book III, 4.3.1).
 */
#include "roms/stub.h"

#include "roms/of.h"

#define MR_R4_R3 0x7c641b78u	      /* mr    r4,r3     (or r4,r3,r3) */
#define LI_R3_0 0x38600000u	      /* li    r3,0      (addi r3,0,0) */
#define ORI_R3(n) (0x60630000u | (n)) /* ori   r3,r3,n   (li would extend the sign) */
#define SC_1 0x44000022u	      /* sc    1 */
#define BLR 0x4e800020u		      /* blr */

const uint32_t stub_client[STUB_CLIENT_WORDS] = {
	MR_R4_R3, LI_R3_0, ORI_R3(OF_HCALL_CLIENT), SC_1, BLR,
};

const uint32_t stub_rtas[STUB_RTAS_WORDS] = {
	MR_R4_R3, LI_R3_0, ORI_R3(OF_HCALL_RTAS), SC_1, BLR,
};
