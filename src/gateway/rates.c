#include "rates.h"

#include <arpa/inet.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define WAYS 8  // places one name may have

static const struct {
  double per_s, burst;
  const char *name;
} RULES[WF_GATEWAY_LIMIT_COUNT] = {
    [WF_GATEWAY_LIMIT_REQUESTS] = {0, 0, "requests"},  // per_s is the configuration's, the burst ten times that
    [WF_GATEWAY_LIMIT_SIGN_IN] = {0.5, 20, "sign-ins"}, [WF_GATEWAY_LIMIT_WRONG] = {1.0 / 15, 5, "wrong passwords"},
    [WF_GATEWAY_LIMIT_ACT] = {2, 30, "commands"},       [WF_GATEWAY_LIMIT_ASK] = {5, 40, "questions"},
};

const char *wf_gateway_limit_name(wf_gateway_limit kind) {
  return RULES[kind].name;
}

void wf_gateway_limits_init(wf_gateway_limits *limits, double requests_per_s) {
  memset(limits, 0, sizeof *limits);
  randombytes_buf(limits->key, sizeof limits->key);
  limits->requests_per_s = requests_per_s;
}

static double per_s_of(const wf_gateway_limits *limits, wf_gateway_limit kind) {
  return kind == WF_GATEWAY_LIMIT_REQUESTS ? limits->requests_per_s : RULES[kind].per_s;
}

static double burst_of(const wf_gateway_limits *limits, wf_gateway_limit kind) {
  return kind == WF_GATEWAY_LIMIT_REQUESTS ? 10 * limits->requests_per_s : RULES[kind].burst;
}

static uint64_t hash_of(const wf_gateway_limits *limits, wf_gateway_limit kind, const char *who) {
  unsigned char text[80] = {(unsigned char)kind}, out[crypto_shorthash_BYTES];
  struct in6_addr six;
  size_t size = 1;
  if (kind <= WF_GATEWAY_LIMIT_SIGN_IN && inet_pton(AF_INET6, who, &six) == 1 && !IN6_IS_ADDR_V4MAPPED(&six)) {
    memcpy(text + 1, six.s6_addr, 8);
    size += 8;
  } else {
    for (; size < sizeof text && who[size - 1]; size++) {
      const char c = who[size - 1];
      text[size] = (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
  }
  crypto_shorthash(out, text, size, limits->key);
  uint64_t hash;
  memcpy(&hash, out, sizeof hash);
  return hash ? hash : 1;
}

static struct wf_gateway_bucket *bucket_of(wf_gateway_limits *limits, wf_gateway_limit kind, const char *who,
                                           int64_t now_ms) {
  const uint64_t hash = hash_of(limits, kind, who);
  struct wf_gateway_bucket *set = &limits->bucket[hash % (WF_GATEWAY_BUCKETS / WAYS) * WAYS], *oldest = set;
  for (int i = 0; i < WAYS; i++) {
    if (set[i].who == hash) {
      const double burst = burst_of(limits, kind);
      const double full = set[i].tokens + 1e-3 * (double)(now_ms - set[i].at_ms) * per_s_of(limits, kind);
      set[i].tokens = (float)(full < burst ? full : burst);
      set[i].at_ms = now_ms;
      return &set[i];
    }
    if (set[i].who == 0 || (oldest->who != 0 && set[i].at_ms < oldest->at_ms)) oldest = &set[i];
  }
  *oldest = (struct wf_gateway_bucket){hash, now_ms, (float)burst_of(limits, kind)};
  return oldest;
}

bool wf_gateway_limits_take(wf_gateway_limits *limits, wf_gateway_limit kind, const char *who, int64_t now_ms,
                            int *retry_s) {
  struct wf_gateway_bucket *b = bucket_of(limits, kind, who, now_ms);
  if (b->tokens >= 1) {
    b->tokens -= 1;
    return true;
  }
  limits->refused[kind]++;
  *retry_s = (int)ceil((1 - b->tokens) / per_s_of(limits, kind));
  return false;
}

void wf_gateway_limits_give_back(wf_gateway_limits *limits, wf_gateway_limit kind, const char *who, int64_t now_ms) {
  struct wf_gateway_bucket *b = bucket_of(limits, kind, who, now_ms);
  const double burst = burst_of(limits, kind);
  b->tokens = (float)(b->tokens + 1 < burst ? b->tokens + 1 : burst);
}
