// The areas a nation warns: ISO 3166-2 codes, names in English, Japanese and Korean, outlines on land.
#ifndef WF_WARN_AREAS_H
#define WF_WARN_AREAS_H

#include "warn/warn.h"

// JPN: 47 prefectures, KOR: 17 provinces and cities, USA: 50 states, the District of Columbia and five territories; by
// code. Any other nation: NULL and count 0. Outlines are simplified to 1 km (USA 2.5 km), Korean cities that have grown
// are drawn by hand to about 3 km and overlap the province around them; they say nothing about borders.
const wf_area *wf_areas_of(wf_nation nation, size_t *count);

#endif
