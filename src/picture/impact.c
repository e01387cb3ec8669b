#include "impact.h"

#include <string.h>

#include "estimate/fall.h"

void wf_pic_impact_of(const wf_flight *f, bool vacuum, wf_impact_area *out) {
  wf_impact impact;
  memset(out, 0, sizeof *out);
  out->reason = WF_IMPACT_NOT_CONVERGED;
  if (f->mode != WF_FLIGHT_COAST || f->ground == WF_FLIGHT_DOWN || !wf_flight_has_state(f)) return;
  wf_flight wide = *f;
  wf_flight_take_loss(&wide);
  if (wf_filter_impact(&wide.filter, vacuum, WF_IMPACT_ATMOSPHERE.gravity, &impact) != WF_OK) return;
  out->reason = (uint8_t)impact.reason;
  out->valid = impact.reason == WF_IMPACT_OK;
  if (!out->valid) return;
  out->time = wf_time_add_s(f->time, impact.delay_s);
  out->time_sigma_s = impact.delay_sigma_s;
  out->area = (wf_ground_ellipse){impact.lat_rad, impact.lon_rad, impact.semi_major_95_m, impact.semi_minor_95_m,
                                  impact.azimuth_rad};
}
