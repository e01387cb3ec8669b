#include "session.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

void wf_gateway_session_make(const wf_gateway_keys *keys, const char *person, int64_t now_s,
                             char token[WF_GATEWAY_TOKEN_SIZE]) {
  char name[64], mac_text[64], signed_part[112];
  unsigned char mac[crypto_auth_BYTES];
  sodium_bin2base64(name, sizeof name, (const unsigned char *)person, strlen(person), VARIANT);
  snprintf(signed_part, sizeof signed_part, "%s.%llx", name, (unsigned long long)(now_s + WF_GATEWAY_SESSION_S));
  crypto_auth(mac, (const unsigned char *)signed_part, strlen(signed_part), keys->key);
  sodium_bin2base64(mac_text, sizeof mac_text, mac, sizeof mac, VARIANT);
  snprintf(token, WF_GATEWAY_TOKEN_SIZE, "%s.%s", signed_part, mac_text);
}

bool wf_gateway_session_read(const wf_gateway_keys *keys, const char *token, int64_t now_s,
                             char person[WF_GATEWAY_PERSON_SIZE]) {
  const char *first = strchr(token, '.'), *last = strrchr(token, '.');
  if (!first || first == last) return false;
  unsigned char mac[crypto_auth_BYTES];
  size_t size = 0;
  if (sodium_base642bin(mac, sizeof mac, last + 1, strlen(last + 1), NULL, &size, NULL, VARIANT) ||
      size != sizeof mac ||
      crypto_auth_verify(mac, (const unsigned char *)token, (unsigned long long)(last - token), keys->key))
    return false;
  if ((int64_t)strtoull(first + 1, NULL, 16) <= now_s) return false;
  if (sodium_base642bin((unsigned char *)person, WF_GATEWAY_PERSON_SIZE - 1, token, (size_t)(first - token), NULL,
                        &size, NULL, VARIANT))
    return false;
  person[size] = 0;
  return size > 0;
}

bool wf_gateway_cookie_find(const char *header, const char *name, char *out, size_t size) {
  size_t name_size = strlen(name);
  for (const char *at = header; at && *at;) {
    while (*at == ' ' || *at == ';') at++;
    const char *end = strchr(at, ';');
    size_t length = end ? (size_t)(end - at) : strlen(at);
    if (length > name_size && strncmp(at, name, name_size) == 0 && at[name_size] == '=') {
      size_t value = length - name_size - 1;
      if (value >= size) return false;
      memcpy(out, at + name_size + 1, value);
      out[value] = 0;
      return true;
    }
    at = end;
  }
  return false;
}
