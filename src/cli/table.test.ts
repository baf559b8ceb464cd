import { expect, test } from "vitest";
import { formatTable } from "./table.ts";

test("columns are aligned, numbers to the right, and no line ends in spaces", () => {
  const table = formatTable(
    ["NAME", "SIZE", "NOTE"],
    [
      ["a-long-name", "98 MB", ""],
      ["b", "1.5 GB", "used"],
    ],
  );
  expect(table.split("\n")).toEqual([
    "NAME           SIZE  NOTE", //
    "a-long-name   98 MB",
    "b            1.5 GB  used",
  ]);
  expect(formatTable(["NAME"], [])).toBe("NAME");
});
