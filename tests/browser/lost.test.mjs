/** A GPU that is lost while it draws. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { drawn, inWorkers, launch, serve } from "./harness.mjs";

test("a GPU that is lost mid-run is said, and the CPU takes over", async () => {
  const server = await serve();
  const browser = await launch({ webgpu: true });
  try {
    const page = await browser.context.newPage();
    await inWorkers(
      page,
      `const { requestDevice } = GPUAdapter.prototype;
      GPUAdapter.prototype.requestDevice = async function (...args) {
        return (self.device = await requestDevice.apply(this, args));
      };
      const { postMessage } = self;
      self.postMessage = (message) => {
        if (message.event?.step === 1) self.device?.destroy();
        postMessage.call(self, message);
      };`,
    );
    await page.goto(`${server.url}#prompt=a+red+car&steps=2`);
    const studio = page.locator("segue-studio");
    await studio.locator('[data-testid="generate"]').click();
    assert.equal(await drawn(page, 600_000), "device-lost");
    await studio.locator('[data-testid="generate"]').click();
    assert.equal(await drawn(page), null);
    assert.match(await studio.locator('[data-testid="backend"]').textContent(), /CPU.*lost/);
    await page.close();
  } finally {
    await browser.close();
    await server.close();
  }
});
