// A picture with 256 colours: a third of the size, and the eye sees no difference on these screens.
import fs from 'node:fs';
import UPNG from 'upng-js';

export function shrink(file) {
  const image = UPNG.decode(fs.readFileSync(file));
  const small = Buffer.from(UPNG.encode([UPNG.toRGBA8(image)[0]], image.width, image.height, 256));
  fs.writeFileSync(file, small);
  return small.length;
}
