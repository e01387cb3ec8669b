// The driver's state, and what its three files share: driver.c steps the core and does its effects, driver_world.c is
// what the world calls, driver_open.c opens and closes all of it.
#ifndef WF_IO_DRIVER_STATE_H
#define WF_IO_DRIVER_STATE_H

#include "base/ring.h"
#include "io/cat062.h"
#include "io/channels.h"
#include "io/clock.h"
#include "io/driver.h"
#include "io/fdsn.h"
#include "io/feed.h"
#include "io/link.h"
#include "io/recording.h"
#include "io/store.h"
#include "io/tcp.h"
#include "io/udp.h"
#include "signer.h"

enum {
  DEFERRED_MAX = 16384,  // results that came while the core was stepping
  SIGNER_JOBS_MAX = 2048,
};

typedef struct deferred {
  wf_exchange_input input;
  uint8_t signature[WF_SIGNATURE_SIZE];
} deferred;

struct wf_driver {
  const wf_config *config;
  uv_loop_t *loop;
  const wf_log_sink *log;
  wf_io_clock clock;
  wf_signing_key signing;
  wf_pki_trust trust[WF_NATION_MAX];  // one per nation that was ever a partner
  uint32_t trust_count;
  wf_store *store;
  wf_node *node;
  wf_recording *recording;  // NULL: none is kept
  bool recording_ended;     // told so
  wf_links *links;
  wf_udp *udp[WF_CONFIG_UDP_MAX];
  struct driver_input {
    struct wf_driver *driver;
    const wf_envelope *envelope;
  } inputs[2 * WF_CONFIG_UDP_MAX];  // datagrams, then streams
  wf_tcp *tcp[WF_CONFIG_UDP_MAX];
  wf_fdsn *seismic[WF_CONFIG_SEISMIC_MAX];
  wf_cat062 *publish_062;
  uint8_t enveloped[WF_ENVELOPE_MAX + 65536];  // a datagram behind its envelope
  wf_feed *feed;
  wf_channels *channels;
  uv_timer_t tick;
  uv_check_t after_io;
  uv_prepare_t before_wait;
  wf_signer *signer;
  unsigned handles, questions;  // questions: of consoles, in the worker
  const char *version;
  uint64_t opened_ns;
  wf_io_clock next_clock;  // of an exercise, from its real_epoch on; rate below 0: none
  wf_time latest;          // record time never goes back
  bool stepping, closing;
  void (*watch)(void *context, const wf_node *node);
  void *watch_context;
  wf_driver_heard heard;
  void *heard_context;
  wf_ring deferred;
  wf_audit audit;
  struct {
    uint64_t inputs, signed_count, verified, verify_failed, deferred_lost, cap_files, cap_failed;
  } count;
};

// ---- driver.c
wf_clock driver_now(wf_driver *d);
wf_status driver_input(wf_driver *d, const wf_input *input);  // the one place where every input passes
void driver_exchange_input(wf_driver *d, wf_exchange_input input);
void driver_alarm(wf_driver *d, wf_alarm_kind kind, wf_nation nation, const char *text);
void driver_turn_end(wf_driver *d);
// ---- driver_members.c
wf_pki_trust *driver_trust(wf_driver *d, wf_nation nation);  // NULL: never a partner
void driver_memberships(wf_driver *d);                       // those of the configuration, to core and links
void driver_signature_made(void *context, uint64_t token, const uint8_t signature[WF_SIGNATURE_SIZE]);
void driver_signature_checked(void *context, uint64_t token, bool ok);

// ---- driver_world.c: the configurations of store, links, sensors and feed, with their callbacks
wf_store_config driver_store_config(wf_driver *d);
wf_links_config driver_links_config(wf_driver *d);
wf_udp_config driver_udp_config(wf_driver *d, uint32_t index);
wf_tcp_config driver_tcp_config(wf_driver *d, uint32_t index);
wf_fdsn_config driver_fdsn_config(wf_driver *d, uint32_t index);
wf_channels_config driver_channels_config(wf_driver *d);
void driver_show_picture(wf_driver *d);
wf_feed_config driver_feed_config(wf_driver *d, const char *version);

#endif
