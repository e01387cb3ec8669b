// Runs one node against the real world: clock, partner links, sensor sockets, store, keys, console feed, CAP files. The
// core does the thinking; every input passes driver_input() in driver.c, every effect driver_perform().
//
// One loop thread runs all of it; the disk has a worker (io/store.h) and so have signatures (signer.h), both one step
// lower in priority. A turn of the loop ends with: write what was queued for partners, hand the batch to the disk. So
// what is said first leaves first, and neither signatures nor the disk delay it.
#ifndef WF_IO_DRIVER_H
#define WF_IO_DRIVER_H

#include <uv.h>

#include "base/log.h"
#include "io/config.h"
#include "io/reason.h"

typedef struct wf_driver wf_driver;

// Opens all in order: keys, store, core, what the store holds, links, sensors, feed. config is borrowed.
wf_status wf_driver_new(const wf_config *config, uv_loop_t *loop, const wf_log_sink *log, const char *version,
                        wf_driver **out, char reason[WF_IO_REASON_SIZE]);
// Stops listening, says goodbye, makes durable what is not yet, and frees. WF_EIO: something could not be stored.
wf_status wf_driver_free(wf_driver *driver);

// Puts another configuration in force, as `person` asked: its partners (new ones, other addresses, trust imported anew,
// suspended and revoked ones) and its release policy. The rest takes a restart; where it differs in what a node is, all
// of it is refused and said through diag. Borrowed from then on, as the first one remains.
wf_status wf_driver_reload(wf_driver *driver, const wf_config *config, const char *person, wf_diag *diag);
// Raises the alarm for a configuration that could not be read again.
void wf_driver_reload_refused(wf_driver *driver);

// Reads the policy file again and puts it in force, as `person` asked. What is wrong with it is told through diag, and the
// old one stays. Each change is a signed record in the nation's own stream.
wf_status wf_driver_reload_policy(wf_driver *driver, const char *person, wf_diag *diag);

// Called after every input the core has taken, with the core as it is then; for measurements.
void wf_driver_watch(wf_driver *driver, void (*watch)(void *context, const wf_node *node), void *context);

uint16_t wf_driver_link_port(const wf_driver *driver);

// For measurements and tests, in mode test alone: bytes that mean nothing, said to the first audience and heard by its
// members (the author included) through the very steps a warning takes. Not from within a callback.
typedef void (*wf_driver_heard)(void *context, const wf_exchange_effect *record);
void wf_driver_hear_test_data(wf_driver *driver, wf_driver_heard heard, void *context);
wf_status wf_driver_say_test_data(wf_driver *driver, wf_priority priority, wf_bytes payload);
const wf_node *wf_driver_node(const wf_driver *driver);

#endif
