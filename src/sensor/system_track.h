// Where an edition of category 062 says what a state is made of.
#ifndef WF_SENSOR_SYSTEM_TRACK_H
#define WF_SENSOR_SYSTEM_TRACK_H

#include "sensor/radar.h"

void wf_sensor_track_fields(const wf_asterix_editions *editions, struct wf_radar_track_fields *out);

#endif
