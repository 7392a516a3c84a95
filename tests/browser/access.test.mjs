/** What axe-core finds, in both languages, light and dark, before and after a picture. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { drawn, launch, serve } from "./harness.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

let server;
let browser;

before(async () => {
  server = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** The faults of a page, those that people would meet. */
async function faults(page) {
  const { violations } = await page.evaluate(() => window.axe.run(document));
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.flat().join(" ")).join("; ")}`);
}

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds no serious fault, ${colorScheme}`, async () => {
    const page = await browser.context.newPage();
    await page.emulateMedia({ colorScheme });
    await page.goto(`${server.url}#lang=${colorScheme === "dark" ? "vi" : "en"}`);
    await page.addScriptTag({ path: AXE });
    await page.locator("segue-studio .gallery img").first().waitFor();
    assert.deepEqual(await faults(page), []);
    await page.locator('segue-studio [data-testid="prompt"]').fill("a unicorn and a red car");
    await page.locator('segue-studio [data-testid="steps"]').fill("1");
    await page.locator('segue-studio [data-testid="generate"]').click();
    assert.equal(await drawn(page), null);
    assert.deepEqual(await faults(page), []);
    await page.close();
  });
}
