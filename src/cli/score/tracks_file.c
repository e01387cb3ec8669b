#define _GNU_SOURCE
#include "tracks_file.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fmath.h"
#include "base/hashmap.h"
#include "base/mat.h"
#include "grow.h"
#include "scene.h"

#define TIME_MAX_S 9.0e9  // what wf_time holds
#define LENGTH_MAX 1e12   // m or m/s: beyond, squares lose their meaning

typedef struct reader {
  wf_score_tracks *out;
  wf_diag *diag;
  unsigned long number;
  wf_hashmap ids;  // hash of a track's name → index in out->name
  wf_hashmap_slot *slots;
} reader;

static void say(reader *r, const char *field, const char *what) {
  wf_diag_say(r->diag, r->out->path, r->number, "%s: %s", field, what);
}

static uint64_t hash_of(const char *text) {
  uint64_t h = 0;
  for (; *text != '\0'; text++) h = wf_mix64(h ^ (uint8_t)*text) + 1;
  return h;
}

// Twice the room, every name put again.
static bool rehash(reader *r) {
  const size_t capacity = r->ids.capacity == 0 ? 1024 : 2 * r->ids.capacity;
  wf_hashmap_slot *slots = calloc(capacity, sizeof *slots);
  if (slots == NULL) return false;
  free(r->slots);
  r->slots = slots;
  wf_hashmap_init(&r->ids, slots, capacity);
  uint32_t other;
  for (uint32_t i = 0; i < r->out->names; i++) {
    uint64_t key = hash_of(r->out->name[i]);
    while (wf_hashmap_get(&r->ids, key, &other) == WF_OK) key++;
    wf_hashmap_put(&r->ids, key, i);
  }
  return true;
}

// Index of a track by name, a new one when it is new. WF_SCORE_NONE when out of memory.
static uint32_t intern(reader *r, const char *name) {
  if (2 * (r->out->names + 1) > r->ids.capacity && !rehash(r)) return WF_SCORE_NONE;
  uint64_t key = hash_of(name);
  uint32_t index;
  for (; wf_hashmap_get(&r->ids, key, &index) == WF_OK; key++)
    if (strcmp(r->out->name[index], name) == 0) return index;
  if (!wf_score_grow((void **)&r->out->name, sizeof *r->out->name, r->out->names, &r->out->names_cap))
    return WF_SCORE_NONE;
  char *copy = strdup(name);
  if (copy == NULL) return WF_SCORE_NONE;
  index = (uint32_t)r->out->names++;
  r->out->name[index] = copy;
  wf_hashmap_put(&r->ids, key, index);
  return index;
}

// `count` numbers within ±limit from an array of exactly that many.
static bool read_numbers(reader *r, const json_t *object, const char *field, size_t count, double limit, double *out) {
  const json_t *array = json_object_get(object, field);
  if (!json_is_array(array) || json_array_size(array) != count) {
    wf_diag_say(r->diag, r->out->path, r->number, "%s: %s, %zu numbers are wanted", field,
                array == NULL ? "missing" : "not that", count);
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    const json_t *value = json_array_get(array, i);
    out[i] = json_number_value(value);
    if (json_is_number(value) && fabs(out[i]) <= limit) continue;
    wf_diag_say(r->diag, r->out->path, r->number, "%s[%zu]: %s", field, i,
                json_is_number(value) ? "out of range" : "not a number");
    return false;
  }
  return true;
}

static bool read_number(reader *r, const json_t *object, const char *field, double limit, double *out) {
  const json_t *value = json_object_get(object, field);
  *out = json_number_value(value);
  if (json_is_number(value) && fabs(*out) <= limit) return true;
  say(r, field, value == NULL ? "missing" : json_is_number(value) ? "out of range" : "not a number");
  return false;
}

// Without a covariance a line is scored by its error alone.
static void read_covariance(reader *r, const json_t *object, wf_score_line *line) {
  const json_t *given = json_object_get(object, "covariance");
  double full[36], factor[36];
  if (given == NULL || json_is_null(given)) return;
  if (!read_numbers(r, object, "covariance", 21, 1e24, line->covariance)) return;
  wf_mat_unpack_upper(6, line->covariance, full);
  line->has_covariance = wf_mat_cholesky(6, full, factor) == WF_OK;
  if (!line->has_covariance) say(r, "covariance", "not positive definite: no consistency from this line");
}

static bool read_area(reader *r, const json_t *object, wf_score_claim *claim) {
  const json_t *major = json_object_get(object, "semi_major_95_m");
  if (major == NULL || json_is_null(major)) return true;
  double azimuth_deg;
  if (!read_number(r, object, "semi_major_95_m", LENGTH_MAX, &claim->semi_major_95_m) ||
      !read_number(r, object, "semi_minor_95_m", LENGTH_MAX, &claim->semi_minor_95_m) ||
      !read_number(r, object, "azimuth_deg", 720.0, &azimuth_deg))
    return false;
  claim->azimuth_rad = azimuth_deg * WF_DEG;
  if (claim->semi_minor_95_m > 0.0 && claim->semi_major_95_m >= claim->semi_minor_95_m) return true;
  say(r, "impact", "semi_major_95_m ≥ semi_minor_95_m > 0 is wanted");
  return false;
}

static bool read_claim(reader *r, const json_t *object, wf_score_line *line) {
  const json_t *given = json_object_get(object, "impact");
  wf_score_claim claim = {0};
  double lat_deg, lon_deg;
  line->claim = WF_SCORE_NONE;
  if (given == NULL || json_is_null(given)) return true;
  if (!json_is_object(given)) {
    say(r, "impact", "not an object");
    return true;
  }
  if (!read_number(r, given, "time_s", TIME_MAX_S, &claim.time_s) ||
      !read_number(r, given, "lat_deg", 90.0, &lat_deg) || !read_number(r, given, "lon_deg", 360.0, &lon_deg) ||
      !read_area(r, given, &claim))
    return true;  // told; the rest of the line is good
  claim.lat_rad = lat_deg * WF_DEG;
  claim.lon_rad = lon_deg * WF_DEG;
  wf_score_tracks *out = r->out;
  if (!wf_score_grow((void **)&out->claim, sizeof *out->claim, out->claims, &out->claims_cap)) return false;
  line->claim = (uint32_t)out->claims;
  out->claim[out->claims++] = claim;
  return true;
}

// What decides whether a line counts: status tentative or lost does not.
static bool is_confirmed(const json_t *object) {
  const char *status = json_string_value(json_object_get(object, "status"));
  return status == NULL || (strcmp(status, "tentative") != 0 && strcmp(status, "lost") != 0);
}

static wf_status read_object(reader *r, const json_t *object) {
  wf_score_line line = {.number = r->number, .revised = json_is_true(json_object_get(object, "revised"))};
  const char *name = json_string_value(json_object_get(object, "track"));
  const char *sensor = json_string_value(json_object_get(object, "sensor"));
  double time_s;
  if (name == NULL || *name == '\0') {
    say(r, "track", json_object_get(object, "track") == NULL ? "missing" : "not a text");
    return WF_OK;
  }
  if (!read_number(r, object, "time_s", TIME_MAX_S, &time_s) ||
      !read_numbers(r, object, "position_m", 3, LENGTH_MAX, line.state) ||
      !read_numbers(r, object, "velocity_m_s", 3, LENGTH_MAX, line.state + 3))
    return WF_OK;
  if (!is_confirmed(object)) {
    r->out->not_confirmed++;
    return WF_OK;
  }
  line.time_ns = wf_time_from_s(time_s).ns;
  line.sensor = sensor == NULL ? 0 : (uint32_t)hash_of(sensor) | 1u;
  line.track = intern(r, name);
  read_covariance(r, object, &line);
  wf_score_tracks *out = r->out;
  if (line.track == WF_SCORE_NONE || !read_claim(r, object, &line) ||
      !wf_score_grow((void **)&out->line, sizeof *out->line, out->count, &out->cap))
    return WF_ENOMEM;
  out->line[out->count++] = line;
  return WF_OK;
}

static wf_status read_line(reader *r, const char *text, size_t size) {
  json_error_t error;
  json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
  if (object == NULL) {
    if (json_error_code(&error) == json_error_out_of_memory) return WF_ENOMEM;
    wf_diag_say(r->diag, r->out->path, r->number, "byte %d: %s", error.position, error.text);
    return WF_OK;
  }
  wf_status status = WF_OK;
  if (json_is_object(object))
    status = read_object(r, object);
  else
    wf_diag_say(r->diag, r->out->path, r->number, "not a JSON object");
  json_decref(object);
  return status;
}

static bool is_blank(const char *text, size_t size) {
  for (size_t i = 0; i < size; i++)
    if (memchr(" \t\r\n", text[i], 4) == NULL) return false;
  return true;
}

wf_status wf_score_tracks_parse(FILE *file, const char *name, wf_diag *diag, wf_score_tracks *out) {
  *out = (wf_score_tracks){.path = strdup(name)};
  reader r = {.out = out, .diag = diag};
  wf_status status = out->path == NULL ? WF_ENOMEM : WF_OK;
  char *text = NULL;
  size_t room = 0;
  for (ssize_t got; status == WF_OK && (got = getline(&text, &room, file)) >= 0;) {
    r.number++;
    if (!is_blank(text, (size_t)got)) status = read_line(&r, text, (size_t)got);
  }
  if (status == WF_OK && ferror(file)) {
    wf_diag_say(diag, name, 0, "cannot be read: %s", strerror(errno));
    status = WF_EIO;
  }
  free(text);
  free(r.slots);
  return status;
}

wf_status wf_score_tracks_read(const char *path, wf_diag *diag, wf_score_tracks *out) {
  *out = (wf_score_tracks){0};
  if (strcmp(path, "-") == 0) return wf_score_tracks_parse(stdin, "stdin", diag, out);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    wf_diag_say(diag, path, 0, "%s", strerror(errno));
    return WF_EIO;
  }
  const wf_status status = wf_score_tracks_parse(file, path, diag, out);
  fclose(file);
  return status;
}

void wf_score_tracks_free(wf_score_tracks *tracks) {
  for (size_t i = 0; i < tracks->names; i++) free(tracks->name[i]);
  free(tracks->name);
  free(tracks->line);
  free(tracks->claim);
  free(tracks->path);
  *tracks = (wf_score_tracks){0};
}
