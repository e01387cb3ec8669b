// One nation of the real demo: its folder, keys, configuration, daemon, console and feed.
#ifndef WF_CLI_DEMO_NATION_H
#define WF_CLI_DEMO_NATION_H

#include <jansson.h>
#include <sys/types.h>

#include "options.h"

typedef struct demo_nation {
  const char *code;
  char dir[512], config[600], feed[108], replay[108];  // feed: a Unix socket's path is short
  int link_port, udp_port, console_port;
  pid_t daemon, gateway, player;  // player: of recordings
  int feed_fd;
  uint8_t *inbox;  // bytes of the feed not yet a whole message
  size_t inbox_size, inbox_capacity;
  json_t *state;  // sections as of the last message
} demo_nation;

// nation.c: authority, node keys, trust in the others, node.yaml. A message on stderr when something fails.
bool demo_nation_keys(demo_nation *n);
bool demo_nation_trust(const demo_nation *n, const demo_nation *other);
bool demo_nation_configure(const demo_nation *n, const demo_nation *all, size_t count, const wf_scenario *scenario,
                           uint32_t index, wf_time real_epoch, double rate);
// process.c
bool demo_nation_start_daemon(demo_nation *n);
bool demo_nation_start_player(demo_nation *n);
bool demo_nation_start_gateway(demo_nation *n, const demo_nation *all, size_t count, const char *exercise);
void demo_nation_kill_daemon(demo_nation *n);  // as kill -9
void demo_nation_stop(demo_nation *n);         // both, gracefully
// Says on stderr what ended unasked, with the tail of its log. True when all still run.
bool demo_nation_alive(demo_nation *n);
// feed.c
bool demo_nation_connect(demo_nation *n);  // false while the daemon is not there
bool demo_nation_read(demo_nation *n);     // what has come; false when the connection ended
bool demo_nation_set_clock(demo_nation *n, wf_time record_epoch, wf_time real_epoch, double rate, unsigned request);
bool demo_nation_decide(demo_nation *n, const char *product, const char *person, unsigned request);
// The ledger in the feed's `value` section; returns how many, at most cap.
size_t demo_nation_values(const demo_nation *n, wf_value_event *out, size_t cap);

#endif
