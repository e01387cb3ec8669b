// Who may sign in at a node's consoles, and as what: the account file. One line an account, fields parted by tabs:
//   name, role, active or disabled, argon2id hash of the password or - (client certificate only)
// Lines that begin with # are comments. The gateway signs people in by it, the daemon takes roles from it, and
// `watchfire operator` writes it. The file may be read by its owner and group, by nobody else.
#ifndef WF_ACCOUNTS_ACCOUNTS_H
#define WF_ACCOUNTS_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

#define WF_ACCOUNTS_MAX 32          // as many officers as a node knows
#define WF_ACCOUNT_NAME_SIZE 32     // as model/product.h keeps a name
#define WF_ACCOUNT_HASH_SIZE 128    // of libsodium's crypto_pwhash_str
#define WF_ACCOUNT_PASSWORD_MIN 12  // bytes
#define WF_ACCOUNT_PASSWORD_MAX 128
#define WF_ACCOUNTS_FILE_MAX (64 * 1024)
#define WF_ACCOUNTS_REASON_SIZE 320

// The numbers and names of wf_role (warn/warn.h); a test holds them together.
typedef enum wf_account_role {
  WF_ACCOUNT_VIEWER = 1,
  WF_ACCOUNT_WATCH_OFFICER,
  WF_ACCOUNT_RELEASE_AUTHORITY,
  WF_ACCOUNT_ADMINISTRATOR,
} wf_account_role;
const char *wf_account_role_name(wf_account_role role);  // NULL: no such role
bool wf_account_role_parse(const char *name, wf_account_role *out);

typedef struct wf_account {
  char name[WF_ACCOUNT_NAME_SIZE];
  wf_account_role role;
  bool disabled;
  char hash[WF_ACCOUNT_HASH_SIZE];  // empty: no password
} wf_account;

typedef struct wf_accounts {
  size_t count;
  wf_account item[WF_ACCOUNTS_MAX];
} wf_accounts;

// The text of a file. `reason` names the line. *out is whole or empty.
wf_status wf_accounts_parse(const char *text, size_t size, wf_accounts *out, char reason[WF_ACCOUNTS_REASON_SIZE]);
// WF_ENOTFOUND: no file; WF_EDENIED: others can read it.
wf_status wf_accounts_load(const char *path, wf_accounts *out, char reason[WF_ACCOUNTS_REASON_SIZE]);
// Replaces the file in one step, mode 0640.
wf_status wf_accounts_save(const char *path, const wf_accounts *accounts, char reason[WF_ACCOUNTS_REASON_SIZE]);

// Names differ in more than ASCII case, as the node compares them. NULL: nobody.
wf_account *wf_accounts_find(wf_accounts *accounts, const char *name);
// 1 to 31 bytes of UTF-8, no control characters, no blanks at the ends.
bool wf_account_name_is_good(const char *name);

// Both take a tenth of a second and 64 MiB, on purpose: argon2id (RFC 9106) with libsodium's interactive limits.
wf_status wf_account_set_password(wf_account *account, const char *password, const char **why);
bool wf_account_password_ok(const char *hash, const char *password);

#endif
