#include "base/plant.h"

#ifdef WF_PLANTS
wf_plant wf_planted_bug = WF_PLANT_NONE;
#endif

const char *wf_plant_name(wf_plant plant) {
  static const char *const names[WF_PLANT_COUNT] = {
      "none",
      "acknowledge-before-sync",
      "relay-outside-audience",
      "accept-duplicate",
      "never-ask",
      "reuse-epoch",
      "send-before-epoch",
      "ignore-credit",
      "restore-half",
      "late-without-rollback",
      "refuse-late-arrival",
      "accept-damaged",
      "keep-unsigned",
      "forget-evidence",
      "keep-revoked",
      "forget-unstored",
      "deaf-to-twin",
  };
  return (unsigned)plant < WF_PLANT_COUNT ? names[plant] : NULL;
}

int wf_plant_set(wf_plant plant) {
#ifdef WF_PLANTS
  wf_planted_bug = plant;
  return 1;
#else
  return plant == WF_PLANT_NONE;
#endif
}
