import { expect, test } from "vitest";
import { openStore } from "./open-store.ts";
import { withoutPassword } from "./postgres-store.ts";

test.each([
  ["postgres://ada@host/db", "postgres://ada@host/db"],
  ["postgres://ada:secret@host:5432/db", "postgres://ada:***@host:5432/db"],
  ["postgresql://ada:se@cr/et:@host/db?sslmode=require", "postgresql://ada:***@host/db?sslmode=require"],
  ["postgres://:secret@/db", "postgres://:***@/db"],
  ["postgres://ada@host/db?password=secret&x=1", "postgres://ada@host/db?password=***&x=1"],
])("%s is shown without its password", (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});

test.each(["postgres://ada:secret@127.0.0.1:1/db", "postgres://ada:secret@host:port/db"])(
  "an error about %s says what is wrong and never the password",
  async (url) => {
    const error = await openStore(url).catch((reason: unknown) => reason as Error & { cause?: object });
    expect(error).toMatchObject({ message: expect.stringContaining("ada:***@") });
    const { message, stack, cause } = error as Error & { cause?: object };
    expect(JSON.stringify([message, stack, { ...cause }, String(cause)])).not.toContain("secret");
  },
);
