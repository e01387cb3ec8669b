// A notice as an officer pastes it in: its windows in few words, proposed as information.
#include <string.h>

#include "inside.h"
#include "warn/windows.h"

// Its own number is how it begins: up to the first stop or line. What cannot be printed is left out.
static void begin_of(const char *text, size_t size, char out[WF_BULLETIN_ORIGIN_SIZE]) {
  size_t n = 0;
  for (size_t i = 0; i < size && n + 1 < WF_BULLETIN_ORIGIN_SIZE && text[i] != '\n' && text[i] != '.'; i++)
    if (text[i] >= ' ' && text[i] <= '~' && (n > 0 || text[i] != ' ')) out[n++] = text[i];
  while (n > 0 && out[n - 1] == ' ') n--;
  out[n] = '\0';
}

static uint64_t name_of(wf_nation nation, const char *text, size_t size) {
  uint64_t name = wf_mix64(wf_nation_bits(nation));
  for (size_t i = 0; i < size; i++) name = wf_mix64(name ^ (uint64_t)(unsigned char)text[i]);
  return name != 0 ? name : 1;
}

wf_status wf_warn_notice(wf_warn *w, wf_time now, const char *text, size_t size, const char *person, char reason[96]) {
  wf_window windows[WF_WINDOWS_MAX];
  wf_bulletin bulletin;
  char origin[WF_BULLETIN_ORIGIN_SIZE];
  size_t count = 0;
  reason[0] = '\0';
  if (person == NULL || !wf_warn_may_act(w, person)) return WF_EDENIED;
  wf_status status = wf_windows_parse(text, size, now, windows, &count, reason);
  if (status != WF_OK) return status;
  begin_of(text, size, origin);
  status = wf_windows_bulletin(windows, count, origin, &bulletin);
  if (status == WF_OK && wf_time_before(bulletin.to, now)) {
    strcpy(reason, "its window is over");
    return WF_ETIME;
  }
  return status == WF_OK ? wf_warn_inform(w, now, name_of(w->config.nation, text, size), &bulletin) : status;
}
