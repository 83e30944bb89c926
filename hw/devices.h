/* Every device type of hw/: no constructors, no linker tricks. */
#ifndef HW_DEVICES_H
#define HW_DEVICES_H

#include "core/device.h"

/* Ends with NULL. */
extern const DeviceType *const hw_device_types[];

#endif
