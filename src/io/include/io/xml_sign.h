// Enveloped XML signatures (W3C XML Signature 1.1): exclusive canonical form, SHA-256, the key's own algorithm (ECDSA
// P-256 of the project's keys, or RSA), the certificate inside. Verified in the tests by another program.
#ifndef WF_IO_XML_SIGN_H
#define WF_IO_XML_SIGN_H

#include <stddef.h>

#include "base/status.h"
#include "io/reason.h"

typedef struct wf_xml_signer wf_xml_signer;
// PEM files. NULL with a reason.
wf_xml_signer *wf_xml_signer_new(const char *key_path, const char *certificate_path, char reason[WF_IO_REASON_SIZE]);
void wf_xml_signer_free(wf_xml_signer *signer);
// The document with a <Signature> as the last child of its root; released with free().
wf_status wf_xml_sign(const wf_xml_signer *signer, const char *xml, size_t size, char **out, size_t *out_size,
                      char reason[WF_IO_REASON_SIZE]);

#endif
