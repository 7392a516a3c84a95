/** A visit on the CPU: type, draw, edit, share, come back. */
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { drawn, launch, serve } from "./harness.mjs";

const PROMPT = "two red cars on a road";
const SHOTS = process.env.SEGUE_SHOTS;

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

/** A page on which an error is a failure. */
async function open(url = server.url) {
  const page = await browser.context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(url);
  return { page, errors, by: (id) => page.locator(`segue-studio [data-testid="${id}"]`) };
}

async function shot(page, name) {
  if (!SHOTS) return;
  await mkdir(SHOTS, { recursive: true });
  for (const width of [390, 1440]) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize({ width, height: 1000 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1440, height: 1000 });
}

test("a visit downloads nothing but the page until it draws, and nothing the second time", async () => {
  const { page, errors, by } = await open();
  await page.locator("segue-studio .gallery img").first().waitFor();
  await shot(page, "arrival");
  const isWeight = ({ path }) => path.includes("/weights/") || path.endsWith(".wasm");
  assert.equal(server.requests.filter(isWeight).length, 0);

  await by("prompt").fill(PROMPT);
  await page.locator("segue-studio .marks .known").first().waitFor();
  assert.equal(server.requests.filter(({ path }) => path.includes("/weights/")).length, 0);

  // The gallery may have brought one along.
  await by("seed").fill("3");
  await by("generate").click();
  assert.equal(await drawn(page), null);
  const result = await page.evaluate(() => document.querySelector("segue-studio").result);
  assert.equal(result.prompt, PROMPT);
  assert.equal(result.judge, "B");
  assert.match(await by("backend").textContent(), /CPU/);
  const count = page.locator('segue-studio [data-testid="verdict"] tr[data-clause]').first();
  assert.equal(await count.getAttribute("data-held-plan"), "true");
  assert.ok(["true", "false"].includes(await count.getAttribute("data-held-image")));
  await shot(page, "drawn");
  assert.deepEqual(errors, []);
  await page.close();

  const before = server.requests.length;
  const again = await open();
  await again.by("prompt").fill(PROMPT);
  await again.by("seed").fill("3");
  await again.by("generate").click();
  assert.equal(await drawn(again.page), null);
  const shards = server.requests.slice(before).filter(({ path }) => path.endsWith(".bin"));
  assert.deepEqual(shards, []);
  const same = await again.page.evaluate(() => document.querySelector("segue-studio").result);
  assert.deepEqual(same, result);
  await again.page.close();
});

test("what is edited is checked at once, and drawn on demand", async () => {
  const { page, by } = await open();
  await by("prompt").fill(PROMPT);
  await by("generate").click();
  assert.equal(await drawn(page), null);

  const cars = by("plan").locator('[aria-label*="car"]');
  const count = page.locator('segue-studio [data-testid="verdict"] tr[data-clause]').first();
  await cars.first().focus();
  await page.keyboard.press("Delete");
  await page.locator('segue-studio tr[data-held-plan="false"]').first().waitFor();
  assert.equal(await count.getAttribute("data-held-plan"), "false");

  const box = cars.first();
  const from = await box.boundingBox();
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2 - 30, { steps: 3 });
  await page.mouse.up();
  const to = await cars.first().boundingBox();
  assert.ok(Math.abs(to.y - from.y + 30) < 6, `${from.y} to ${to.y}`);

  // The gallery may have brought one along.
  await by("seed").fill("3");
  await by("generate").click();
  assert.equal(await drawn(page), null);
  const result = await page.evaluate(() => document.querySelector("segue-studio").result);
  assert.equal(result.clauses[0].plan.found, 1);

  // A road that is painted over with the sky is gone, until that is undone.
  const road = (held) => page.locator(`segue-studio tr[data-held-map="${held}"]`, { hasText: "road" }).first();
  await road(true).waitFor();
  const canvas = await by("map").boundingBox();
  await page.locator('segue-studio [aria-label="Pick a class"]').click();
  await page.mouse.click(canvas.x + canvas.width / 2, canvas.y + 4);
  await page.locator('segue-studio [aria-label="Fill"]').click();
  /** Where on the screen there is road, one place after the other. */
  const somewhere = () =>
    page.evaluate(() => {
      const { shown, palette } = document.querySelector("segue-studio");
      const { map } = shown;
      const at = map.classes.indexOf(palette.byName.get("road").id);
      return at < 0 ? null : [((at % map.width) + 0.5) / map.width, (Math.floor(at / map.width) + 0.5) / map.height];
    });
  let fills = 0;
  for (let place = await somewhere(); place; place = await somewhere()) {
    await page.mouse.click(canvas.x + canvas.width * place[0], canvas.y + canvas.height * place[1]);
    fills += 1;
    assert.ok(fills < 200);
  }
  await road(false).waitFor();
  const undo = page.locator('segue-studio [aria-label="Undo"]');
  for (let i = 0; i < fills; i += 1) await undo.click();
  assert.ok(!(await undo.isEnabled()));
  await road(true).waitFor();
  await page.close();
});

test("a link brings an edited plan along", async () => {
  const { page, by } = await open(`${server.url}#prompt=two+red+cars+on+a+road&seed=9&steps=1`);
  await by("generate").click();
  assert.equal(await drawn(page), null);
  await by("plan").locator('[aria-label*="car"]').first().focus();
  await page.keyboard.press("Delete");
  await page.locator('segue-studio tr[data-held-plan="false"]').first().waitFor();
  const edited = await page.evaluate(() => document.querySelector("segue-studio").shown.plan);
  await page.locator('segue-studio [aria-label="Copy a link"]').click();
  await page.waitForURL(/plan=/);

  const other = await open(page.url());
  await other.by("generate").click();
  assert.equal(await drawn(other.page), null);
  const plan = await other.page.evaluate(() => document.querySelector("segue-studio").shown.plan);
  assert.deepEqual(plan.objects.map((o) => o.class), edited.objects.map((o) => o.class));
  await Promise.all([page.close(), other.page.close()]);
});

test("a draw can be cancelled, and the next one works", async () => {
  const { page, by } = await open();
  await by("prompt").fill(PROMPT);
  await by("steps").fill("8");
  await by("generate").click();
  await by("cancel").click();
  const code = await drawn(page);
  assert.ok(code === "cancelled" || code === null, String(code));
  await by("generate").click();
  assert.equal(await drawn(page), null);
  await page.close();
});

/**
 * The picture, and the variant's of the same plan, map and noise.
 * @param {string} [variant] the page's own if none is given
 */
async function compared(variant) {
  const { page, errors, by } = await open(`${server.url}#prompt=a+red+car&seed=4&steps=1`);
  if (variant) await page.locator("segue-studio").evaluate((node, name) => node.setAttribute("variant", name), variant);
  await by("generate").click();
  assert.equal(await drawn(page), null);
  await by("compare").check();
  await by("picture-variant").waitFor({ timeout: 120_000 });
  assert.equal(await drawn(page), null);
  const pictures = await Promise.all(
    ["picture", "picture-variant"].map((id) => by(id).evaluate((canvas) => canvas.toDataURL())),
  );
  await by("compare").uncheck();
  assert.ok(!(await by("picture-variant").isVisible()));
  assert.deepEqual(errors, []);
  await page.close();
  return pictures;
}

test("a variant of the weights draws the same plan beside the picture", async () => {
  // What it adds serves training: it draws with the same networks.
  const [picture, same] = await compared("training");
  assert.equal(same, picture);
});

test("the weights without supervision draw another picture", async () => {
  const [picture, other] = await compared();
  assert.notEqual(other, picture);
});

test("a link brings prompt, seed and steps, and words that are not known are named", async () => {
  const { page, by } = await open(`${server.url}#prompt=a+unicorn+and+a+tree&seed=7&steps=2&lang=vi`);
  assert.equal(await by("prompt").inputValue(), "a unicorn and a tree");
  assert.equal(await by("seed").inputValue(), "7");
  assert.equal(await by("generate").textContent(), "Vẽ");
  await by("prompt").press("End");
  await by("prompt").pressSequentially(" ");
  const note = page.locator("segue-studio .notes li").first();
  await note.waitFor();
  assert.match(await note.textContent(), /unicorn/);
  await page.close();
});
