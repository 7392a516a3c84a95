/** Pixels out of PNG files: pictures, and maps in the colours of their classes. */

/** @param {Blob} blob @returns {Promise<import("./protocol.d.ts").Image>} */
export async function readPixels(blob) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.drawImage(bitmap, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return { width, height, rgba: new Uint8Array(data.buffer) };
}

/**
 * The map that segmap.png and instances.png hold together.
 * @param {Blob} segmap
 * @param {Blob} instances
 * @param {import("./studio/palette.js").Palette} palette
 * @returns {Promise<import("./protocol.d.ts").SegMap>}
 */
export async function readMap(segmap, instances, palette) {
  const [classes, objects] = await Promise.all([readPixels(segmap), readPixels(instances)]);
  const { width, height, rgba } = classes;
  const n = width * height;
  const map = { width, height, classes: new Uint8Array(n), instances: new Uint8Array(n) };
  for (let at = 0; at < n; at += 1) {
    const [r, g, b] = rgba.subarray(4 * at, 4 * at + 3);
    map.classes[at] = palette.byColour.get((r << 16) | (g << 8) | b) ?? 0;
    map.instances[at] = objects.rgba[4 * at];
  }
  return map;
}
