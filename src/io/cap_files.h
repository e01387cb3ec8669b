// Released CAP messages in a directory, which the gateway serves under /cap/, and the Atom feed of them.
#ifndef WF_IO_CAP_FILES_H
#define WF_IO_CAP_FILES_H

#include "io/reason.h"
#include "io/xml_sign.h"
#include "model/product.h"
#include "warn/cap.h"

// Appears whole or not at all. The name is the product's id.
wf_status wf_cap_file_put(const char *dir, uint64_t product, const char *xml, size_t size,
                          char reason[WF_IO_REASON_SIZE]);
wf_status wf_cap_named_put(const char *dir, const char *name, const char *text, size_t size,
                           char reason[WF_IO_REASON_SIZE]);
// feed.atom (RFC 4287): the newest messages of the directory; signed with a signer (borrowed). NULL: out of memory.
typedef struct wf_cap_feed wf_cap_feed;
wf_cap_feed *wf_cap_feed_open(const char *dir, wf_nation nation, const wf_xml_signer *signer);
void wf_cap_feed_close(wf_cap_feed *feed);
// Reads what is new in the directory, and writes the feed.
wf_status wf_cap_feed_put(wf_cap_feed *feed, wf_time now, char reason[WF_IO_REASON_SIZE]);

#endif
