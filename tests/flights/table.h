// Flights documented in public, with the class each is expected to get. Sites, apogees, ranges and bearings as announced
// by the Japanese Ministry of Defense, the Korean Joint Chiefs of Staff or the launching side; sites and bearings from
// the CNS/NTI North Korea missile test database. Labels were fixed before any flight was run: of a ballistic flight by
// the longest range its energy could reach (speed at the ground of the vacuum ellipse with that apogee and range).
// What each failure did is made up: a nominal flight, the share of its burn at which it fails, whether it breaks up.
#ifndef WF_TEST_FLIGHTS_TABLE_H
#define WF_TEST_FLIGHTS_TABLE_H

typedef enum kind { BALLISTIC, SPACE_LAUNCH, NOT_BALLISTIC, FAILURE } kind;
typedef enum label { SHORT, MEDIUM, INTERMEDIATE, INTERCONTINENTAL, ORBIT, FLAT, ANY } label;
typedef struct entry {
  const char *date, *name;
  kind kind;
  label label;
  double lat_deg, lon_deg, apogee_km, range_km, azimuth_deg;
  double fails_at;  // share of the burn
  int breaks_up;
} entry;
static const entry TABLE[] = {
    {"1998-08-31", "Taepodong-1 SLV", FAILURE, ANY, 40.8499966, 129.666664, 500, 3000, 85, 0.92, 0},
    {"2006-07-04", "Taepodong-2 SLV/ICBM", FAILURE, ANY, 40.8499966, 129.666664, 1000, 4000, 92, 0.3, 1},
    {"2009-04-05", "Unha-2 SLV", FAILURE, ANY, 40.8499966, 129.666664, 500, 3400, 93, 0.8, 0},
    {"2012-04-12", "Unha-3 SLV", FAILURE, ANY, 39.6596, 124.7057, 581, 2600, 181, 0.45, 1},
    {"2012-12-12", "Unha-3 SLV", SPACE_LAUNCH, ORBIT, 39.6596, 124.7057, 581, 2600, 181, 0, 0},
    {"2016-06-21", "Musudan (Hwasong-10)", BALLISTIC, MEDIUM, 39.1677, 127.4817, 1400, 400, 73, 0, 0},
    {"2017-02-11", "Pukguksong-2", BALLISTIC, MEDIUM, 40.01325, 125.22302, 550, 500, 90, 0, 0},
    {"2017-03-05", "ER Scud salvo 1 of 4", BALLISTIC, MEDIUM, 39.6596, 124.7057, 260, 1000, 77, 0, 0},
    {"2017-03-05", "ER Scud salvo 2 of 4", BALLISTIC, MEDIUM, 39.6596, 124.7057, 260, 1000, 80, 0, 0},
    {"2017-03-05", "ER Scud salvo 3 of 4", BALLISTIC, MEDIUM, 39.6596, 124.7057, 260, 1000, 83, 0, 0},
    {"2017-03-05", "ER Scud salvo 4 of 4", BALLISTIC, MEDIUM, 39.6596, 124.7057, 260, 1000, 86, 0, 0},
    {"2017-07-04", "Hwasong-14", BALLISTIC, INTERCONTINENTAL, 39.872153, 125.269192, 2802, 933, 86, 0, 0},
    {"2017-08-28", "Hwasong-12", BALLISTIC, MEDIUM, 39.200159, 125.673256, 550, 2700, 73, 0, 0},
    {"2017-11-28", "Hwasong-15", BALLISTIC, INTERCONTINENTAL, 39.282, 125.869, 4475, 950, 76, 0, 0},
    {"2021-09-15", "KN-23 rail-mobile", NOT_BALLISTIC, FLAT, 39.275721, 126.804867, 60, 800, 75, 0, 0},
    {"2021-09-27", "Hwasong-8 (12B) HGV", NOT_BALLISTIC, FLAT, 40.611208, 126.425743, 60, 200, 90, 0, 0},
    {"2022-01-04", "Hwasong-12A MaRV", NOT_BALLISTIC, FLAT, 40.611208, 126.425743, 30, 700, 75, 0, 0},
    {"2022-01-29", "Hwasong-12", BALLISTIC, INTERMEDIATE, 40.611208, 126.425743, 2000, 800, 75, 0, 0},
    {"2022-02-26", "Hwasong-17 components", BALLISTIC, MEDIUM, 39.200159, 125.673256, 620, 300, 70, 0, 0},
    {"2022-03-24", "Hwasong-15 (claimed 17)", BALLISTIC, INTERCONTINENTAL, 39.200159, 125.673256, 6248, 1090, 72, 0, 0},
    {"2022-05-04", "unknown ICBM test", FAILURE, ANY, 39.200159, 125.673256, 4000, 1000, 70, 0.6, 0},
    {"2022-10-03", "new IRBM", BALLISTIC, INTERMEDIATE, 40.611208, 126.425743, 970, 4500, 80, 0, 0},
    {"2022-11-01", "SRBM over NLL", BALLISTIC, SHORT, 39.1677, 127.4817, 100, 200, 118, 0, 0},
    {"2022-11-02", "Hwasong-17/15 ICBM", FAILURE, ANY, 39.20299, 125.70926, 5500, 1000, 90, 0.75, 0},
    {"2022-12-18", "MRBM-class (satellite test)", BALLISTIC, MEDIUM, 39.6596, 124.7057, 550, 500, 70, 0, 0},
    {"2023-02-18", "Hwasong-15", BALLISTIC, INTERCONTINENTAL, 39.200159, 125.673256, 5768.5, 989, 72, 0, 0},
    {"2023-03-15", "Hwasong-17", BALLISTIC, INTERCONTINENTAL, 39.200159, 125.673256, 6045, 1000.2, 65, 0, 0},
    {"2023-04-12", "Hwasong-18", BALLISTIC, INTERCONTINENTAL, 39.112, 125.998, 3000, 1000, 63, 0, 0},
    {"2023-05-30", "Chollima-1 SLV", FAILURE, ANY, 39.6596, 124.7057, 500, 3000, 190, 0.5, 0},
    {"2023-06-15", "SRBM irregular", NOT_BALLISTIC, FLAT, 39.20299, 125.70926, 50, 850, 81, 0, 0},
    {"2023-07-12", "Hwasong-18", BALLISTIC, INTERCONTINENTAL, 39.112, 125.998, 6648.4, 1001.2, 62, 0, 0},
    {"2023-11-21", "Chollima-1 SLV", SPACE_LAUNCH, ORBIT, 39.6596, 124.7057, 500, 3000, 170, 0, 0},
    {"2023-12-17", "SRBM", NOT_BALLISTIC, FLAT, 39.20299, 125.70926, 50, 570, 78, 0, 0},
    {"2024-01-14", "Hwasong-16A MaRV", NOT_BALLISTIC, FLAT, 39.112, 125.998, 50, 1000, 64, 0, 0},
    {"2024-05-29", "KN-25 salvo of 18 (first listed)", BALLISTIC, SHORT, 39.200159, 125.673256, 100, 350, 62, 0, 0},
    {"2024-06-30", "SRBM (2 of 2)", FAILURE, ANY, 38.275, 125.071, 100, 350, 45, 0.6, 1},
    {"2024-10-30", "Hwasong-19", BALLISTIC, INTERCONTINENTAL, 39.112, 125.998, 7687, 1001, 62, 0, 0},
    {"2025-01-06", "Hwasong-16B", NOT_BALLISTIC, FLAT, 39.191389, 125.956944, 100, 1100, 58, 0, 0},
};
enum { FLIGHTS = sizeof TABLE / sizeof TABLE[0] };

#endif
