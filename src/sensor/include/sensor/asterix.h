// EUROCONTROL ASTERIX, categories 001 002 015 034 048 062 063 065: bytes → records → bytes, or JSON.
//
// A record is a flat list of values in the order of the bytes. Each names its field; which fields an edition has and
// how they lie comes from the descriptions in src/sensor/asterix. Nothing is allocated, nothing is kept but pointers
// into the input. The edition of a category must be chosen: read with the wrong one, a record is other numbers, so
// every field is held against its range: latitudes, longitudes and times of day that cannot be, and more than two other
// values beyond what the specification states, make no record.
#ifndef WF_SENSOR_ASTERIX_H
#define WF_SENSOR_ASTERIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/status.h"

typedef struct wf_asterix_spec wf_asterix_spec;  // one edition of one category

// Which edition each category is read with; NULL: that category is not read.
typedef struct wf_asterix_editions {
  const wf_asterix_spec *spec[256];
  uint16_t expansion[256];  // how the Reserved Expansion Field is read
} wf_asterix_editions;

void wf_asterix_editions_newest(wf_asterix_editions *out);
// WF_ENOTFOUND when there is no description of it.
wf_status wf_asterix_choose(wf_asterix_editions *editions, unsigned category, const char *edition);
wf_status wf_asterix_choose_expansion(wf_asterix_editions *editions, unsigned category, const char *edition);
const wf_asterix_spec *wf_asterix_spec_at(size_t index);  // every edition described; NULL past the last
unsigned wf_asterix_category(const wf_asterix_spec *spec);
const char *wf_asterix_edition(const wf_asterix_spec *spec);

// ---- Records ------------------------------------------------------------------------------------------------------
#define WF_ASTERIX_FIELD_NONE 0xffff
#define WF_ASTERIX_ITEMS_MAX 96
#define WF_ASTERIX_VALUES_MAX 4096

typedef struct wf_asterix_value {
  uint16_t field;  // of wf_asterix_field
  uint16_t rep;    // 0, 1, … within a repetitive item; the item itself stands before its values, raw = how often
  uint32_t at;     // offset in the record's data of what holds it
  int64_t raw;     // unscaled
} wf_asterix_value;

typedef struct wf_asterix_record {
  const wf_asterix_spec *spec;
  wf_bytes data;           // what the offsets count in
  uint32_t at, size;       // the record's own bytes
  uint16_t expansion;      // how its expansion field was read
  uint16_t outside;        // values beyond what the specification states, though they could be meant
  uint16_t outside_field;  // the first of them
  int64_t outside_raw;
  uint16_t unknown;  // octets of extensions that this edition does not know, skipped
  uint16_t item_count, value_count;
  struct wf_asterix_item {
    uint16_t field, first;  // index of its first value
    uint32_t at, size;
  } item[WF_ASTERIX_ITEMS_MAX];
  wf_asterix_value value[WF_ASTERIX_VALUES_MAX];
} wf_asterix_record;

typedef enum wf_asterix_fault_kind {
  WF_ASTERIX_FINE = 0,
  WF_ASTERIX_SHORT_BLOCK,       // fewer bytes left than a block's head, or than its length says
  WF_ASTERIX_BAD_LENGTH,        // a block's length below 3
  WF_ASTERIX_UNKNOWN_CATEGORY,  // the block is skipped
  WF_ASTERIX_NO_ITEMS,          // a record without any item
  WF_ASTERIX_UNKNOWN_ITEM,      // no such item in this edition: its length is unknown, the rest of the block is lost
  WF_ASTERIX_UNKNOWN_SUBFIELD,  // the same inside a compound item
  WF_ASTERIX_TRUNCATED,         // an item reaches beyond its block
  WF_ASTERIX_OUT_OF_RANGE,      // a value its definition does not allow: most likely another edition
  WF_ASTERIX_TOO_MUCH,          // more items or values than a record may have here
  WF_ASTERIX_FAULT_COUNT
} wf_asterix_fault_kind;
const char *wf_asterix_fault_name(wf_asterix_fault_kind kind);

typedef struct wf_asterix_fault {
  wf_asterix_fault_kind kind;
  uint8_t category;
  const wf_asterix_spec *spec;
  size_t at;       // offset of the bad place in the input
  uint16_t field;  // WF_ASTERIX_FIELD_NONE when it has none
  int64_t raw;     // the value, the field reference number, or the length
} wf_asterix_fault;
#define WF_ASTERIX_TEXT_SIZE 160
// "062 edition 1.18, I062/105/LAT: 4330.13 deg is out of range". Returns out.
char *wf_asterix_fault_text(const wf_asterix_fault *fault, char out[WF_ASTERIX_TEXT_SIZE]);

// Walks the records of the blocks in data, which lie one behind the other.
typedef struct wf_asterix_cursor {
  const wf_asterix_editions *editions;
  wf_bytes data;
  size_t at, block_at, block_end;
} wf_asterix_cursor;
static inline wf_asterix_cursor wf_asterix_cursor_of(const wf_asterix_editions *editions, wf_bytes data) {
  return (wf_asterix_cursor){editions, data, 0, 0, 0};
}
// WF_OK and a record; WF_EFORMAT and a fault, after which it may be called again for what follows (the next record
// where lengths allow, else the next block); WF_EAGAIN at the end.
wf_status wf_asterix_next(wf_asterix_cursor *cursor, wf_asterix_record *record, wf_asterix_fault *fault);

// ---- Values -------------------------------------------------------------------------------------------------------
// The field of an edition by its path: "040/RHO", "050/COM/NOGO", "140". WF_ASTERIX_FIELD_NONE when there is none.
uint16_t wf_asterix_field(const wf_asterix_spec *spec, const char *path);
// The first value of a field in a record; NULL when it is not there.
const wf_asterix_value *wf_asterix_find(const wf_asterix_record *record, uint16_t field);
// In SI units, angles in radians; codes as they are. `of` tells which of two scales (I062/380 IAS): may be NULL.
double wf_asterix_si(uint16_t field, int64_t raw);
// In the unit of the specification.
double wf_asterix_number(uint16_t field, int64_t raw);
const char *wf_asterix_unit(uint16_t field);

// {"cat":48,"edition":"1.32","items":{…}} with names and units of the specification, no line end. WF_EFULL when it does
// not fit.
wf_status wf_asterix_json(const wf_asterix_record *record, char *out, size_t size, size_t *length);
// The same record as [{"item","hex","values":[[path, raw, value]…]}…]: every value by itself, to compare decoders.
wf_status wf_asterix_json_raw(const wf_asterix_record *record, char *out, size_t size, size_t *length);

// ---- Encoding -----------------------------------------------------------------------------------------------------
// A record to be filled: items in the order of the UAP, values in the order of the bytes; a repetitive item's count
// before its values; RE with 0 before the fields of the expansion (set record->expansion first).
void wf_asterix_begin(wf_asterix_record *record, const wf_asterix_spec *spec);
// Appends a value by its field; opens the field's item when it is not open. WF_EINVAL when it is out of order, does not
// fit its bits or is out of range.
wf_status wf_asterix_put(wf_asterix_record *record, uint16_t field, int64_t raw);
// The same in SI units, rounded to the nearest step.
wf_status wf_asterix_put_si(wf_asterix_record *record, uint16_t field, double value);
// The record's bytes, without the head of a block.
wf_status wf_asterix_encode(const wf_asterix_record *record, uint8_t *out, size_t size, size_t *length);
// Head of a block in front of `length` bytes of records already at out + 3.
wf_status wf_asterix_block(unsigned category, uint8_t *out, size_t length);

#endif
