// How often somebody may ask: token buckets in a table of fixed size, by address or by person. Whoever comes when the
// table is full takes the place of the one that has waited longest, so a crowd of addresses costs memory to nobody.
#ifndef WF_GATEWAY_RATES_H
#define WF_GATEWAY_RATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WF_GATEWAY_BUCKETS 2048

typedef enum wf_gateway_limit {
  WF_GATEWAY_LIMIT_REQUESTS = 0,  // any request, by address
  WF_GATEWAY_LIMIT_SIGN_IN,       // sign-ins tried, by address
  WF_GATEWAY_LIMIT_WRONG,         // wrong passwords, by account; a right one is given back
  WF_GATEWAY_LIMIT_ACT,           // commands, by person
  WF_GATEWAY_LIMIT_ASK,           // questions that the node works on (log, release), by person or address
  WF_GATEWAY_LIMIT_COUNT
} wf_gateway_limit;

typedef struct wf_gateway_limits {
  unsigned char key[16];
  double requests_per_s;  // of one address
  uint64_t refused[WF_GATEWAY_LIMIT_COUNT];
  struct wf_gateway_bucket {
    uint64_t who;  // 0: free
    int64_t at_ms;
    float tokens;
  } bucket[WF_GATEWAY_BUCKETS];
} wf_gateway_limits;

void wf_gateway_limits_init(wf_gateway_limits *limits, double requests_per_s);
// False: not now; *retry_s says when. Of an IPv6 address the first 64 bits count: the rest is the asker's to choose.
bool wf_gateway_limits_take(wf_gateway_limits *limits, wf_gateway_limit kind, const char *who, int64_t now_ms,
                            int *retry_s);
void wf_gateway_limits_give_back(wf_gateway_limits *limits, wf_gateway_limit kind, const char *who, int64_t now_ms);
const char *wf_gateway_limit_name(wf_gateway_limit kind);

#endif
