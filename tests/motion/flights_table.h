// Documented test flights with a stated flight time. Figures as announced by the Japanese Ministry of Defense or the
// launching side (public statements), launch sites and bearings from the CNS/NTI North Korea missile test database.
#ifndef WF_TEST_FLIGHTS_TABLE_H
#define WF_TEST_FLIGHTS_TABLE_H

typedef struct documented {
  const char *date_utc, *name;
  double lat_deg, lon_deg, apogee_km, range_km, azimuth_deg, time_min;
} documented;
static const documented FLIGHTS[] = {
    {"2017-07-04", "Hwasong-14", 39.872153, 125.269192, 2802, 933, 86, 39},
    {"2017-08-28", "Hwasong-12", 39.200159, 125.673256, 550, 2700, 73, 14},
    {"2017-11-28", "Hwasong-15", 39.282, 125.869, 4475, 950, 76, 53},
    {"2022-01-29", "Hwasong-12", 40.611208, 126.425743, 2000, 800, 75, 30},
    {"2022-03-24", "Hwasong-15 (claimed 17)", 39.200159, 125.673256, 6248, 1090, 72, 71},
    {"2022-10-03", "new IRBM", 40.611208, 126.425743, 970, 4500, 80, 22},
    {"2023-02-18", "Hwasong-15", 39.200159, 125.673256, 5768.5, 989, 72, 66.9},
    {"2023-03-15", "Hwasong-17", 39.200159, 125.673256, 6045, 1000.2, 65, 69.2},
    {"2023-07-12", "Hwasong-18", 39.112, 125.998, 6648.4, 1001.2, 62, 74.9},
    {"2024-10-30", "Hwasong-19", 39.112, 125.998, 7687, 1001, 62, 86},
};

#endif
