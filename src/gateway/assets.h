// The console's files, compiled in by assets.py: no file paths at run time, so nothing to escape from.
#ifndef WF_GATEWAY_ASSETS_H
#define WF_GATEWAY_ASSETS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct wf_gateway_asset {
  const char *path, *type, *etag;
  bool immutable;  // its name carries a hash of its content
  const unsigned char *plain;
  size_t plain_size;
  const unsigned char *gzip;  // NULL when it would not be smaller
  size_t gzip_size;
} wf_gateway_asset;

extern const wf_gateway_asset wf_gateway_asset_list[];
extern const size_t wf_gateway_asset_count;
extern const bool wf_gateway_assets_built;  // false: only a page that says the console was not built

const wf_gateway_asset *wf_gateway_asset_find(const char *path);

#endif
