// watchfire operator: the account file of a node's consoles.
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "accounts/accounts.h"
#include "cli.h"

static const char HELP[] =
    "Usage: watchfire operator add FILE NAME --role ROLE [--no-password]\n"
    "       watchfire operator password|enable|disable|remove FILE NAME\n"
    "       watchfire operator role FILE NAME --role ROLE\n"
    "       watchfire operator list FILE\n"
    "       watchfire operator check FILE NAME\n"
    "\n"
    "Who may sign in at a node's consoles (watchfire-gateway --accounts FILE) and as what (`accounts: FILE` in\n"
    "node.yaml). A running gateway takes a change within a second: sessions of those disabled, removed or of another\n"
    "role end. The daemon reads roles when it starts.\n"
    "\n"
    "  ROLE            viewer: looks; watch_officer: confirms first, withdraws, keeps, prepares corrections;\n"
    "                  release_authority: the same, and one of the two who release must be one; administrator:\n"
    "                  decides nothing\n"
    "  --no-password   signs in by operator certificate only (`watchfire pki issue --operator NAME`)\n"
    "  check           whether the password given is NAME's\n"
    "\n"
    "The password is asked for twice on a terminal; otherwise it is the first line of standard input. It has 12 to "
    "128\n"
    "bytes and is kept as an argon2id hash. At most 32 accounts.\n"
    "\n"
    "Exit status: 0 done; 1 check: wrong; 2 usage, or the file is wrong.\n"
    "\n"
    "Example:\n"
    "  watchfire operator add /etc/watchfire/accounts sato --role release_authority\n";

typedef struct question {
  const char *action, *file, *name, *role;
  bool no_password;
  wf_accounts accounts;
} question;

static bool read_line(const char *prompt, char *out, size_t size) {
  struct termios before, silent;
  const bool terminal = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    fprintf(stderr, "%s: ", prompt);
  }
  const bool ok = fgets(out, (int)size, stdin) != NULL;
  if (terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
    fputc('\n', stderr);
  }
  out[strcspn(ok ? out : "", "\r\n")] = '\0';
  return ok;
}

static int set_password(wf_account *account) {
  char first[256] = "", second[256] = "";
  const char *why = "no password came";
  bool ok = read_line("password", first, sizeof first);
  if (ok && isatty(STDIN_FILENO)) {
    ok = read_line("again", second, sizeof second) && strcmp(first, second) == 0;
    if (!ok) why = "the two are not the same";
  }
  ok = ok && wf_account_set_password(account, first, &why) == WF_OK;
  sodium_memzero(first, sizeof first);
  sodium_memzero(second, sizeof second);
  return ok ? WF_CLI_OK : wf_cli_usage_error("operator", "%s", why);
}

static int read_role(const question *q, wf_account_role *out) {
  if (q->role == NULL) return wf_cli_usage_error("operator", "--role is needed");
  if (wf_account_role_parse(q->role, out)) return WF_CLI_OK;
  return wf_cli_usage_error("operator",
                            "--role '%s' is none of viewer, watch_officer, release_authority, administrator", q->role);
}

static int add(question *q) {
  if (wf_accounts_find(&q->accounts, q->name) != NULL)
    return wf_cli_usage_error("operator", "%s is there already", q->name);
  if (!wf_account_name_is_good(q->name)) return wf_cli_usage_error("operator", "a name is 1 to 31 plain bytes");
  if (q->accounts.count == WF_ACCOUNTS_MAX) return wf_cli_usage_error("operator", "the file holds 32 accounts already");
  wf_account a = {0};
  memcpy(a.name, q->name, strlen(q->name));
  int code = read_role(q, &a.role);
  if (code == WF_CLI_OK && !q->no_password) code = set_password(&a);
  if (code == WF_CLI_OK) q->accounts.item[q->accounts.count++] = a;
  return code;
}

static int list(const question *q) {
  for (size_t i = 0; i < q->accounts.count; i++) {
    const wf_account *a = &q->accounts.item[i];
    printf("%-31s  %-17s  %-8s  %s\n", a->name, wf_account_role_name(a->role), a->disabled ? "disabled" : "active",
           a->hash[0] != '\0' ? "password" : "certificate only");
  }
  return WF_CLI_OK;
}

static int check(const wf_account *account) {
  char password[256] = "";
  const bool ok = read_line("password", password, sizeof password) && wf_account_password_ok(account->hash, password);
  sodium_memzero(password, sizeof password);
  puts(ok ? "right" : "wrong");
  return ok ? WF_CLI_OK : WF_CLI_BAD_INPUT;
}

static int change(question *q, wf_account *account) {
  if (strcmp(q->action, "password") == 0) return set_password(account);
  if (strcmp(q->action, "role") == 0) return read_role(q, &account->role);
  if (strcmp(q->action, "enable") == 0 || strcmp(q->action, "disable") == 0) {
    account->disabled = q->action[0] == 'd';
    return WF_CLI_OK;
  }
  if (strcmp(q->action, "remove") == 0) {
    *account = q->accounts.item[--q->accounts.count];
    return WF_CLI_OK;
  }
  return wf_cli_usage_error("operator", "unknown action '%s'", q->action);
}

static int run(question *q) {
  if (strcmp(q->action, "list") == 0) return list(q);
  if (q->name == NULL) return wf_cli_usage_error("operator", "whose account?");
  char reason[WF_ACCOUNTS_REASON_SIZE];
  wf_account *account = wf_accounts_find(&q->accounts, q->name);
  const bool adds = strcmp(q->action, "add") == 0;
  if (!adds && account == NULL) return wf_cli_usage_error("operator", "nobody is called %s there", q->name);
  if (strcmp(q->action, "check") == 0) return check(account);
  const int code = adds ? add(q) : change(q, account);
  if (code != WF_CLI_OK) return code;
  if (wf_accounts_save(q->file, &q->accounts, reason) != WF_OK) return wf_cli_usage_error("operator", "%s", reason);
  return WF_CLI_OK;
}

int wf_cli_operator(int argc, char **argv) {
  static const struct option LONG[] = {
      {"role", 1, NULL, 'r'}, {"no-password", 0, NULL, 'n'}, {"help", 0, NULL, 'h'}, {0}};
  static question q;
  q = (question){0};
  for (int letter; (letter = getopt_long(argc, argv, "h", LONG, NULL)) != -1;) {
    if (letter == 'h') {
      fputs(HELP, stdout);
      return WF_CLI_OK;
    }
    if (letter == 'r')
      q.role = optarg;
    else if (letter == 'n')
      q.no_password = true;
    else
      return wf_cli_usage_error("operator", "see above");
  }
  if (argc - optind < 2 || argc - optind > 3) return wf_cli_usage_error("operator", "an action, a FILE and a NAME");
  q.action = argv[optind];
  q.file = argv[optind + 1];
  q.name = argv[optind + 2];
  char reason[WF_ACCOUNTS_REASON_SIZE];
  const wf_status status = wf_accounts_load(q.file, &q.accounts, reason);
  const bool fresh = status == WF_ENOTFOUND && strcmp(q.action, "add") == 0;
  if (status != WF_OK && !fresh) return wf_cli_usage_error("operator", "%s", reason);
  return run(&q);
}
