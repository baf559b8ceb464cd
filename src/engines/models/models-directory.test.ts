import { join } from "node:path";
import { expect, it } from "vitest";
import { modelsDirectory } from "./models-directory.ts";

it("keeps models in the data directory", () => {
  expect(modelsDirectory({ CERM_HOME: "/srv/cerm" }, "linux")).toBe(join("/srv/cerm", "models"));
  expect(modelsDirectory({ XDG_DATA_HOME: "/data" }, "linux")).toBe(join("/data", "cerm", "models"));
});
