#include "records.h"

#include "tables.h"

static int64_t dice(wf_rng *rng, const ast_node *node) {
  int64_t low = 0, high = node->bits >= 63 ? INT64_MAX : (INT64_C(1) << node->bits) - 1;
  if (node->flags & AST_SIGNED) {
    low = -(INT64_C(1) << (node->bits - 1));
    high = -low - 1;
  }
  if (node->flags & AST_CHECKED) {
    low = node->min;
    high = node->max;
  }
  const double u = wf_rng_uniform(rng);
  if (u < 0.1) return low;
  if (u > 0.9) return high;
  const int64_t v = low + (int64_t)(wf_rng_uniform(rng) * ((double)high - (double)low));
  return v > high ? high : v;
}

static wf_status fill_leaves(wf_rng *rng, wf_asterix_record *r, uint16_t first, uint16_t count) {
  wf_status status = WF_OK;
  for (uint16_t i = 0; i < count && status == WF_OK; i++) {
    const uint16_t field = ast_leaves[first + i].node;
    status = wf_asterix_put(r, field, dice(rng, &ast_nodes[field]));
  }
  return status;
}

static wf_status fill(wf_rng *rng, wf_asterix_record *r, uint16_t field, double chance) {
  const ast_node *node = &ast_nodes[field];
  wf_status status = WF_OK;
  if (node->kind == AST_FIXED) return fill_leaves(rng, r, node->first, node->count);
  if (node->kind == AST_EXTENDED) {
    for (uint16_t i = 0; i < node->count && status == WF_OK; i++) {
      status = fill_leaves(rng, r, ast_parts[node->first + i].first, ast_parts[node->first + i].count);
      if (wf_rng_uniform(rng) > chance) break;
    }
  } else if (node->kind == AST_REPEAT || node->kind == AST_REPEAT_FX) {
    const int64_t times = (node->kind == AST_REPEAT_FX) + (int64_t)(wf_rng_uniform(rng) * 3);
    status = wf_asterix_put(r, field, times);
    for (int64_t i = 0; i < times && status == WF_OK; i++) status = fill_leaves(rng, r, node->first, node->count);
  } else if (node->kind == AST_COMPOUND) {
    bool any = false;
    for (uint16_t i = 0; i < node->count && status == WF_OK; i++) {
      const uint16_t sub = ast_subs[node->first + i];
      const bool last = i + 1 == node->count && !any;
      if (sub == AST_NONE || (wf_rng_uniform(rng) > chance && !last)) continue;
      status = fill(rng, r, sub, chance);
      any = true;
    }
  } else if (node->kind == AST_EXPLICIT) {
    status = wf_asterix_put(r, field, 0);
    if (status == WF_OK && node->name[0] == 'R' && r->expansion != AST_NONE)
      status = fill(rng, r, r->expansion, chance);
  }
  return status;
}

wf_status test_record(wf_rng *rng, const wf_asterix_spec *spec, uint16_t expansion, double chance,
                      wf_asterix_record *out) {
  wf_asterix_begin(out, spec);
  out->expansion = expansion;
  const struct ast_uap *uap = &spec->uap[0];
  wf_status status = WF_OK;
  for (uint16_t i = 0; i < uap->count && status == WF_OK; i++) {
    if (uap->node[i] >= AST_RANDOM || (wf_rng_uniform(rng) > chance && i > 1)) continue;
    status = fill(rng, out, uap->node[i], chance);
    const wf_asterix_value *v = spec->selector == AST_NONE ? NULL : wf_asterix_find(out, spec->selector);
    if (v != NULL) uap = &spec->uap[v->raw == spec->second];
  }
  return status;
}
