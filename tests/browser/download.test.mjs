/** Weights that do not arrive as they should. */
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import { drawn, inWorkers, launch, NO_SIMD, serve } from "./harness.mjs";

/** Draws on a server, or with workers, that misbehave; returns the codes of two tries. */
async function twice(options, patch = "") {
  const server = await serve(options);
  const browser = await launch();
  try {
    const page = await browser.context.newPage();
    await inWorkers(page, patch);
    await page.goto(server.url);
    await page.locator('segue-studio [data-testid="prompt"]').fill("a red car");
    const go = page.locator('segue-studio [data-testid="generate"]');
    const codes = [];
    for (let i = 0; i < 2; i += 1) {
      await go.click();
      codes.push(await drawn(page));
    }
    const status = await page.locator("segue-studio .status").textContent();
    return { codes, requests: server.requests, status };
  } finally {
    await browser.close();
    await server.close();
  }
}

test("an interrupted download goes on where it stopped", async () => {
  let isFirst = true;
  const misbehave = (path, request, response, file) => {
    if (!isFirst || !path.endsWith("denoiser-0.bin")) return false;
    isFirst = false;
    stat(file).then(({ size }) => {
      response.writeHead(200, { "Content-Length": size });
      createReadStream(file, { end: Math.floor(size / 2) })
        .on("end", () => response.destroy())
        .pipe(response, { end: false });
    });
    return true;
  };
  const { codes, requests } = await twice({ misbehave });
  assert.deepEqual(codes, ["interrupted", null]);
  const shard = requests.filter(({ path }) => path.endsWith("denoiser-0.bin"));
  assert.equal(shard.length, 2);
  assert.match(shard[1].range, /^bytes=[1-9]\d*-$/);
});

test("a damaged file is fetched once more, then named", async () => {
  const misbehave = (path, request, response, file) => {
    if (!path.endsWith("mapper-0.bin")) return false;
    stat(file).then(({ size }) => response.writeHead(200, { "Content-Length": size }).end(Buffer.alloc(size, 7)));
    return true;
  };
  const { codes, requests, status } = await twice({ misbehave });
  assert.deepEqual(codes, ["corrupt", "corrupt"]);
  assert.match(status, /mapper-0\.bin/);
  assert.equal(requests.filter(({ path }) => path.endsWith("mapper-0.bin")).length, 4);
});

test("a browser that cannot keep the weights draws all the same", async () => {
  const patch = 'Cache.prototype.put = () => Promise.reject(new DOMException("full", "QuotaExceededError"));';
  const { codes, status } = await twice({}, patch);
  assert.deepEqual(codes, [null, null]);
  assert.match(status, /could not keep/);
});

test("a browser without SIMD is told so", async () => {
  const { codes } = await twice({}, NO_SIMD);
  assert.deepEqual(codes, ["no-simd", "no-simd"]);
});
