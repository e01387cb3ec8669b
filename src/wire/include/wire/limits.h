// Bounds of everything a peer can send, checked before anything is allocated or kept (docs/protocol.md, "Limits").
#ifndef WF_WIRE_LIMITS_H
#define WF_WIRE_LIMITS_H

#define WF_PROTOCOL_VERSION 2
#define WF_PROTOCOL_VERSION_MIN 1  // the oldest version this one talks to
#define WF_FRAME_MAX (256 * 1024)  // one frame, without its length prefix
#define WF_BUNDLE_MAX (WF_FRAME_MAX - 64)
#define WF_BUNDLE_RECORDS_MAX 1024
#define WF_PARTS_BODY_MAX (32 * 1024)  // a body that is said in parts
#define WF_PARTS_MAX 12                // bodies said in parts and not yet sealed, per partner
#define WF_RECORD_MAX (64 * 1024)
#define WF_REPORT_MAX (64 * 1024)  // a sensor's datagram
#define WF_REPORT_TRACKS_MAX 256
#define WF_REPORT_LAUNCHES_MAX 64
#define WF_REPORT_SEISMIC_MAX 64
#define WF_HAVE_ENTRIES_MAX 64     // streams in one Have or Ack; more go into a further frame
#define WF_HAVE_RANGES_MAX 32
#define WF_EPOCH_ENDS_MAX 64
#define WF_BYE_TEXT_SIZE 96
#define WF_SEQUENCE_MAX ((UINT64_C(1) << 48) - 1)
#define WF_EPOCH_MAX (UINT64_C(1) << 62)

#endif
