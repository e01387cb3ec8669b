// What the files of the storm share. Nobody outside includes it.
#ifndef WF_SIM_STORM_INSIDE_H
#define WF_SIM_STORM_INSIDE_H

enum { STORM_NODES_MIN = 3, STORM_NODES_MAX = 5 };
extern const char *const STORM_NATIONS[STORM_NODES_MAX];

#endif
