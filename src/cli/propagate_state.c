#include "propagate_state.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mat.h"
#include "cli.h"

#define RADIUS_MIN_M 1e6

typedef struct source {
  const char *name;
  int bad;
} source;

__attribute__((format(printf, 2, 3))) static void complain(source *s, const char *format, ...) {
  va_list args;
  va_start(args, format);
  fprintf(stderr, "watchfire propagate: %s: ", s->name);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  s->bad++;
}

static double number(source *s, const json_t *value, const char *field, int index) {
  const double x = json_is_number(value) ? json_number_value(value) : NAN;
  if (isfinite(x)) return x;
  if (index < 0)
    complain(s, "%s: not a finite number", field);
  else
    complain(s, "%s[%d]: not a finite number", field, index);
  return 0.0;
}

static void read_vector(source *s, const json_t *root, const char *field, double out[3]) {
  const json_t *list = json_object_get(root, field);
  if (list == NULL) {
    complain(s, "%s: missing", field);
  } else if (!json_is_array(list) || json_array_size(list) != 3) {
    complain(s, "%s: not a list of 3 numbers", field);
  } else {
    for (int i = 0; i < 3; i++) out[i] = number(s, json_array_get(list, (size_t)i), field, i);
  }
}

// 21 numbers (upper triangle by rows), 36, or 6 rows of 6.
static void read_covariance(source *s, const json_t *list, wf_cli_state *out) {
  double flat[36];
  size_t count = 0;
  bool shape = json_is_array(list);
  const size_t rows = shape ? json_array_size(list) : 0;
  for (size_t i = 0; shape && i < rows; i++) {
    const json_t *item = json_array_get(list, i);
    const size_t columns = json_is_array(item) ? json_array_size(item) : 1;
    shape = rows == 6 ? json_is_array(item) && columns == 6 : (rows == 21 || rows == 36) && !json_is_array(item);
    for (size_t j = 0; shape && j < columns; j++, count++)
      flat[count] = number(s, json_is_array(item) ? json_array_get(item, j) : item, "covariance", (int)count);
  }
  if (!shape || (count != 21 && count != 36)) {
    complain(s, "covariance: not 21 numbers (upper triangle by rows), nor 6 x 6");
    return;
  }
  if (count == 21)
    wf_mat_unpack_upper(6, flat, out->covariance);
  else
    memcpy(out->covariance, flat, sizeof flat);
  double scaled[36];
  for (int i = 0; i < 36; i++) scaled[i] = out->covariance[i];
  wf_mat_symmetrise(6, scaled);
  for (int i = 0; i < 36; i++)
    if (fabs(scaled[i] - out->covariance[i]) >
        1e-6 * sqrt(fabs(out->covariance[i / 6 * 7] * out->covariance[i % 6 * 7]))) {
      complain(s, "covariance: not symmetric");
      return;
    }
  double l[36];
  for (int i = 0; i < 6; i++) scaled[7 * i] += 1e-12 * scaled[7 * i] + 1e-300;  // a zero variance is allowed
  if (wf_mat_cholesky(6, scaled, l) != WF_OK)
    complain(s, "covariance: not positive semi-definite");
  else
    out->has_covariance = true;
}

static void read_fields(source *s, const json_t *root, wf_cli_state *out) {
  if (!json_is_object(root)) {
    complain(s, "not a JSON object");
    return;
  }
  const json_t *time = json_object_get(root, "time_s"), *cov = json_object_get(root, "covariance");
  const json_t *beta = json_object_get(root, "ballistic_coefficient_kg_m2");
  if (time == NULL)
    complain(s, "time_s: missing");
  else
    out->time_s = number(s, time, "time_s", -1);
  read_vector(s, root, "position_m", out->state_ecef);
  read_vector(s, root, "velocity_m_s", out->state_ecef + 3);
  if (beta == NULL)
    complain(s, "ballistic_coefficient_kg_m2: missing (a number, or null)");
  else if (!json_is_null(beta)) {
    out->beta_kg_m2 = number(s, beta, "ballistic_coefficient_kg_m2", -1);
    if (s->bad == 0 && !(out->beta_kg_m2 > 0.0)) complain(s, "ballistic_coefficient_kg_m2: not above 0");
  }
  if (cov != NULL && !json_is_null(cov)) read_covariance(s, cov, out);
  if (s->bad == 0 && wf_vec_norm(out->state_ecef) < RADIUS_MIN_M)
    complain(s, "position_m: within 1,000 km of the Earth's centre");
}

int wf_cli_state_read(const char *path, wf_cli_state *out) {
  memset(out, 0, sizeof *out);
  const bool from_stdin = strcmp(path, "-") == 0;
  source s = {from_stdin ? "standard input" : path, 0};
  FILE *file = from_stdin ? stdin : fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "watchfire propagate: %s: %s\n", path, strerror(errno));
    return WF_CLI_USAGE;
  }
  json_error_t error;
  json_t *root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
  if (root == NULL)
    complain(&s, "line %d, byte %d: %s", error.line, error.position, error.text);
  else
    read_fields(&s, root, out);
  json_decref(root);
  if (!from_stdin) fclose(file);
  return s.bad > 0 ? WF_CLI_BAD_INPUT : WF_CLI_OK;
}
