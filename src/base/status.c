#include "base/status.h"

#include <stddef.h>

static const char *const names[WF_STATUS_COUNT] = {
    [WF_OK] = "ok",
    [WF_EINVAL] = "invalid",
    [WF_EFORMAT] = "format",
    [WF_EVERSION] = "version",
    [WF_EFULL] = "full",
    [WF_EAGAIN] = "again",
    [WF_ENOTFOUND] = "not-found",
    [WF_EEXIST] = "exists",
    [WF_EDENIED] = "denied",
    [WF_ESIGNATURE] = "signature",
    [WF_EMODE] = "mode",
    [WF_ETIME] = "time",
    [WF_ESINGULAR] = "singular",
    [WF_EDIVERGED] = "diverged",
    [WF_ENOMEM] = "no-memory",
    [WF_EIO] = "io",
};

const char *wf_status_name(wf_status status) {
  if ((unsigned)status >= WF_STATUS_COUNT || names[status] == NULL) return "unknown";
  return names[status];
}
