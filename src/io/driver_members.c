// Partners that come, change and go while the node runs: trust, links and the core are told together.
#include <string.h>

#include "base/log.h"
#include "driver_state.h"

wf_pki_trust *driver_trust(wf_driver *d, wf_nation nation) {
  for (uint32_t i = 0; i < d->trust_count; i++)
    if (wf_nation_compare(d->trust[i].nation, nation) == 0) return &d->trust[i];
  return NULL;
}

static void set_membership(wf_driver *d, wf_nation nation, wf_membership membership) {
  driver_exchange_input(d, (wf_exchange_input){.kind = WF_XI_PARTNER, .nation = nation, .token = membership});
}

static void set_link(wf_driver *d, const struct wf_config_partner *p) {
  const bool active = p->membership == WF_MEMBER;
  const wf_link_partner partner = {p->nation, active ? p->address.host : "", p->address.port,
                                   driver_trust(d, p->nation)};
  wf_links_set(d->links, &partner, active);
}

void driver_memberships(wf_driver *d) {
  for (uint32_t i = 0; i < d->config->partner_count; i++) {
    const struct wf_config_partner *p = &d->config->partner[i];
    if (p->membership == WF_MEMBER) continue;
    set_membership(d, p->nation, p->membership);
    set_link(d, p);
  }
}

static const struct wf_config_partner *find(const wf_config *c, wf_nation nation) {
  for (uint32_t i = 0; i < c->partner_count; i++)
    if (wf_nation_compare(c->partner[i].nation, nation) == 0) return &c->partner[i];
  return NULL;
}

static bool same_trust(const wf_pki_trust *a, const wf_pki_trust *b) {
  return strcmp(a->fingerprint, b->fingerprint) == 0 && a->list_number == b->list_number &&
         a->key_count == b->key_count && memcmp(a->key, b->key, a->key_count * sizeof a->key[0]) == 0;
}

// Takes the place of the former trust, which the links point to. What was open under that is opened anew.
static void set_trust(wf_driver *d, wf_pki_trust *fresh) {
  wf_pki_trust *trust = driver_trust(d, fresh->nation);
  if (trust == NULL) {
    d->trust[d->trust_count++] = *fresh;
    return;
  }
  const bool same = same_trust(trust, fresh);
  wf_pki_trust old = *trust;
  *trust = *fresh;
  wf_pki_trust_clear(&old);
  if (same) return;
  for (int lane = WF_LANE_ALERT; lane <= WF_LANE_BULK; lane++)
    wf_links_close(d->links, trust->nation, (wf_lane)lane, "its trust bundle was imported anew");
}

// What a node is cannot change while it runs.
static bool is_this_node(const wf_driver *d, const wf_config *c, wf_diag *diag) {
  const wf_config *was = d->config;
  const unsigned long before = diag->count;
  if (wf_nation_compare(was->nation, c->nation) != 0 || was->mode != c->mode || was->writer != c->writer)
    wf_diag_say(diag, c->path, 0, "nation, mode and writer do not change while a node runs");
  uint32_t nations = d->trust_count;
  for (uint32_t i = 0; i < c->partner_count; i++) {
    const struct wf_config_partner *former = find(was, c->partner[i].nation);
    nations += driver_trust((wf_driver *)(uintptr_t)d, c->partner[i].nation) == NULL;
    if (former != NULL && former->membership == WF_MEMBER_REVOKED && c->partner[i].membership != WF_MEMBER_REVOKED)
      wf_diag_say(diag, c->path, c->partner[i].line, "%s was revoked: that is taken back by a restart alone",
                  c->partner[i].nation.code);
  }
  if (nations >= WF_NATION_MAX)
    wf_diag_say(diag, c->path, 0, "more than %d nations were partners of this node: restart it", WF_NATION_MAX - 1);
  return diag->count == before;
}

static wf_status load_trusts(const wf_config *c, wf_pki_trust fresh[WF_NATION_MAX], wf_diag *diag) {
  char reason[WF_IO_REASON_SIZE];
  for (uint32_t i = 0; i < c->partner_count; i++) {
    if (wf_pki_trust_load(c->partner[i].trust, &fresh[i], reason) == WF_OK) continue;
    wf_diag_say(diag, c->path, c->partner[i].line, "trust in %s: %s", c->partner[i].nation.code, reason);
    while (i-- > 0) wf_pki_trust_clear(&fresh[i]);
    return WF_EINVAL;
  }
  return WF_OK;
}

static void tell_change(wf_driver *d, wf_nation nation, wf_membership was, wf_membership is, const char *person) {
  if (was == is) return;
  wf_log_write(d->log, WF_LOG_INFO, "partner %s: %s, was %s, by %s", nation.code, wf_membership_name(is),
               was ? wf_membership_name(was) : "none", person);
}

// Who joins before the policy may name it; who leaves after the policy does not any more.
static wf_status apply(wf_driver *d, const wf_config *c, const char *person, wf_diag *diag) {
  const wf_config *was = d->config;
  for (uint32_t i = 0; i < c->partner_count; i++)
    if (c->partner[i].membership == WF_MEMBER) set_membership(d, c->partner[i].nation, WF_MEMBER);
  const wf_input in = {.kind = WF_IN_POLICY, .policy = &c->policy, .person = person};
  const wf_status status = driver_input(d, &in);
  if (status != WF_OK) {
    wf_diag_say(diag, c->path, 0, "the release policy was refused: %s", wf_status_name(status));
    for (uint32_t i = 0; i < c->partner_count; i++) {
      const struct wf_config_partner *former = find(was, c->partner[i].nation);
      if (former == NULL || former->membership != WF_MEMBER)
        set_membership(d, c->partner[i].nation, former ? former->membership : WF_MEMBER_REVOKED);
    }
    return status;
  }
  for (uint32_t i = 0; i < c->partner_count; i++) {
    const struct wf_config_partner *p = &c->partner[i], *former = find(was, p->nation);
    if (p->membership != WF_MEMBER) set_membership(d, p->nation, p->membership);
    set_link(d, p);
    tell_change(d, p->nation, former ? former->membership : 0, p->membership, person);
  }
  for (uint32_t i = 0; i < was->partner_count; i++) {
    struct wf_config_partner gone = was->partner[i];
    if (find(c, gone.nation) != NULL) continue;
    tell_change(d, gone.nation, gone.membership, WF_MEMBER_REVOKED, person);
    gone.membership = WF_MEMBER_REVOKED;
    set_membership(d, gone.nation, gone.membership);
    set_link(d, &gone);
  }
  return WF_OK;
}

wf_status wf_driver_reload(wf_driver *d, const wf_config *c, const char *person, wf_diag *diag) {
  wf_pki_trust fresh[WF_NATION_MAX];
  wf_status status = is_this_node(d, c, diag) ? load_trusts(c, fresh, diag) : WF_EINVAL;
  if (status == WF_OK) {
    for (uint32_t i = 0; i < c->partner_count; i++) set_trust(d, &fresh[i]);
    status = apply(d, c, person, diag);
  }
  if (status != WF_OK) {
    wf_driver_reload_refused(d);
    return status;
  }
  d->config = c;
  wf_log_write(d->log, WF_LOG_INFO, "configuration %s in force, read again by %s; release policy %016llx", c->path,
               person, (unsigned long long)c->policy.version);
  return WF_OK;
}

void wf_driver_reload_refused(wf_driver *d) {
  driver_alarm(d, WF_ALARM_REFUSED_INPUT, d->config->nation, "the configuration was refused; the old one stays");
}
