// Records made by dice from the tables: every item and subfield of an edition, within the bounds.
#ifndef WF_TEST_SENSOR_RECORDS_H
#define WF_TEST_SENSOR_RECORDS_H

#include "base/rng.h"
#include "sensor/asterix.h"

// chance: of each item and subfield being there. Returns the status of the first value refused: WF_OK always.
wf_status test_record(wf_rng *rng, const wf_asterix_spec *spec, uint16_t expansion, double chance,
                      wf_asterix_record *out);

#endif
