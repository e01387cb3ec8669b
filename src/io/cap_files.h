// Released products as CAP 1.2 files in a directory, which the gateway serves under /cap/.
#ifndef WF_IO_CAP_FILES_H
#define WF_IO_CAP_FILES_H

#include "io/reason.h"
#include "model/product.h"
#include "warn/warn.h"

// Appears whole or not at all. The name is the product's id.
wf_status wf_cap_file_write(const char *dir, const wf_product *product, const wf_area *areas, size_t area_count,
                            char reason[WF_IO_REASON_SIZE]);

#endif
