// Passwords are checked in a thread of their own: argon2id takes a tenth of a second, and consoles wait for nobody.
#ifndef WF_GATEWAY_CHECKER_H
#define WF_GATEWAY_CHECKER_H

#include "api.h"

#define WF_GATEWAY_CHECKS_MAX 16  // waiting at once

typedef struct wf_gateway_checker wf_gateway_checker;
wf_gateway_checker *wf_gateway_checker_new(void);  // NULL: no thread or no memory
void wf_gateway_checker_free(wf_gateway_checker *checker);
bool wf_gateway_checker_put(void *checker, const wf_gateway_check *check);  // false: full
bool wf_gateway_checker_get(wf_gateway_checker *checker, wf_gateway_check *out);  // one that is done; wipe it
void wf_gateway_checker_forget(wf_gateway_checker *checker, const void *connection);  // it has gone

#endif
