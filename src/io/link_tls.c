// TLS contexts of the links: TLS 1.3 only, certificates on both sides, the lane as ALPN, refusals by name.
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "link_conn.h"

// Wire form: length and name. Index = lane − 1.
static const unsigned char LANES[2][11] = {"\x0awf1-alerts", "\x08wf1-bulk"};

static wf_link_refusal refusal_of(wf_pki_verdict verdict) {
  switch (verdict) {
    case WF_PKI_EXPIRED:
      return WF_REFUSED_EXPIRED;
    case WF_PKI_NOT_YET_VALID:
      return WF_REFUSED_NOT_YET_VALID;
    case WF_PKI_REVOKED:
      return WF_REFUSED_REVOKED;
    case WF_PKI_WRONG_NATION:
      return WF_REFUSED_WRONG_NATION;
    case WF_PKI_WRONG_MODE:
      return WF_REFUSED_WRONG_MODE;
    case WF_PKI_WRONG_ROLE:
      return WF_REFUSED_WRONG_ROLE;
    case WF_PKI_MALFORMED:
      return WF_REFUSED_BAD_CERTIFICATE;
    default:
      return WF_REFUSED_UNKNOWN_AUTHORITY;
  }
}

static int find_partner(const wf_links *links, wf_nation nation) {
  for (uint32_t i = 0; i < links->config.partner_count; i++)
    if (!links->left_out[i] && wf_nation_compare(links->config.partner[i].nation, nation) == 0) return (int)i;
  return -1;
}

// Judges the peer's certificate by the authority of the one nation it can be; remembers the refusal for the caller.
static bool judge(conn *c, X509 *leaf, int *x509_error) {
  const wf_links *links = c->links;
  char reason[WF_IO_REASON_SIZE];
  *x509_error = X509_V_ERR_APPLICATION_VERIFICATION;
  c->refusal_set = true;
  c->refusal = WF_REFUSED_BAD_CERTIFICATE;
  if (leaf == NULL || wf_pki_subject_of(leaf, &c->subject, reason) != WF_OK) return false;
  const int partner = c->dialled ? c->partner : find_partner(links, c->subject.nation);
  c->refusal = WF_REFUSED_UNKNOWN_NATION;
  if (partner < 0) return false;
  // Only the lower name dials: an accepted peer must be lower than we are.
  c->refusal = WF_REFUSED_WRONG_DIRECTION;
  if (!c->dialled && wf_nation_compare(c->subject.nation, links->config.nation) >= 0) return false;
  const wf_pki_verdict verdict =
      wf_pki_judge(links->config.partner[partner].trust, leaf, WF_PKI_NODE, c->dialled, &c->subject, x509_error);
  c->refusal = refusal_of(verdict);
  if (verdict != WF_PKI_TRUSTED) return false;
  c->refusal_set = false;
  c->partner = partner;
  return true;
}

static int verify_certificate(X509_STORE_CTX *context, void *unused) {
  SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
  conn *c = SSL_get_app_data(ssl);
  int error = X509_V_OK;
  const bool ok = judge(c, X509_STORE_CTX_get0_cert(context), &error);
  X509_STORE_CTX_set_error(context, ok ? X509_V_OK : error);
  return ok;
}

static int select_lane(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *in,
                       unsigned in_size, void *unused) {
  for (int lane = 0; lane < 2; lane++) {
    const unsigned char *name = LANES[lane];
    for (unsigned i = 0; i < in_size; i += 1u + in[i])
      if (in[i] == name[0] && i + 1u + in[i] <= in_size && memcmp(in + i + 1, name + 1, name[0]) == 0) {
        *out = in + i + 1;
        *out_size = name[0];
        return SSL_TLSEXT_ERR_OK;
      }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool link_tls_offer_lane(SSL *ssl, wf_lane lane) {
  const unsigned char *name = LANES[lane - 1];
  return SSL_set_alpn_protos(ssl, name, name[0] + 1u) == 0;
}

bool link_tls_lane(SSL *ssl, wf_lane *lane) {
  const unsigned char *selected = NULL;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &selected, &size);
  for (int i = 0; i < 2; i++)
    if (size == LANES[i][0] && memcmp(selected, LANES[i] + 1, size) == 0) {
      *lane = (wf_lane)(i + 1);
      return true;
    }
  return false;
}

static SSL_CTX *context_new(const wf_links_config *config, const SSL_METHOD *method, int verify, EVP_PKEY *key,
                            char reason[WF_IO_REASON_SIZE]) {
  SSL_CTX *context = SSL_CTX_new(method);
  if (context == NULL) return NULL;
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_num_tickets(context, 0);  // a ticket nobody reads resets the connection of a closing sender
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_max_cert_list(context, 16 * 1024);
  SSL_CTX_set_verify(context, verify, NULL);
  SSL_CTX_set_cert_verify_callback(context, verify_certificate, NULL);
  if (SSL_CTX_use_certificate_file(context, config->certificate_path, SSL_FILETYPE_PEM) == 1 &&
      SSL_CTX_use_PrivateKey(context, key) == 1 && SSL_CTX_check_private_key(context) == 1)
    return context;
  snprintf(reason, WF_IO_REASON_SIZE, "%.120s and %.120s do not belong together", config->certificate_path,
           config->key_path);
  SSL_CTX_free(context);
  return NULL;
}

wf_status link_tls_contexts(wf_links *links, char reason[WF_IO_REASON_SIZE]) {
  EVP_PKEY *key = NULL;
  const wf_status status = wf_pki_private_key_load(links->config.key_path, &key, reason);
  if (status != WF_OK) return status;
  links->server =
      context_new(&links->config, TLS_server_method(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, key, reason);
  links->client = context_new(&links->config, TLS_client_method(), SSL_VERIFY_PEER, key, reason);
  EVP_PKEY_free(key);
  ERR_clear_error();
  if (links->server == NULL || links->client == NULL) return WF_EDENIED;
  SSL_CTX_set_alpn_select_cb(links->server, select_lane, NULL);
  return WF_OK;
}

wf_link_refusal link_tls_refusal(const conn *c, char text[128]) {
  const unsigned long code = ERR_peek_error();
  const char *words = code == 0 ? NULL : ERR_reason_error_string(code);
  snprintf(text, 128, "%s", words != NULL ? words : "");
  if (c->refusal_set) return c->refusal;
  if (code == 0) return WF_REFUSED_CLOSED_EARLY;
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) return WF_REFUSED_TLS;
  switch (ERR_GET_REASON(code)) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNKNOWN_PROTOCOL:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_RECORD_TOO_SMALL:
    case SSL_R_BAD_RECORD_TYPE:
    case SSL_R_UNEXPECTED_MESSAGE:
      return WF_REFUSED_NOT_TLS;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_NO_SHARED_CIPHER:
      return WF_REFUSED_TLS_VERSION;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return WF_REFUSED_NO_CERTIFICATE;
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return WF_REFUSED_PROTOCOL;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return WF_REFUSED_CLOSED_EARLY;
    default:
      return ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET ? WF_REFUSED_BY_PEER : WF_REFUSED_TLS;
  }
}

const char *wf_link_refusal_name(wf_link_refusal refusal) {
  static const char *const NAMES[WF_REFUSED_COUNT] = {"not_tls",           "tls_version",    "no_certificate",
                                                      "unknown_authority", "expired",        "not_yet_valid",
                                                      "revoked",           "unknown_nation", "wrong_nation",
                                                      "wrong_mode",        "wrong_role",     "bad_certificate",
                                                      "wrong_direction",   "protocol",       "timeout",
                                                      "crowded",           "oversized",      "overrun",
                                                      "refused_by_peer",   "closed_early",   "tls"};
  return refusal < WF_REFUSED_COUNT ? NAMES[refusal] : "unknown";
}
