/** The browser computes what the command line computes, on its CPU and on a GPU (SwiftShader's). */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { drawn, launch, serve, SEGUE, WEIGHTS } from "./harness.mjs";

const PROMPT = "Two sheep, one eating grass with a tree in front of a mountain; the sky has a cloud";
const SEED = 5;
const STEPS = 1;
/** Levels of 255 by which pixels may differ in the mean, and 99 of 100 of them at most. */
const TOLERANCE = { mean: 1, most: 6 };

/** plan.json, segmap.png and image.png of the command line. */
async function native() {
  const out = await mkdtemp(join(tmpdir(), "segue-native-"));
  try {
    const options = ["--seed", String(SEED), "--steps", String(STEPS), "--weights", WEIGHTS, "--out", out];
    await promisify(execFile)(SEGUE, ["generate", PROMPT, ...options]);
    const [plan, image] = await Promise.all([readFile(join(out, "plan.json"), "utf8"), readFile(join(out, "image.png"), "base64")]);
    return { plan: JSON.parse(plan), image };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** What the page draws, beside the command line's picture as pixels. */
async function inBrowser(backend, image) {
  const server = await serve();
  const browser = await launch({ webgpu: backend === "webgpu" });
  try {
    const page = await browser.context.newPage();
    await page.goto(`${server.url}#prompt=${encodeURIComponent(PROMPT)}&seed=${SEED}&steps=${STEPS}`);
    await page.evaluate(() => {
      document.addEventListener("segue-result", ({ detail }) => (window.drawn = detail));
    });
    await page.locator('segue-studio [data-testid="generate"]').click();
    assert.equal(await drawn(page, 600_000), null);
    const said = await page.locator('segue-studio [data-testid="backend"]').textContent();
    const { plan, got, expected, backend: used } = await page.evaluate(async (image) => {
      const blob = await (await fetch(`data:image/png;base64,${image}`)).blob();
      const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none" });
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const { plan, image: picture, backend } = window.drawn;
      return { plan, backend, got: [...picture.rgba], expected: [...data] };
    }, image);
    return { plan, got, expected, used, said };
  } finally {
    await browser.close();
    await server.close();
  }
}

for (const backend of ["cpu", "webgpu"]) {
  test(`${backend} draws the picture that the command line draws`, async () => {
    const { plan, image } = await native();
    const page = await inBrowser(backend, image);
    assert.equal(page.used, backend, page.said);
    assert.deepEqual(page.plan, plan);
    const differences = page.got.map((value, at) => Math.abs(value - page.expected[at])).sort((a, b) => a - b);
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    const most = differences[Math.floor(0.99 * differences.length)];
    assert.ok(mean <= TOLERANCE.mean && most <= TOLERANCE.most, `mean ${mean}, 99 of 100 within ${most}`);
  });
}
