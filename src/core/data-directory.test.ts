import { expect, test } from "vitest";
import { dataDirectory } from "./data-directory.ts";

test("Linux keeps to XDG and falls back to the home folder", () => {
  expect(dataDirectory({ HOME: "/home/ada" }, "linux")).toBe("/home/ada/.local/share/cerm");
  expect(dataDirectory({ HOME: "/home/ada", XDG_DATA_HOME: "/data" }, "linux")).toBe("/data/cerm");
  expect(dataDirectory({ HOME: "/home/ada", XDG_DATA_HOME: "" }, "linux")).toBe("/home/ada/.local/share/cerm");
  expect(dataDirectory({ HOME: "/home/ada", XDG_DATA_HOME: "relative" }, "freebsd")).toBe(
    "/home/ada/.local/share/cerm",
  );
});

test("macOS and Windows use their own places", () => {
  expect(dataDirectory({ HOME: "/Users/ada" }, "darwin")).toBe("/Users/ada/Library/Application Support/cerm");
  expect(dataDirectory({ LOCALAPPDATA: "C:\\Users\\ada\\AppData\\Local" }, "win32")).toBe(
    "C:\\Users\\ada\\AppData\\Local\\cerm",
  );
  expect(dataDirectory({ USERPROFILE: "C:\\Users\\ada" }, "win32")).toBe("C:\\Users\\ada\\AppData\\Local\\cerm");
});

test("CERM_HOME comes before everything", () => {
  const env = { CERM_HOME: "/x", HOME: "/home/ada", XDG_DATA_HOME: "/data", LOCALAPPDATA: "C:\\y" };
  for (const platform of ["linux", "darwin", "win32"] as const) expect(dataDirectory(env, platform)).toBe("/x");
});
