// HTTP and WebSocket by libwebsockets, and nothing else of it: requests go to api.c, consoles get what state.c holds.
#ifndef WF_GATEWAY_SERVER_H
#define WF_GATEWAY_SERVER_H

#include "api.h"
#include "options.h"

#define WF_GATEWAY_CLIENT_MAX 600
#define WF_GATEWAY_CHUNK 16384     // bytes given to the socket at once
#define WF_GATEWAY_STALL_MS 10000  // a console that takes longer for one message is cut off; it comes back

typedef struct wf_gateway_server wf_gateway_server;
struct lws_context;
struct lws_protocols;

// Opens the port. NULL on failure, said through libwebsockets' log. `api` is borrowed.
wf_gateway_server *wf_gateway_server_new(wf_gateway_api *api, const wf_gateway_options *options);
void wf_gateway_server_free(wf_gateway_server *server);
struct lws_context *wf_gateway_server_context(wf_gateway_server *server);

// Something changed: consoles that are ready get it.
void wf_gateway_server_wake(wf_gateway_server *server);
// Once a second: everybody is told the feed's state; those stalled are cut off.
void wf_gateway_server_beat(wf_gateway_server *server);
// The connection that waited gets its reply; takes it over.
void wf_gateway_server_finish(void *connection, wf_gateway_reply *reply);
// `forget` is told of each HTTP connection that goes.
void wf_gateway_server_on_gone(wf_gateway_server *server, void (*forget)(void *context, const void *connection),
                               void *context);

#endif
