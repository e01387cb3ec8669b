// Status codes: every function of the core that can fail returns one; results go through out-parameters.
#ifndef WF_BASE_STATUS_H
#define WF_BASE_STATUS_H

typedef enum wf_status {
  WF_OK = 0,
  WF_EINVAL,      // an argument or a value is outside its documented range
  WF_EFORMAT,     // bytes or text do not follow their format
  WF_EVERSION,    // format or protocol version not understood
  WF_EFULL,       // a bounded container has no room
  WF_EAGAIN,      // more input is needed
  WF_ENOTFOUND,   // no such thing
  WF_EEXIST,      // already there
  WF_EDENIED,     // policy or authentication says no
  WF_ESIGNATURE,  // a signature or hash does not match
  WF_EMODE,       // exercise, test and live would be mixed
  WF_ETIME,       // a time is impossible or out of window
  WF_ESINGULAR,   // a matrix cannot be inverted or factored
  WF_EDIVERGED,   // an iteration did not converge
  WF_ENOMEM,      // allocation at creation failed
  WF_EIO,         // the driver could not read or write
  WF_STATUS_COUNT
} wf_status;

// Short stable name ("denied", "format", …) for logs and counters. Never NULL.
const char *wf_status_name(wf_status status);

#endif
