/** Segue on a page of another origin: the element under the printed policy, and the frame. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { drawn, launch, serve } from "./harness.mjs";

const EXAMPLE = "https://segue.example";

let segue;
let browser;

before(async () => {
  segue = await serve();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await segue?.close();
});

/** The policy that docs/embedding.md prints, for the origin that Segue is served from here. */
async function policy() {
  const text = await readFile(new URL("../../docs/embedding.md", import.meta.url), "utf8");
  const line = text.split("\n").find((line) => line.startsWith("script-src "));
  return line.replaceAll(EXAMPLE, segue.origin);
}

test("a page of another origin embeds the element under the printed policy", async () => {
  const page = `<!doctype html><title>host</title>
    <script type="module" src="${segue.url}segue.js"></script>
    <segue-studio prompt="a red car" lang="vi" steps="2" no-hash></segue-studio>`;
  const host = await serve({
    pages: { "/": page },
    headers: { "Content-Security-Policy": `default-src 'none'; ${await policy()}` },
  });
  try {
    const tab = await browser.context.newPage();
    const violations = [];
    tab.on("console", (message) => {
      if (message.type() === "error") violations.push(message.text());
    });
    await tab.goto(`${host.origin}/`);
    await tab.evaluate(() => {
      window.events = [];
      for (const name of ["segue-load", "segue-progress", "segue-result", "segue-error"]) {
        document.addEventListener(name, (event) => window.events.push([name, event.detail]));
      }
    });
    await tab.locator('segue-studio [data-testid="generate"]').click();
    assert.equal(await drawn(tab), null);
    const names = await tab.evaluate(() => [...new Set(window.events.map(([name]) => name))]);
    assert.deepEqual(names.sort(), ["segue-load", "segue-progress", "segue-result"]);
    const verdict = await tab.evaluate(() => document.querySelector("segue-studio").result);
    assert.equal(verdict.prompt, "a red car");
    assert.deepEqual(violations, []);
    await tab.close();
  } finally {
    await host.close();
  }
});

test("a frame takes its query and tells its page what happens", async () => {
  const frame = `${segue.url}embed.html?prompt=a+blue+boat&lang=en&steps=1`;
  const host = await serve({
    pages: { "/": `<!doctype html><title>host</title><iframe src="${frame}" width="900" height="900"></iframe>` },
  });
  try {
    const tab = await browser.context.newPage();
    await tab.addInitScript(() => {
      window.events = [];
      window.addEventListener("message", ({ data }) => window.events.push(data));
    });
    await tab.goto(`${host.origin}/`);
    await tab.frameLocator("iframe").locator('segue-studio [data-testid="generate"]').click();
    await tab.waitForFunction(() => window.events.some(({ type }) => type === "segue-result"), null, { timeout: 120_000 });
    const { verdict, height } = await tab.evaluate(() => ({
      verdict: window.events.find(({ type }) => type === "segue-result").detail.verdict,
      height: window.events.find(({ type }) => type === "segue-height").detail,
    }));
    assert.equal(verdict.prompt, "a blue boat");
    assert.ok(height > 300, `${height}`);
    await tab.close();
  } finally {
    await host.close();
  }
});
