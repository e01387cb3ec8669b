// Announced windows: any text is either windows within their bounds or refused with a reason.
#include <stdlib.h>

#include "warn/windows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static wf_window windows[WF_WINDOWS_MAX];
  size_t count;
  char reason[96];
  const wf_time issued = {INT64_C(1685318400) * WF_NS_PER_S};
  const wf_status status = wf_windows_parse((const char *)data, size, issued, windows, &count, reason);
  if (count > WF_WINDOWS_MAX || (status != WF_OK && reason[0] == '\0')) abort();
  for (size_t i = 0; status == WF_OK && i < count; i++) {
    if (windows[i].point_count > WF_WINDOW_POINTS_MAX || !wf_time_before(windows[i].from, windows[i].to)) abort();
    wf_windows_match(windows, count, windows[i].lat_lon_rad[0], windows[i].lat_lon_rad[1], issued);
  }
  return 0;
}
