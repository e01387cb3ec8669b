// CAP 1.2 (OASIS, 2010) out and checked. Strict: what the XSD misses is checked by numbered rules of our own.
#ifndef WF_WARN_CAP_H
#define WF_WARN_CAP_H

#include <stddef.h>

#include "base/status.h"
#include "model/product.h"
#include "warn/warn.h"

#define WF_CAP_IDENTIFIER_SIZE 64

// The CAP identifier of a product (or, by id, of another one of the same issuer and mode): no blanks, no commas.
void wf_cap_identifier(const wf_product *product, uint64_t id, char out[WF_CAP_IDENTIFIER_SIZE]);

// One alert with an <info> per language en, ja, ko. Writes at most size bytes incl. NUL; length (without NUL) comes
// out. Exercise products have status Exercise and say so first in every language; a live one that nobody released is a
// Draft. areas: the issuer's own, for names. Deterministic. WF_EDENIED for a withdrawn product, WF_ETIME when it
// expires before it is sent, WF_EINVAL for a text that CAP cannot carry, WF_EFULL when it does not fit (192 kB hold
// everything).
wf_status wf_cap_write(const wf_product *product, const char *sender, const wf_area *areas, size_t area_count,
                       char *out, size_t size, size_t *length);

// The headline of one language ("en", "ja", "ko"), as in the CAP message, for consoles. WF_ENOTFOUND: no such language;
// WF_EFULL: it was cut.
wf_status wf_cap_headline(const wf_product *product, const wf_area *areas, size_t area_count, const char *language,
                          char *out, size_t size);

// For the agencies of an own area that the product does not name, never for the public and never in a CAP <area>: no
// warning for it at this time, which may change. WF_ENOTFOUND: no such language; WF_EEXIST: the area is warned.
wf_status wf_cap_agency_notice(const wf_product *product, const wf_area *area, const char *language, char *out,
                               size_t size);

typedef enum wf_cap_verdict { WF_CAP_ACCEPT, WF_CAP_WARN, WF_CAP_REJECT } wf_cap_verdict;
const char *wf_cap_verdict_name(wf_cap_verdict verdict);  // "accept", "warn", "reject"

#define WF_CAP_CHECK_MAX (1u << 20)

// rule: number and short name of the first rule that decided, "18-references-missing"; empty for accept. detail: a
// sentence with the line. Rejections come before warnings. Bounded in time and memory; never touches network or files,
// declares and expands no entities.
wf_cap_verdict wf_cap_check(const char *xml, size_t size, char rule[48], char detail[160]);

// The list of rules, by number from 1.
typedef struct wf_cap_rule {
  unsigned number;
  const char *name;
  wf_cap_verdict verdict;
  const char *says;
} wf_cap_rule;
size_t wf_cap_rules(const wf_cap_rule **out);

#endif
