// Own areas from GeoJSON (RFC 7946): positions are [longitude, latitude] in degrees.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmath.h"
#include "io/config.h"

enum { RINGS_MAX = 4096, POINTS_MAX = 1000000, AREAS_MAX = 4096 };

typedef struct outline {
  uint32_t rings, *ring_points;
  size_t points, points_cap;
  double *lat_lon_rad;
} outline;

static bool add_point(outline *o, const json_t *position) {
  const json_t *lon = json_array_get(position, 0), *lat = json_array_get(position, 1);
  if (!json_is_number(lon) || !json_is_number(lat) || o->points >= POINTS_MAX) return false;
  const double lon_deg = json_number_value(lon), lat_deg = json_number_value(lat);
  if (!(lon_deg >= -180 && lon_deg <= 180 && lat_deg >= -90 && lat_deg <= 90)) return false;
  if (o->points == o->points_cap) {
    o->points_cap = o->points_cap * 2 + 64;
    double *grown = realloc(o->lat_lon_rad, o->points_cap * 2 * sizeof *grown);
    if (grown == NULL) return false;
    o->lat_lon_rad = grown;
  }
  o->lat_lon_rad[2 * o->points] = lat_deg * WF_DEG;
  o->lat_lon_rad[2 * o->points + 1] = lon_deg * WF_DEG;
  o->points++;
  return true;
}

static bool add_ring(outline *o, const json_t *ring) {
  const size_t count = json_array_size(ring);
  if (count < 4 || o->rings >= RINGS_MAX) return false;
  uint32_t *grown = realloc(o->ring_points, (o->rings + 1) * sizeof *grown);
  if (grown == NULL) return false;
  o->ring_points = grown;
  o->ring_points[o->rings++] = (uint32_t)count;
  for (size_t i = 0; i < count; i++)
    if (!add_point(o, json_array_get(ring, i))) return false;
  return true;
}

static bool add_polygon(outline *o, const json_t *polygon) {
  for (size_t i = 0; i < json_array_size(polygon); i++)
    if (!add_ring(o, json_array_get(polygon, i))) return false;
  return json_array_size(polygon) > 0;
}

static const char *add_geometry(outline *o, const json_t *geometry) {
  const char *type = json_string_value(json_object_get(geometry, "type"));
  const json_t *coordinates = json_object_get(geometry, "coordinates");
  bool ok = type != NULL;
  if (ok && strcmp(type, "Polygon") == 0) {
    ok = add_polygon(o, coordinates);
  } else if (ok && strcmp(type, "MultiPolygon") == 0) {
    for (size_t i = 0; i < json_array_size(coordinates) && ok; i++) ok = add_polygon(o, json_array_get(coordinates, i));
  } else {
    return "geometry is not a Polygon or MultiPolygon";
  }
  return ok && o->points > 0
             ? NULL
             : "geometry has a ring of fewer than 4 positions, or positions that are not [lon, lat] in degrees";
}

static char *copy_name(const json_t *properties, const char *key, const char *otherwise) {
  const char *text = json_string_value(json_object_get(properties, key));
  return strdup(text != NULL ? text : otherwise);
}

static const char *read_feature(const json_t *feature, wf_area *out) {
  const json_t *properties = json_object_get(feature, "properties");
  const char *code = json_string_value(json_object_get(properties, "code"));
  if (code == NULL || code[0] == '\0' || strlen(code) >= sizeof out->code)
    return "properties.code is not an ISO 3166-2 code";
  strcpy(out->code, code);
  out->name_en = copy_name(properties, "name_en", code);
  out->name_ja = copy_name(properties, "name_ja", out->name_en != NULL ? out->name_en : code);
  out->name_ko = copy_name(properties, "name_ko", out->name_en != NULL ? out->name_en : code);
  outline o = {0};
  const char *why = add_geometry(&o, json_object_get(feature, "geometry"));
  out->ring_count = o.rings;
  out->ring_points = o.ring_points;
  out->lat_lon_rad = o.lat_lon_rad;
  return why == NULL && (out->name_en == NULL || out->name_ja == NULL || out->name_ko == NULL) ? "out of memory" : why;
}

wf_status wf_areas_load(const char *path, wf_area **out, size_t *count, wf_diag *diag) {
  json_error_t error;
  json_t *root = json_load_file(path, 0, &error);
  const json_t *features = json_object_get(root, "features");
  const size_t n = json_array_size(features);
  *out = NULL;
  *count = 0;
  if (root == NULL || n == 0 || n > AREAS_MAX) {
    wf_diag_say(diag, path, root == NULL && error.line > 0 ? (unsigned long)error.line : 0, "%s",
                root == NULL ? error.text : "is not a GeoJSON FeatureCollection of 1 to 4096 areas");
    json_decref(root);
    return WF_EFORMAT;
  }
  wf_area *areas = calloc(n, sizeof *areas);
  wf_status status = areas == NULL ? WF_ENOMEM : WF_OK;
  for (size_t i = 0; i < n && status == WF_OK; i++) {
    const char *why = read_feature(json_array_get(features, i), &areas[i]);
    if (why == NULL) continue;
    wf_diag_say(diag, path, 0, "features[%zu]: %s", i, why);
    status = WF_EFORMAT;
  }
  json_decref(root);
  if (status != WF_OK) {
    wf_areas_free(areas, n);
    return status;
  }
  *out = areas;
  *count = n;
  return WF_OK;
}

static void free_const(const void *memory) {
  void *owned;
  memcpy(&owned, &memory, sizeof owned);  // the area's view of it is const; the memory is ours
  free(owned);
}

void wf_areas_free(wf_area *areas, size_t count) {
  for (size_t i = 0; areas != NULL && i < count; i++) {
    free_const(areas[i].name_en);
    free_const(areas[i].name_ja);
    free_const(areas[i].name_ko);
    free_const(areas[i].ring_points);
    free_const(areas[i].lat_lon_rad);
  }
  free(areas);
}
