#include "accounts/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// ---- Roles and names ----------------------------------------------------------------------------------------------
const char *wf_account_role_name(wf_account_role role) {
  static const char *const NAMES[] = {NULL, "viewer", "watch_officer", "release_authority", "administrator"};
  return role >= WF_ACCOUNT_VIEWER && role <= WF_ACCOUNT_ADMINISTRATOR ? NAMES[role] : NULL;
}

bool wf_account_role_parse(const char *name, wf_account_role *out) {
  for (int role = WF_ACCOUNT_VIEWER; role <= WF_ACCOUNT_ADMINISTRATOR; role++) {
    if (strcmp(name, wf_account_role_name((wf_account_role)role)) != 0) continue;
    *out = (wf_account_role)role;
    return true;
  }
  return false;
}

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_name(const char *a, const char *b) {
  for (; *a != '\0' && lower(*a) == lower(*b); a++) b++;
  return *a == '\0' && *b == '\0';
}

wf_account *wf_accounts_find(wf_accounts *accounts, const char *name) {
  for (size_t i = 0; i < accounts->count; i++)
    if (same_name(accounts->item[i].name, name)) return &accounts->item[i];
  return NULL;
}

bool wf_account_name_is_good(const char *name) {
  const size_t length = strlen(name);
  if (length == 0 || length >= WF_ACCOUNT_NAME_SIZE || name[0] == ' ' || name[length - 1] == ' ' || name[0] == '#')
    return false;
  for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++)
    if (*c < 0x20 || *c == 0x7f) return false;
  return true;
}

// ---- Text ---------------------------------------------------------------------------------------------------------
static wf_status wrong(char reason[WF_ACCOUNTS_REASON_SIZE], unsigned line, const char *text) {
  snprintf(reason, WF_ACCOUNTS_REASON_SIZE, "line %u: %s", line, text);
  return WF_EFORMAT;
}

static wf_status parse_line(char *text, unsigned line, wf_accounts *out, char reason[WF_ACCOUNTS_REASON_SIZE]) {
  char *field[4] = {text};
  size_t fields = 1;
  for (char *at = text; *at != '\0'; at++) {
    if (*at != '\t') continue;
    if (fields == 4) return wrong(reason, line, "more than four fields");
    *at = '\0';
    field[fields++] = at + 1;
  }
  wf_account a = {0};
  if (fields != 4) return wrong(reason, line, "not four fields parted by tabs: name, role, state, hash");
  if (!wf_account_name_is_good(field[0])) return wrong(reason, line, "the name is not 1 to 31 plain bytes");
  if (!wf_account_role_parse(field[1], &a.role))
    return wrong(reason, line, "the role is not viewer, watch_officer, release_authority or administrator");
  a.disabled = strcmp(field[2], "disabled") == 0;
  if (!a.disabled && strcmp(field[2], "active") != 0) return wrong(reason, line, "the state is not active or disabled");
  if (strcmp(field[3], "-") != 0) {
    if (strncmp(field[3], "$argon2id$", 10) != 0 || strlen(field[3]) >= sizeof a.hash)
      return wrong(reason, line, "the last field is neither - nor an argon2id hash");
    memcpy(a.hash, field[3], strlen(field[3]));
  }
  if (wf_accounts_find(out, field[0]) != NULL) return wrong(reason, line, "the name is there already");
  if (out->count == WF_ACCOUNTS_MAX) return wrong(reason, line, "more accounts than there may be");
  memcpy(a.name, field[0], strlen(field[0]));
  out->item[out->count++] = a;
  return WF_OK;
}

wf_status wf_accounts_parse(const char *text, size_t size, wf_accounts *out, char reason[WF_ACCOUNTS_REASON_SIZE]) {
  wf_status status = WF_OK;
  unsigned line = 0;
  memset(out, 0, sizeof *out);
  for (size_t at = 0; at < size && status == WF_OK;) {
    char copy[512];
    const char *end = memchr(text + at, '\n', size - at);
    const size_t length = end != NULL ? (size_t)(end - text) - at : size - at;
    line++;
    if (length >= sizeof copy || memchr(text + at, '\0', length) != NULL) {
      status = wrong(reason, line, "too long, or no text");
    } else {
      memcpy(copy, text + at, length);
      copy[length] = '\0';
      if (length > 0 && copy[0] != '#') status = parse_line(copy, line, out, reason);
    }
    at += length + 1;
  }
  if (status != WF_OK) memset(out, 0, sizeof *out);
  return status;
}

// ---- Files --------------------------------------------------------------------------------------------------------
static wf_status failed(char reason[WF_ACCOUNTS_REASON_SIZE], const char *path, const char *text, wf_status status) {
  snprintf(reason, WF_ACCOUNTS_REASON_SIZE, "%.200s: %s", path, text);
  return status;
}

wf_status wf_accounts_load(const char *path, wf_accounts *out, char reason[WF_ACCOUNTS_REASON_SIZE]) {
  memset(out, 0, sizeof *out);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(reason, path, strerror(errno), errno == ENOENT ? WF_ENOTFOUND : WF_EIO);
  struct stat s;
  char *text = malloc(WF_ACCOUNTS_FILE_MAX + 1), why[WF_ACCOUNTS_REASON_SIZE] = "";
  ssize_t size = -1;
  wf_status status = WF_EIO;
  if (text != NULL && fstat(fd, &s) == 0) size = read(fd, text, WF_ACCOUNTS_FILE_MAX + 1);
  if (size < 0)
    failed(reason, path, "cannot be read", status);
  else if ((s.st_mode & 07) != 0)
    status = failed(reason, path, "others can read or write it: chmod o= first", WF_EDENIED);
  else if (size > WF_ACCOUNTS_FILE_MAX)
    status = failed(reason, path, "too long for an account file", WF_EFORMAT);
  else if ((status = wf_accounts_parse(text, (size_t)size, out, why)) != WF_OK)
    failed(reason, path, why, status);
  free(text);
  close(fd);
  return status;
}

static bool write_all(int fd, const wf_accounts *accounts) {
  bool ok = dprintf(fd, "# Written by `watchfire operator`: name, role, state, argon2id hash or -\n") > 0;
  for (size_t i = 0; i < accounts->count && ok; i++) {
    const wf_account *a = &accounts->item[i];
    ok = dprintf(fd, "%s\t%s\t%s\t%s\n", a->name, wf_account_role_name(a->role), a->disabled ? "disabled" : "active",
                 a->hash[0] != '\0' ? a->hash : "-") > 0;
  }
  return ok && fsync(fd) == 0;
}

wf_status wf_accounts_save(const char *path, const wf_accounts *accounts, char reason[WF_ACCOUNTS_REASON_SIZE]) {
  char beside[1024];
  if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
    return failed(reason, path, "the path is too long", WF_EINVAL);
  const int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return failed(reason, beside, strerror(errno), WF_EIO);
  bool ok = fchmod(fd, 0640) == 0 && write_all(fd, accounts);
  ok = close(fd) == 0 && ok && rename(beside, path) == 0;
  if (ok) return WF_OK;
  const wf_status status = failed(reason, path, strerror(errno), WF_EIO);
  unlink(beside);
  return status;
}

// ---- Passwords ----------------------------------------------------------------------------------------------------
wf_status wf_account_set_password(wf_account *account, const char *password, const char **why) {
  const size_t length = strlen(password);
  *why = length < WF_ACCOUNT_PASSWORD_MIN   ? "a password has at least 12 bytes"
         : length > WF_ACCOUNT_PASSWORD_MAX ? "a password has at most 128 bytes"
                                            : "out of memory";
  if (length < WF_ACCOUNT_PASSWORD_MIN || length > WF_ACCOUNT_PASSWORD_MAX) return WF_EINVAL;
  char hash[crypto_pwhash_STRBYTES];
  if (sodium_init() < 0 || crypto_pwhash_str_alg(hash, password, length, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                 crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return WF_ENOMEM;
  snprintf(account->hash, sizeof account->hash, "%s", hash);
  return WF_OK;
}

bool wf_account_password_ok(const char *hash, const char *password) {
  return hash[0] != '\0' && sodium_init() >= 0 && crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}
