#include "motion/atmosphere.h"

#include <stddef.h>

#include "base/fmath.h"

// U.S. Standard Atmosphere 1976 (NOAA-S/T 76-1562), section 1.2: constants and table 4.
#define G0_M_S2 9.80665
#define R_GAS 8314.32  // J/(kmol K), the value of the 1976 standard
#define M0_KG_KMOL 28.9644
#define R_AIR (R_GAS / M0_KG_KMOL)
#define R_EARTH_M 6356766.0
#define GAMMA 1.4
#define LOWEST_M (-5000.0)
#define LOWER_TOP_M 86000.0
#define UPPER_TOP_M 1000000.0

// Layers below 86 km: geopotential base, molecular-scale temperature and its lapse rate, pressure at the base.
typedef struct layer {
  double base_m, temp_k, lapse_k_m, pressure_pa;
} layer;
static const layer LAYERS[] = {
    {0.0, 288.15, -0.0065, 101325.0},        {11000.0, 216.65, 0.0, 22632.06397},
    {20000.0, 216.65, 0.0010, 5474.88867},   {32000.0, 228.65, 0.0028, 868.0186848},
    {47000.0, 270.65, 0.0, 110.9063056},     {51000.0, 270.65, -0.0028, 66.93887312},
    {71000.0, 214.65, -0.0020, 3.956420428},
};
#define LAYER_COUNT ((int)(sizeof LAYERS / sizeof LAYERS[0]))

// Above: knots of the standard's table I (density) and table II (molar mass) at geometric heights, joined by cubics in
// the logarithm of the density, with continuous slope; the first knot and its slope continue the layers below.
// Between knots the published densities are met within 1 % (tests/motion/test_atmosphere.c).
typedef struct knot {
  double z_km, ln_density, slope_per_km, molar_kg_kmol;
} knot;
static const knot KNOTS[] = {
    {86, -11.875643808, -0.16748308, 28.95},  {88, -12.231390454, -0.17784912, 28.93},
    {90, -12.587040282, -0.17789307, 28.91},  {92, -12.942962749, -0.17891166, 28.81},
    {94, -13.302686932, -0.18060129, 28.71},  {96, -13.665367900, -0.18178283, 28.60},
    {98, -14.029818261, -0.18231178, 28.50},  {100, -14.394615022, -0.18034845, 28.40},
    {104, -15.099609407, -0.17508409, 27.95}, {108, -15.795287777, -0.17482201, 27.50},
    {112, -16.498185453, -0.16395866, 27.06}, {116, -17.106957076, -0.14051095, 26.63},
    {120, -17.622273053, -0.11968110, 26.20}, {124, -18.064405880, -0.10369303, 25.92},
    {130, -18.625002541, -0.08671314, 25.50}, {140, -19.380139971, -0.06839102, 24.80},
    {150, -19.992822872, -0.05668378, 24.10}, {160, -20.513815613, -0.04914170, 23.54},
    {180, -21.378346817, -0.03948694, 22.42}, {200, -22.093293226, -0.03371260, 21.30},
    {250, -23.524583306, -0.02584903, 19.52}, {300, -24.678196343, -0.02158530, 17.73},
    {350, -25.683112964, -0.01922135, 16.86}, {400, -26.600330844, -0.01779010, 15.98},
    {450, -27.462122579, -0.01681736, 15.16}, {500, -28.282067120, -0.01600975, 14.33},
    {600, -29.805212994, -0.01416223, 11.51}, {700, -31.114513740, -0.01151732, 8.00},
    {800, -32.108677982, -0.00836749, 5.54},  {900, -32.788012546, -0.00580029, 4.40},
    {1000, -33.268734991, -0.00381416, 3.94},
};
#define KNOT_COUNT ((int)(sizeof KNOTS / sizeof KNOTS[0]))

static double geopotential_m(double z_m, double *slope) {
  const double f = R_EARTH_M / (R_EARTH_M + z_m);
  *slope = f * f;
  return f * z_m;
}

static const layer *layer_of(double h_m) {
  int i = 0;
  while (i + 1 < LAYER_COUNT && h_m >= LAYERS[i + 1].base_m) i++;
  return &LAYERS[i];
}

static double lower_density(double z_m, double *slope, double *temp_k) {
  double dh_dz;
  const double h_m = geopotential_m(z_m, &dh_dz);
  const layer *l = layer_of(h_m);
  const double base = l->pressure_pa / (R_AIR * l->temp_k);
  const double above = h_m - l->base_m;
  const double t = l->temp_k + l->lapse_k_m * above;
  *temp_k = t;
  double density, relative;
  if (l->lapse_k_m == 0.0) {
    relative = -G0_M_S2 / (R_AIR * t);
    density = base * wf_exp(relative * above);
  } else {
    const double power = -1.0 - G0_M_S2 / (R_AIR * l->lapse_k_m);
    relative = power * l->lapse_k_m / t;
    density = base * wf_exp(power * wf_log(t / l->temp_k));
  }
  *slope = density * relative * dh_dz;
  return density;
}

static const knot *knot_of(double z_km) {
  int low = 0, high = KNOT_COUNT - 1;
  while (high - low > 1) {
    const int mid = (low + high) / 2;
    if (z_km >= KNOTS[mid].z_km)
      low = mid;
    else
      high = mid;
  }
  return &KNOTS[low];
}

static double upper_density(double z_m, double *slope) {
  const double z_km = z_m * 1e-3;
  const knot *a = knot_of(z_km), *b = a + 1;
  const double step = b->z_km - a->z_km, t = (z_km - a->z_km) / step, u = 1.0 - t;
  const double rise = b->ln_density - a->ln_density, s0 = a->slope_per_km * step, s1 = b->slope_per_km * step;
  const double ln_density = a->ln_density + t * t * (3.0 - 2.0 * t) * rise + t * u * (u * s0 - t * s1);
  const double d_dt = 6.0 * t * u * rise + u * (1.0 - 3.0 * t) * s0 + t * (3.0 * t - 2.0) * s1;
  const double density = wf_exp(ln_density);
  *slope = density * d_dt / step * 1e-3;
  return density;
}

double wf_motion_density_kg_m3(double height_geometric_m, double *d_density_d_h) {
  double slope = 0.0, density = 0.0, temp_k;
  if (height_geometric_m < LOWEST_M) {
    density = lower_density(LOWEST_M, &slope, &temp_k);
    slope = 0.0;
  } else if (height_geometric_m < LOWER_TOP_M) {
    density = lower_density(height_geometric_m, &slope, &temp_k);
  } else if (height_geometric_m < UPPER_TOP_M) {
    density = upper_density(height_geometric_m, &slope);
  }
  if (d_density_d_h != NULL) *d_density_d_h = slope;
  return density;
}

// Kinetic temperature above 86 km: equations 25, 27, 29 and 31 of the standard.
static double upper_temperature_k(double z_m) {
  const double z_km = z_m * 1e-3;
  if (z_km < 91.0) return 186.8673;
  if (z_km < 110.0) {
    const double x = (z_km - 91.0) / 19.9429;
    return 263.1905 - 76.3232 * wf_sqrt(1.0 - x * x);
  }
  if (z_km < 120.0) return 240.0 + 12.0 * (z_km - 110.0);
  const double xi = (z_km - 120.0) * (R_EARTH_M * 1e-3 + 120.0) / (R_EARTH_M * 1e-3 + z_km);
  return 1000.0 - 640.0 * wf_exp(-0.01875 * xi);
}

static void lower_air(double z_m, wf_air *air) {
  double slope, scale_k;
  air->density_kg_m3 = lower_density(z_m, &slope, &scale_k);
  air->pressure_pa = air->density_kg_m3 * R_AIR * scale_k;
  // The molar mass falls by 0.042 % between 80 and 86 km (table 8 of the standard), here as a parabola.
  const double x = z_m > 80000.0 ? (z_m - 80000.0) / 6000.0 : 0.0;
  air->temperature_k = scale_k * (1.0 - 4.21e-4 * x * x);
}

static void upper_air(double z_m, wf_air *air) {
  double slope;
  const knot *k = knot_of(z_m * 1e-3);
  const double t = (z_m * 1e-3 - k->z_km) / ((k + 1)->z_km - k->z_km);
  const double molar = k->molar_kg_kmol + t * ((k + 1)->molar_kg_kmol - k->molar_kg_kmol);
  air->density_kg_m3 = upper_density(z_m, &slope);
  air->temperature_k = upper_temperature_k(z_m);
  air->pressure_pa = air->density_kg_m3 * R_GAS / molar * air->temperature_k;
}

void wf_motion_air(double height_geometric_m, wf_air *air) {
  const double z_m = height_geometric_m < LOWEST_M ? LOWEST_M : height_geometric_m;
  if (z_m < LOWER_TOP_M) {
    lower_air(z_m, air);
  } else if (z_m < UPPER_TOP_M) {
    upper_air(z_m, air);
  } else {
    *air = (wf_air){0.0, 0.0, upper_temperature_k(z_m), 0.0};
    return;
  }
  air->sound_speed_m_s = wf_sqrt(GAMMA * air->pressure_pa / air->density_kg_m3);
}
