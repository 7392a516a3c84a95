/** Results that were computed beforehand: they show what Segue does before anything is loaded. */

import { readMap, readPixels } from "../pixels.js";
import { Palette } from "./palette.js";

/**
 * @typedef {{ prompt: string, lang: "en" | "vi", seed: number, noNetwork: boolean,
 *   plan: import("../protocol.d.ts").Plan, verdict: import("../protocol.d.ts").Verdict, folder: string }} Entry
 */

/** @param {URL} base @returns {Promise<{ palette: Palette, entries: Entry[] }>} */
export async function loadGallery(base) {
  const response = await fetch(new URL("gallery/index.json", base));
  if (!response.ok) throw new Error(`the gallery answers ${response.status}`);
  const { palette, entries } = await response.json();
  return { palette: new Palette(palette.classes), entries };
}

/** @param {URL} base @param {Entry} entry */
export const pictureUrl = (base, entry) => new URL(`gallery/${entry.folder}/image.png`, base).href;

/**
 * The pixels of an entry.
 * @param {URL} base @param {Entry} entry @param {Palette} palette
 * @returns {Promise<{ map: import("../protocol.d.ts").SegMap, image: import("../protocol.d.ts").Image }>}
 */
export async function loadPixels(base, entry, palette) {
  const [image, segmap, instances] = await Promise.all(
    ["image.png", "segmap.png", "instances.png"].map(async (name) =>
      (await fetch(new URL(`gallery/${entry.folder}/${name}`, base))).blob(),
    ),
  );
  return { map: await readMap(segmap, instances, palette), image: await readPixels(image) };
}
