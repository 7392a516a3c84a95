/**
 * Makes the gallery from result folders of `segue generate` or `segue demo`:
 *
 *     node web/gallery/make.mjs PALETTE.json RESULT...
 *
 * PALETTE.json is a bundle's manifest.json, or any JSON with a `palette`. Files are copied as they
 * are: they are what the page shows before anything is downloaded.
 */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

const FILES = ["image.png", "segmap.png", "instances.png"];

const here = new URL("./", import.meta.url).pathname;
const [manifest, ...results] = process.argv.slice(2);
if (!manifest || results.length === 0) {
  console.error("usage: node web/gallery/make.mjs PALETTE.json RESULT...");
  process.exit(2);
}
const { palette } = JSON.parse(await readFile(manifest, "utf8"));
for (const entry of await readdir(here, { withFileTypes: true })) {
  if (entry.isDirectory()) await rm(join(here, entry.name), { recursive: true });
}
const entries = [];
for (const [index, result] of results.entries()) {
  const read = async (name) => JSON.parse(await readFile(join(result, name), "utf8"));
  const [plan, verdict] = [await read("plan.json"), await read("verdict.json")];
  const folder = String(index + 1);
  await mkdir(join(here, folder));
  for (const name of FILES) await copyFile(join(result, name), join(here, folder, name));
  entries.push({
    folder,
    prompt: verdict.prompt,
    lang: verdict.language,
    seed: verdict.seed,
    noNetwork: verdict.weights === null,
    plan,
    verdict,
  });
  console.log(`${basename(result)}: ${verdict.prompt}`);
}
await writeFile(join(here, "index.json"), `${JSON.stringify({ palette, entries })}\n`);
