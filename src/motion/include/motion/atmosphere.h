// US Standard Atmosphere 1976 (NOAA-S/T 76-1562) to 86 km geometric height, continued above by a documented
// exponential fit to its upper table (to 1,000 km, 0 beyond). No wind; at rest over the rotating Earth.
#ifndef WF_MOTION_ATMOSPHERE_H
#define WF_MOTION_ATMOSPHERE_H

typedef struct wf_air { double density_kg_m3, pressure_pa, temperature_k, sound_speed_m_s; } wf_air;

void wf_motion_air(double height_geometric_m, wf_air *air);
// Density and its derivative with height (kg/m³, kg/m⁴): what filters use.
double wf_motion_density_kg_m3(double height_geometric_m, double *d_density_d_h);

#endif
