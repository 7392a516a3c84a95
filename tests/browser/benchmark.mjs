/**
 * Measures the built page in headless Chromium and writes browser.json and browser.md:
 *
 *     node tests/browser/benchmark.mjs OUT [ORT ONNX]
 *
 * ORT is the `dist` folder of the npm package onnxruntime-web, ONNX what `twin.py onnx` wrote: with
 * them the same networks are timed in ONNX Runtime Web, in turns with Segue's.
 */
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { DIST, drawn, launch, serve, WEIGHTS } from "./harness.mjs";

const PROMPT = "Two sheep, one eating grass with a tree in front of a mountain; the sky has a cloud";

const [out, ort, onnx] = process.argv.slice(2);
if (!out || (ort && !onnx)) {
  console.error("usage: node tests/browser/benchmark.mjs OUT [ORT ONNX]");
  process.exit(2);
}

/** Bytes of the files of a folder that end in a certain way, without folders below it. */
async function bytes(folder, ending) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Milliseconds of the networks, by the benchmark page. */
async function networks(url) {
  const browser = await launch({ webgpu: true });
  try {
    const page = await browser.context.newPage();
    // A GPU in software takes its time.
    const query = new URLSearchParams({ rounds: "3" });
    if (ort) {
      query.set("ort", "../ort/ort.webgpu.bundle.min.mjs");
      query.set("onnx", `${new URL(url).origin}/onnx/`);
    }
    await page.goto(`${url}benchmark.html?${query}`);
    await page.locator("button").click();
    await page.waitForFunction(() => window.measured, null, { timeout: 3_000_000, polling: 1000 });
    const measured = await page.evaluate(() => window.measured);
    if (measured.error) throw new Error(measured.error);
    return { ...measured, browser: browser.context.browser()?.version() };
  } finally {
    await browser.close();
  }
}

/** A visit on the CPU: what it waits for, how long the page's own thread is blocked, how much memory it takes. */
async function visit(url) {
  const browser = await launch();
  try {
    const page = await browser.context.newPage();
    await page.addInitScript(() => {
      window.blocked = [];
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) window.blocked.push([startTime, duration]);
      }).observe({ type: "longtask" });
    });
    await page.goto(`${url}#prompt=${encodeURIComponent(PROMPT)}&steps=4`);
    const go = page.locator('segue-studio [data-testid="generate"]');
    await page.locator("segue-studio .gallery img").first().waitFor();
    const draws = [];
    for (let i = 0; i < 6; i += 1) {
      const start = Date.now();
      const from = await page.evaluate(() => performance.now());
      await go.click();
      const failed = await drawn(page);
      if (failed) throw new Error(failed);
      const all = await page.evaluate((from) => window.blocked.filter(([start]) => start >= from).map(([, ms]) => ms), from);
      draws.push({ milliseconds: Date.now() - start, longestTask: Math.max(0, ...all) });
    }
    const cdp = await browser.context.newCDPSession(page);
    const { usedSize } = await cdp.send("Runtime.getHeapUsage");
    const wasm = await page.evaluate(() => document.querySelector("segue-studio").client.memory());
    return { first: draws[0], later: draws.slice(1), pageHeap: usedSize, workerWasm: wasm };
  } finally {
    await browser.close();
  }
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const server = await serve({ folders: { ort, onnx } });
try {
  const sizes = {
    code: (await bytes(join(DIST, "wasm"), ".wasm.br")) + (await bytes(DIST, ".js.br")) + (await bytes(join(DIST, "studio"), ".js.br")) + (await bytes(join(DIST, "wasm"), ".js.br")) + (await bytes(join(DIST, "words"), ".js.br")),
    weights: await bytes(WEIGHTS, ".bin"),
  };
  const measured = { cpu: cpus()[0].model, cores: cpus().length, sizes, visit: await visit(server.url), ...(await networks(server.url)) };
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "browser.json"), `${JSON.stringify(measured, null, 2)}\n`);
  await writeFile(join(out, "browser.md"), report(measured));
  console.log(report(measured));
} finally {
  await server.close();
}

function report({ cpu, cores, sizes, visit, rows, missing, browser }) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => name !== "name");
  const of = (name) => rows.find((row) => row.name === name);
  const line = (cells) => `| ${cells.join(" | ")} |\n`;
  const number = (value) => (typeof value === "number" ? value.toFixed(1) : "");
  const ratios = ["cpu", "webgpu"].flatMap((backend) => {
    const [own, peer] = [of(`Segue, ${backend}`), of(`ONNX Runtime Web, ${backend}`)];
    if (!own || !peer) return [];
    return ["denoiser", "decoder"].map((what) => `- ${what}, ${backend}: ${(peer[what] / own[what]).toFixed(2)} times the speed of ONNX Runtime Web\n`);
  });
  return [
    "# The page, measured\n\n",
    `Chromium ${browser}, headless, ${cores} cores (${cpu}); WebGPU is SwiftShader's, a GPU in software. Written by\n`,
    "`node tests/browser/benchmark.mjs`; the networks in ONNX Runtime Web are the same ones, exported through\nPyTorch.\n\n",
    `- code ${(sizes.code / 1e6).toFixed(2)} MB (brotli), weights ${(sizes.weights / 1e6).toFixed(2)} MB\n`,
    `- a visit on the CPU, prompt to verdict at 4 steps, previews shown: ${median(visit.later.map((d) => d.milliseconds))} ms; the first, with download and loading, ${visit.first.milliseconds} ms\n`,
    `- longest task of the page's own thread while drawing: ${Math.max(visit.first.longestTask, ...visit.later.map((d) => d.longestTask))} ms\n`,
    `- memory: ${(visit.workerWasm / 1e6).toFixed(0)} MB of wasm, ${(visit.pageHeap / 1e6).toFixed(0)} MB of the page's heap\n`,
    ...ratios,
    "\nMilliseconds, medians; `denoiser` is one evaluation, `prompt to verdict` 4 steps without previews.\n\n",
    line(["", ...rows.map((row) => row.name)]),
    line(["---", ...rows.map(() => "--:")]),
    ...names.map((name) => line([name, ...rows.map((row) => number(row[name]))])),
    ...Object.entries(missing).map(([name, why]) => `\n${name}: ${why}\n`),
  ].join("");
}
