// The shape of what tables.py makes of the categories' descriptions (README.md beside it). Only this folder includes
// it.
#ifndef WF_SENSOR_ASTERIX_TABLES_H
#define WF_SENSOR_ASTERIX_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sensor/asterix.h"

enum { AST_NONE = 0xffff, AST_RANDOM = 0xfffe };  // no node; random field sequencing

typedef enum ast_kind {
  AST_ELEMENT,    // a leaf inside something else
  AST_NESTED,     // a named group inside something else: only its leaves are read
  AST_FIXED,      // leaves over `size` octets
  AST_EXTENDED,   // parts, each ending in a continuation bit
  AST_REPEAT,     // a count of `bits` octets, then so many times `size` octets
  AST_REPEAT_FX,  // `size` octets, again while their last bit is set
  AST_COMPOUND,   // presence bits, then subfields
  AST_EXPLICIT,   // a length octet that counts itself, then anything
} ast_kind;

typedef enum ast_type { AST_BITS, AST_NUMBER, AST_CASE, AST_OCTAL, AST_ICAO, AST_ASCII, AST_BDS } ast_type;

enum {
  AST_SIGNED = 1,
  AST_CHECKED = 2,    // min and max hold
  AST_SCALAR = 4,     // no names below it: written as a value, not as an object
  AST_HARD = 16,      // beyond them it cannot be what it is said to be: a latitude of 4330°
  AST_ONE_OCTET = 8,  // compound whose presence bits have no continuation
};

typedef struct ast_node {
  const char *name;       // NULL: none
  uint16_t parent, last;  // AST_NONE for a root; the last node of the subtree that begins here
  uint16_t first, count;  // leaves (fixed, repeat), parts (extended), subfields (compound)
  uint16_t size;
  uint8_t kind, type, bits, flags;
  uint16_t scale, scale2, selector;  // scale2 when the value of `selector` is 1
  uint8_t bds;                       // the Mode S register it holds; 0: its last octet says which
  int64_t min, max;
} ast_node;

typedef struct ast_leaf {
  uint16_t node, bit;
  uint8_t bits, flags;
} ast_leaf;

typedef struct ast_part {
  uint16_t first, count, size;
} ast_part;

typedef struct ast_scale {
  int64_t num, den;
  int decimals;  // enough to tell two neighbouring values apart, all where they are few
  const char *unit;
  double si;  // what one step is in SI units, radians for angles
} ast_scale;

struct wf_asterix_spec {
  uint8_t category;
  const char *edition;
  struct ast_uap {
    uint16_t count;
    const uint16_t *node;
  } uap[2];           // the second where `selector` has the value `second`
  uint16_t selector;  // AST_NONE: there is only one
  uint8_t second;
};

typedef struct ast_expansion {
  uint8_t category;
  const char *edition;
  uint16_t root;
} ast_expansion;

typedef struct ast_register {
  uint8_t number;
  uint16_t root;
} ast_register;

extern const ast_node ast_nodes[];
extern const ast_leaf ast_leaves[];
extern const ast_part ast_parts[];
extern const uint16_t ast_subs[];
extern const ast_scale ast_scales[];
extern const wf_asterix_spec ast_specs[];
extern const ast_expansion ast_expansions[];
extern const ast_register ast_registers[];
extern const size_t ast_spec_count, ast_expansion_count, ast_register_count, ast_node_count;

static inline bool ast_within(uint16_t node, uint16_t root) {
  return node >= root && node <= ast_nodes[root].last;
}

#endif
