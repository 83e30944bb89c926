#include "hw/devices.h"

#include "hw/char/spapr_vty.h"
#include "hw/intc/xics.h"
#include "hw/intc/xive.h"
#include "hw/nvram/spapr_nvram.h"
#include "hw/spapr/phb.h"
#include "hw/spapr/spapr.h"
#include "hw/spapr/tce.h"

const DeviceType *const hw_device_types[] = {
	&spapr_nvram_type, &spapr_phb_type, &spapr_tce_type, &spapr_type,
	&spapr_vty_type,   &xics_type,	    &xive_type,	     NULL,
};
