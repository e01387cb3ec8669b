#include "sensor/publish.h"

#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "geo/wgs84.h"

const char *wf_publish_reason_name(wf_publish_reason reason) {
  static const char *const NAMES[] = {"ok", "height", "climb", "speed", "state"};
  return (unsigned)reason < sizeof NAMES / sizeof NAMES[0] ? NAMES[reason] : "?";
}

// ---- Category 062 -------------------------------------------------------------------------------------------------
typedef struct filling {
  const wf_asterix_spec *spec;
  wf_asterix_record *record;
  bool good;
} filling;

static void put(filling *f, const char *path, int64_t raw) {
  f->good = f->good && wf_asterix_put(f->record, wf_asterix_field(f->spec, path), raw) == WF_OK;
}

// False when the field cannot hold the value.
static bool put_si(filling *f, const char *path, double value) {
  return wf_asterix_put_si(f->record, wf_asterix_field(f->spec, path), value) == WF_OK;
}

static void put_status(filling *f, const wf_publish_track *t) {
  static const char *const FIELDS[] = {"MON", "SPI", "MRH", "SRC", "CNF", "SIM", "TSE", "TSB", "FPC",
                                       "AFF", "STP", "KOS", "AMA", "MD4", "ME",  "MI",  "MD5", "CST"};
  enum { MRH = 2, SRC = 3, CNF = 4, SIM = 5, CST = 17 };
  const int count = t->coasting ? CST + 1 : t->simulated ? 12 : 5;  // as many octets as say something
  for (int i = 0; i < count; i++) {
    char path[16];
    const int64_t raw = i == MRH ? 1 : i == SRC ? 2 : i == CNF ? t->tentative : i == SIM ? t->simulated : i == CST;
    snprintf(path, sizeof path, "080/%s", FIELDS[i]);
    put(f, path, raw);
  }
}

wf_publish_reason wf_publish_062(const wf_asterix_editions *editions, uint8_t sac, uint8_t sic,
                                 const wf_publish_track *t, wf_asterix_record *out) {
  filling f = {editions->spec[62], out, true};
  double r[9], enu[3];
  wf_lla lla;
  for (int i = 0; i < 6; i++)
    if (!(t->state[i] > -1e9 && t->state[i] < 1e9)) return WF_PUBLISH_STATE;
  if (t->state[0] * t->state[0] + t->state[1] * t->state[1] + t->state[2] * t->state[2] < 1e12) return WF_PUBLISH_STATE;
  wf_geo_lla_from_ecef(t->state, &lla);
  wf_geo_enu_from_ecef_rotation(lla.lat_rad, lla.lon_rad, r);
  for (int i = 0; i < 3; i++) enu[i] = r[3 * i] * t->state[3] + r[3 * i + 1] * t->state[4] + r[3 * i + 2] * t->state[5];
  const int64_t day_ns = 86400 * WF_NS_PER_S, since_ns = (t->time.ns % day_ns + day_ns) % day_ns;
  wf_asterix_begin(out, f.spec);
  put(&f, "010/SAC", sac);
  put(&f, "010/SIC", sic);
  put(&f, "015", 0);
  put(&f, "070", since_ns / (WF_NS_PER_S / 128) % (86400 * 128));
  // 180° east is written as 180° west: the field ends just below.
  const double lon_rad = lla.lon_rad > WF_PI - 1e-7 ? -WF_PI : lla.lon_rad;
  if (!f.good || !put_si(&f, "105/LAT", lla.lat_rad) || !put_si(&f, "105/LON", lon_rad)) return WF_PUBLISH_STATE;
  if (!put_si(&f, "185/VX", enu[0]) || !put_si(&f, "185/VY", enu[1])) return WF_PUBLISH_SPEED;
  put(&f, "040", t->number);
  put_status(&f, t);
  if (!put_si(&f, "130", lla.h_m)) return WF_PUBLISH_HEIGHT;
  if (!put_si(&f, "220", enu[2])) return WF_PUBLISH_CLIMB;
  return f.good ? WF_PUBLISH_OK : WF_PUBLISH_STATE;
}

// ---- OEM ----------------------------------------------------------------------------------------------------------
static wf_status fits(int length, size_t size) {
  return length >= 0 && (size_t)length < size ? WF_OK : WF_EFULL;
}

// CCSDS times have no zone: TIME_SYSTEM says UTC.
static const char *clock_text(wf_time time, char out[WF_TIME_RFC3339_SIZE]) {
  wf_time_format(time, 9, out);
  out[strlen(out) - 1] = '\0';
  return out;
}

wf_status wf_oem_header(wf_oem_version version, wf_time created, const char *originator, char *out, size_t size) {
  char at[WF_TIME_RFC3339_SIZE];
  return fits(snprintf(out, size, "CCSDS_OEM_VERS = %s\nCREATION_DATE = %s\nORIGINATOR = %s\n",
                       version == WF_OEM_2 ? "2.0" : "3.0", clock_text(created, at), originator),
              size);
}

wf_status wf_oem_metadata(const char *name, const char *id, wf_time first, wf_time last, char *out, size_t size) {
  char from[WF_TIME_RFC3339_SIZE], to[WF_TIME_RFC3339_SIZE];
  return fits(snprintf(out, size,
                       "\nMETA_START\nOBJECT_NAME = %s\nOBJECT_ID = %s\nCENTER_NAME = EARTH\nREF_FRAME = ITRF2000\n"
                       "TIME_SYSTEM = UTC\nSTART_TIME = %s\nSTOP_TIME = %s\nMETA_STOP\n",
                       name, id, clock_text(first, from), clock_text(last, to)),
              size);
}

wf_status wf_oem_state(wf_time time, const double s[6], char *out, size_t size) {
  char at[WF_TIME_RFC3339_SIZE];
  return fits(snprintf(out, size, "%s %.6f %.6f %.6f %.9f %.9f %.9f\n", clock_text(time, at), 1e-3 * s[0], 1e-3 * s[1],
                       1e-3 * s[2], 1e-3 * s[3], 1e-3 * s[4], 1e-3 * s[5]),
              size);
}

// The lower triangle by rows, km² and so on: element (i, j) of it is (j, i) of the upper one.
wf_status wf_oem_covariance(wf_time time, const double c[21], char *out, size_t size) {
  char at[WF_TIME_RFC3339_SIZE];
  int used = snprintf(out, size, "EPOCH = %s\nCOV_REF_FRAME = ITRF2000\n", clock_text(time, at));
  for (int i = 0; i < 6; i++)
    for (int j = 0; j <= i && fits(used, size) == WF_OK; j++)
      used += snprintf(out + used, size - (size_t)used, "%.12e%c", 1e-6 * c[j * 6 - j * (j - 1) / 2 + i - j],
                       j == i ? '\n' : ' ');
  return fits(used, size);
}
