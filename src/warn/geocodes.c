// The codes by which receivers of each nation know an area, beside ISO 3166-2: JIS X 0401 (Japan), the ten-digit
// administrative code of the Ministry of the Interior (Korea, as of 2024: Gangwon 51, Jeonbuk 52), SAME (USA, from FIPS
// 5-2).
#include "geocodes.h"

#include <stdio.h>
#include <string.h>

typedef struct pair {
  char iso[3], code[3];
} pair;

static const pair KOREA[] = {{"11", "11"}, {"26", "26"}, {"27", "27"}, {"28", "28"}, {"29", "29"}, {"30", "30"},
                             {"31", "31"}, {"41", "41"}, {"42", "51"}, {"43", "43"}, {"44", "44"}, {"45", "52"},
                             {"46", "46"}, {"47", "47"}, {"48", "48"}, {"49", "50"}, {"50", "36"}};
static const pair STATES[] = {
    {"AL", "01"}, {"AK", "02"}, {"AZ", "04"}, {"AR", "05"}, {"CA", "06"}, {"CO", "08"}, {"CT", "09"}, {"DE", "10"},
    {"DC", "11"}, {"FL", "12"}, {"GA", "13"}, {"HI", "15"}, {"ID", "16"}, {"IL", "17"}, {"IN", "18"}, {"IA", "19"},
    {"KS", "20"}, {"KY", "21"}, {"LA", "22"}, {"ME", "23"}, {"MD", "24"}, {"MA", "25"}, {"MI", "26"}, {"MN", "27"},
    {"MS", "28"}, {"MO", "29"}, {"MT", "30"}, {"NE", "31"}, {"NV", "32"}, {"NH", "33"}, {"NJ", "34"}, {"NM", "35"},
    {"NY", "36"}, {"NC", "37"}, {"ND", "38"}, {"OH", "39"}, {"OK", "40"}, {"OR", "41"}, {"PA", "42"}, {"RI", "44"},
    {"SC", "45"}, {"SD", "46"}, {"TN", "47"}, {"TX", "48"}, {"UT", "49"}, {"VT", "50"}, {"VA", "51"}, {"WA", "53"},
    {"WV", "54"}, {"WI", "55"}, {"WY", "56"}, {"AS", "60"}, {"GU", "66"}, {"MP", "69"}, {"PR", "72"}, {"VI", "78"}};

static const char *find(const pair *table, size_t count, const char *iso) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(table[i].iso, iso) == 0) return table[i].code;
  return NULL;
}

bool warn_geocode(const char *iso, const char **scheme, char out[WARN_GEOCODE_SIZE]) {
  const char *code = NULL;
  if (strncmp(iso, "JP-", 3) == 0) {
    *scheme = "JIS-X-0401";
    snprintf(out, WARN_GEOCODE_SIZE, "%.8s", iso + 3);
    return strlen(iso) == 5;
  }
  if (strncmp(iso, "KR-", 3) == 0 && (code = find(KOREA, sizeof KOREA / sizeof *KOREA, iso + 3)) != NULL) {
    *scheme = "KR-MOIS";
    snprintf(out, WARN_GEOCODE_SIZE, "%s00000000", code);
  } else if (strncmp(iso, "US-", 3) == 0 && (code = find(STATES, sizeof STATES / sizeof *STATES, iso + 3)) != NULL) {
    *scheme = "SAME";
    snprintf(out, WARN_GEOCODE_SIZE, "0%s000", code);
  }
  return code != NULL;
}
