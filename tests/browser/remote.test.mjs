/** A browser that cannot run the code, on a page that `segue serve` serves: the server draws. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { drawn, inWorkers, launch, NO_SIMD, serveNatively } from "./harness.mjs";

let server;
let browser;

before(async () => {
  server = await serveNatively();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

test("the server draws for a browser without SIMD: prompts, edited plans and painted maps", async () => {
  const page = await browser.context.newPage();
  await inWorkers(page, NO_SIMD);
  const requests = [];
  page.on("request", (request) => {
    if (request.method() === "POST") requests.push(request.postDataJSON());
  });
  await page.goto(`${server.url}#prompt=two+red+cars+on+a+road&seed=3&steps=1`);
  const studio = page.locator("segue-studio");
  const by = (id) => studio.locator(`[data-testid="${id}"]`);
  const result = () => page.evaluate(() => document.querySelector("segue-studio").result);

  await by("generate").click();
  assert.equal(await drawn(page), null);
  assert.equal((await result()).clauses[0].plan.found, 2);
  assert.match(await by("backend").textContent(), /server.*SIMD/i);

  await by("plan").locator('[aria-label*="car"]').first().focus();
  await page.keyboard.press("Delete");
  await by("generate").click();
  assert.equal(await drawn(page), null);
  assert.equal((await result()).clauses[0].plan.found, 1);

  await studio.locator('[aria-label="Fill"]').click();
  const canvas = await by("map").boundingBox();
  await page.mouse.click(canvas.x + canvas.width / 2, canvas.y + canvas.height - 6);
  await by("generate").click();
  assert.equal(await drawn(page), null);
  assert.deepEqual(requests.map(({ plan, map }) => [!!plan, !!map]), [[false, false], [true, false], [true, true]]);
  await page.close();
});
