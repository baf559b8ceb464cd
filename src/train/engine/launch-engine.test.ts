import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "./launch-engine.ts";

test("the port that is wanted is given where it is free, and another one where it is taken", async () => {
  const wanted = await freePort();
  expect(await freePort(wanted)).toBe(wanted);
  const taking = createServer();
  await new Promise<void>((resolve) => taking.listen(wanted, "127.0.0.1", resolve));
  try {
    const other = await freePort(wanted);
    expect(other).toBeGreaterThan(0);
    expect(other).not.toBe(wanted);
  } finally {
    taking.close();
  }
});
