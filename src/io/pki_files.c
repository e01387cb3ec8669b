#include "pki_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

wf_status pki_fail(char reason[WF_IO_REASON_SIZE], const char *what) {
  const unsigned long code = ERR_peek_last_error();
  const char *why = code == 0 ? NULL : ERR_reason_error_string(code);
  snprintf(reason, WF_IO_REASON_SIZE, "%.200s: %.120s", what, why != NULL ? why : "failed");
  ERR_clear_error();
  return WF_EIO;
}

static wf_status system_fail(char reason[WF_IO_REASON_SIZE], const char *path) {
  snprintf(reason, WF_IO_REASON_SIZE, "%.280s: %s", path, strerror(errno));
  return errno == ENOENT ? WF_ENOTFOUND : WF_EIO;
}

wf_status pki_join(const char *dir, const char *name, char out[PKI_PATH_SIZE], char reason[WF_IO_REASON_SIZE]) {
  if (snprintf(out, PKI_PATH_SIZE, "%s/%s", dir, name) < PKI_PATH_SIZE) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "the path of %.200s is too long", name);
  return WF_EINVAL;
}

static bool write_all(int fd, const char *data, size_t size) {
  while (size > 0) {
    const ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    data += n;
    size -= (size_t)n;
  }
  return fsync(fd) == 0;
}

wf_status pki_write(const char *path, BIO *content, mode_t mode, bool force, char reason[WF_IO_REASON_SIZE]) {
  char *data = NULL;
  const long size = BIO_get_mem_data(content, &data);
  char temporary[PKI_PATH_SIZE + 16];
  snprintf(temporary, sizeof temporary, "%.1000s.%d.new", path, (int)getpid());
  const int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0) return system_fail(reason, temporary);
  bool ok = write_all(fd, data, (size_t)size);
  ok = close(fd) == 0 && ok;
  // link() refuses an existing name, rename() replaces it: either way nobody ever sees half a file.
  if (ok) ok = force ? rename(temporary, path) == 0 : link(temporary, path) == 0;
  wf_status status = WF_OK;
  if (!ok && errno == EEXIST) {
    snprintf(reason, WF_IO_REASON_SIZE, "%.250s is there already (use --force to replace it)", path);
    status = WF_EEXIST;
  } else if (!ok) {
    status = system_fail(reason, path);
  }
  unlink(temporary);
  return status;
}

BIO *pki_read(const char *path, char reason[WF_IO_REASON_SIZE]) {
  errno = 0;
  BIO *bio = BIO_new_file(path, "r");
  if (bio == NULL) system_fail(reason, path);
  ERR_clear_error();
  return bio;
}

wf_status wf_pki_certificate_load(const char *path, X509 **out, char reason[WF_IO_REASON_SIZE]) {
  BIO *bio = pki_read(path, reason);
  if (bio == NULL) return WF_ENOTFOUND;
  *out = PEM_read_bio_X509(bio, NULL, NULL, NULL);
  BIO_free(bio);
  if (*out != NULL) return WF_OK;
  ERR_clear_error();
  snprintf(reason, WF_IO_REASON_SIZE, "%.250s: holds no certificate (PEM)", path);
  return WF_EFORMAT;
}

X509_CRL *pki_list_load(const char *path, char reason[WF_IO_REASON_SIZE]) {
  BIO *bio = pki_read(path, reason);
  if (bio == NULL) return NULL;
  X509_CRL *list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
  BIO_free(bio);
  if (list == NULL) snprintf(reason, WF_IO_REASON_SIZE, "%.250s: holds no revocation list (PEM)", path);
  ERR_clear_error();
  return list;
}

uint64_t pki_list_number(const X509_CRL *list) {
  ASN1_INTEGER *number = X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL);
  uint64_t value = 0;
  if (number == NULL || ASN1_INTEGER_get_uint64(&value, number) != 1) value = 0;
  ASN1_INTEGER_free(number);
  ERR_clear_error();
  return value;
}

ASN1_OBJECT *pki_signing_key_object(void) {
  return OBJ_txt2obj(WF_PKI_SIGNING_KEY_OID, 1);
}

static wf_status private_enough(const char *path, char reason[WF_IO_REASON_SIZE]) {
  struct stat s;
  if (stat(path, &s) != 0) return system_fail(reason, path);
  if ((s.st_mode & 077) == 0) return WF_OK;
  snprintf(reason, WF_IO_REASON_SIZE, "%.250s: a private key that others can read; chmod 600 it", path);
  return WF_EDENIED;
}

wf_status wf_pki_private_key_load(const char *path, EVP_PKEY **out, char reason[WF_IO_REASON_SIZE]) {
  const wf_status status = private_enough(path, reason);
  if (status != WF_OK) return status;
  BIO *bio = pki_read(path, reason);
  if (bio == NULL) return WF_EIO;
  *out = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
  BIO_free(bio);
  if (*out != NULL) return WF_OK;
  ERR_clear_error();
  snprintf(reason, WF_IO_REASON_SIZE, "%.250s: holds no private key (PEM)", path);
  return WF_EFORMAT;
}
