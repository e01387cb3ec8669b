#!/usr/bin/env python3
"""Turns web/dist into one C file: every file as bytes, and gzipped where that is smaller.

Usage: assets.py DIST_DIR OPENAPI.yaml OUT.c. Without DIST_DIR/index.html one page is made that says the console was not built.
The output is written only when it differs, so that nothing is compiled again without need.
"""
import gzip
import hashlib
import os
import sys

TYPES = {
    '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
    '.json': 'application/json; charset=utf-8', '.svg': 'image/svg+xml', '.png': 'image/png', '.woff2': 'font/woff2',
    '.txt': 'text/plain; charset=utf-8', '.ico': 'image/x-icon', '.webmanifest': 'application/manifest+json',
    '.yaml': 'application/yaml; charset=utf-8',
}

NOT_BUILT = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Watchfire</title>
<h1>Watchfire: the console was not built</h1>
<p>This gateway was compiled without the console's assets. With Node.js 18 or newer, run <code>npm ci</code> and
<code>npm run build</code> in <code>web/</code> and build again.
<p>The interface works: <a href="/api/v1/state">/api/v1/state</a>, <a href="/metrics">/metrics</a>.
"""


def collect(dist):
    files = {}
    for folder, folders, names in os.walk(dist):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(folder, name)
            with open(full, 'rb') as handle:
                files['/' + os.path.relpath(full, dist).replace(os.sep, '/')] = handle.read()
    return files


def array(name, data):
    lines = [f'static const unsigned char {name}[] = {{']
    for start in range(0, len(data), 64):
        lines.append(','.join(map(str, data[start:start + 64])) + ',')
    lines.append('};')
    return '\n'.join(lines)


def main(dist, document, out):
    built = os.path.isfile(os.path.join(dist, 'index.html'))
    files = collect(dist) if built else {'/index.html': NOT_BUILT}
    with open(document, 'rb') as handle:
        files['/api/v1/openapi.yaml'] = handle.read()
    parts = ['#include "assets.h"\n']
    rows = []
    for index, (path, data) in enumerate(sorted(files.items())):
        packed = gzip.compress(data, 9, mtime=0)
        small = len(packed) < len(data) and not path.endswith(('.woff2', '.png'))
        parts.append(array(f'plain_{index}', data or b'\0'))
        if small:
            parts.append(array(f'gzip_{index}', packed))
        kind = TYPES.get(os.path.splitext(path)[1], 'application/octet-stream')
        etag = hashlib.sha256(data).hexdigest()[:24]
        immutable = 'true' if path.startswith('/assets/') else 'false'
        gzipped = f'gzip_{index}, sizeof gzip_{index}' if small else 'NULL, 0'
        rows.append(f'  {{"{path}", "{kind}", "\\"{etag}\\"", {immutable}, plain_{index}, {len(data)}, {gzipped}}},')
    parts.append('const wf_gateway_asset wf_gateway_asset_list[] = {\n' + '\n'.join(rows) + '\n};')
    parts.append('const size_t wf_gateway_asset_count = sizeof wf_gateway_asset_list / sizeof *wf_gateway_asset_list;')
    parts.append(f'const bool wf_gateway_assets_built = {"true" if built else "false"};\n')
    text = '\n'.join(parts)
    if os.path.isfile(out):
        with open(out, encoding='ascii') as handle:
            if handle.read() == text:
                return
    with open(out, 'w', encoding='ascii') as handle:
        handle.write(text)


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2], sys.argv[3])
