// CAP 1.2 (OASIS, 2010) out and checked. Strict: what the XSD misses is checked by numbered rules of our own.
#ifndef WF_WARN_CAP_H
#define WF_WARN_CAP_H

#include <stddef.h>

#include "base/status.h"
#include "model/product.h"
#include "warn/warn.h"

// One alert with an <info> per language en, ja, ko. Writes at most size bytes incl. NUL; length (without NUL) comes out.
// Exercise products have status Exercise and say so first in every language.
wf_status wf_cap_write(const wf_product *product, const char *sender, const wf_area *areas, size_t area_count, char *out, size_t size, size_t *length);

typedef enum wf_cap_verdict { WF_CAP_ACCEPT, WF_CAP_WARN, WF_CAP_REJECT } wf_cap_verdict;
// rule: short name of the first rule that decided; detail: a sentence. Never touches network or files, no entities.
wf_cap_verdict wf_cap_check(const char *xml, size_t size, char rule[48], char detail[160]);

#endif
