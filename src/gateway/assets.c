#include "assets.h"

#include <string.h>

const wf_gateway_asset *wf_gateway_asset_find(const char *path) {
  for (size_t i = 0; i < wf_gateway_asset_count; i++)
    if (strcmp(wf_gateway_asset_list[i].path, path) == 0) return &wf_gateway_asset_list[i];
  return NULL;
}
