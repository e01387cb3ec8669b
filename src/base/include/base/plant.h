// Planted bugs: mistakes that a test build makes on purpose, one at a time, to show that the storm finds them
// (scripts/planted). Built in by `meson setup -Dplants=true` alone; in every other build wf_planted is 0 and nothing
// of them is in the programs.
#ifndef WF_BASE_PLANT_H
#define WF_BASE_PLANT_H

#include <stddef.h>

typedef enum wf_plant {
  WF_PLANT_NONE,
  WF_PLANT_ACKNOWLEDGE_BEFORE_SYNC,  // "durable" is told to the author when the write begins
  WF_PLANT_RELAY_OUTSIDE_AUDIENCE,   // whoever is connected gets every stream
  WF_PLANT_ACCEPT_DUPLICATE,         // a bundle that comes again is delivered again
  WF_PLANT_NEVER_ASK,                // gaps are seen and not asked for
  WF_PLANT_REUSE_EPOCH,              // a restarted node goes on under the epoch it had
  WF_PLANT_SEND_BEFORE_EPOCH,        // a new epoch is used before it is durable
  WF_PLANT_IGNORE_CREDIT,            // sends however much waits on the link already
  WF_PLANT_RESTORE_HALF,             // records of the own store are held after a restart, and not used
  WF_PLANT_LATE_WITHOUT_ROLLBACK,    // late contributions are applied to the picture as it is
  WF_PLANT_REFUSE_LATE_ARRIVAL,      // what arrives late is left out, though it was said in time
  WF_PLANT_ACCEPT_DAMAGED,           // a stored bundle is taken as it is, though it is not what was written
  WF_PLANT_KEEP_UNSIGNED,            // what was said early and never signed is not taken back
  WF_PLANT_FORGET_EVIDENCE,          // of a fork nothing is told to who was away when it was found
  WF_PLANT_KEEP_REVOKED,             // a revoked partner is served as before
  WF_PLANT_FORGET_UNSTORED,          // what the store had no room for is not written later
  WF_PLANT_DEAF_TO_TWIN,             // another node under the own name is not noticed
  WF_PLANT_COUNT
} wf_plant;

#ifdef WF_PLANTS
extern wf_plant wf_planted_bug;
#define wf_planted(plant) (wf_planted_bug == (plant))
#else
#define wf_planted(plant) 0
#endif

// "acknowledge-before-sync", …; NULL beyond the list. In builds without plants too, so that they can be listed.
const char *wf_plant_name(wf_plant plant);
// Turns one on, or all off with NONE. False in builds without plants.
int wf_plant_set(wf_plant plant);

#endif
