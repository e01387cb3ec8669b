// Areas on the ground, as records and sensors' reports state them.
#ifndef WF_WIRE_LAUNCH_AREA_H
#define WF_WIRE_LAUNCH_AREA_H

#include "model/impact_area.h"
#include "pb.h"

// Memory for one on its way out: the pb structs point into it.
typedef struct wf_launch_area_pb {
  Watchfire__V1__GroundEllipse ellipse;
  Watchfire__V1__LaunchArea area;
} wf_launch_area_pb;

// `what` names the message it is part of.
wf_status wf_ellipse_decode(const Watchfire__V1__GroundEllipse *in, wf_ground_ellipse *out, const char *what,
                            char reason[WF_REASON_SIZE]);
Watchfire__V1__GroundEllipse *wf_ellipse_encode(const wf_ground_ellipse *in, Watchfire__V1__GroundEllipse *out);
wf_status wf_time_sigma_check(int64_t ns, double sigma_s, const char *what, char reason[WF_REASON_SIZE]);
wf_status wf_launch_area_decode(const Watchfire__V1__LaunchArea *in, wf_launch_area *out, char reason[WF_REASON_SIZE]);
Watchfire__V1__LaunchArea *wf_launch_area_encode(const wf_launch_area *in, wf_launch_area_pb *memory);

#endif
