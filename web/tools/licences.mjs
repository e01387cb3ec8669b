// After the build: the licences of what is compiled into the console, beside it as licences.txt.
import fs from 'node:fs';
import path from 'node:path';

const PACKED = ['svelte', 'clsx', 'esm-env', 'd3-geo', 'd3-array', 'internmap', 'topojson-client', 'world-atlas', '@fontsource-variable/inter'];
const parts = ['The Watchfire console carries these works of others. Land: Natural Earth, public domain.\n'];
for (const name of PACKED) {
  const folder = path.join('node_modules', name);
  const { version, license } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(folder).find((f) => /^licen[cs]e/i.test(f));
  if (!file) throw new Error(`${name} carries no licence file`);
  parts.push(`==== ${name} ${version} (${license}) ====\n${fs.readFileSync(path.join(folder, file), 'utf8').trim()}\n`);
}
fs.writeFileSync('dist/licences.txt', parts.join('\n'));
