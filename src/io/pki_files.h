// What the parts of the PKI share: reading and writing PEM files, and OpenSSL's reasons as text.
#ifndef WF_IO_PKI_FILES_H
#define WF_IO_PKI_FILES_H

#include <openssl/bio.h>
#include <sys/types.h>

#include "io/pki.h"

#define PKI_PATH_SIZE 1024

// Writes beside the path, syncs, and puts it in place in one step; never follows what is there unless forced.
wf_status pki_write(const char *path, BIO *content, mode_t mode, bool force, char reason[WF_IO_REASON_SIZE]);
BIO *pki_read(const char *path, char reason[WF_IO_REASON_SIZE]);
wf_status pki_join(const char *dir, const char *name, char out[PKI_PATH_SIZE], char reason[WF_IO_REASON_SIZE]);
// Says what failed and OpenSSL's own words; WF_EIO.
wf_status pki_fail(char reason[WF_IO_REASON_SIZE], const char *what);
ASN1_OBJECT *pki_signing_key_object(void);
// NULL with a reason when the file holds none.
X509_CRL *pki_list_load(const char *path, char reason[WF_IO_REASON_SIZE]);
uint64_t pki_list_number(const X509_CRL *list);

#endif
