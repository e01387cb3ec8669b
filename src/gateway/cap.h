// Released CAP 1.2 messages of this node, from one directory that the daemon writes to: an Atom feed and the files.
#ifndef WF_GATEWAY_CAP_H
#define WF_GATEWAY_CAP_H

#include <stddef.h>
#include <stdint.h>

#define WF_GATEWAY_CAP_MAX 200            // newest messages listed
#define WF_GATEWAY_CAP_SIZE (256u << 10)  // a larger file is not a message of ours

// The Atom feed (RFC 4287), newest first; to be freed. NULL when memory is out.
char *wf_gateway_cap_feed(int directory, int64_t now_s);
// One message by file name (letters, digits, . _ - and ".xml" at the end); to be freed. NULL: no such message.
char *wf_gateway_cap_read(int directory, const char *name);

#endif
