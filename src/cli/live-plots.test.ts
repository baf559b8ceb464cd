import { expect, test } from "vitest";
import { LivePlots } from "./live-plots.ts";

function screen(columns: number, rows: number) {
  const written: string[] = [];
  const write = (text: string | Uint8Array) => {
    written.push(String(text));
    return true;
  };
  return { written, plots: new LivePlots({ write: write as NodeJS.WriteStream["write"], columns, rows }) };
}

const series = ["a", "b", "c"].map((label) => ({ label, values: [1, 2] }));

test("plots are drawn in place, within the screen", () => {
  const { written, plots } = screen(40, 5);
  plots.draw(`step 1 ${"x".repeat(80)}`, series);
  const lines = written[0]!.trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line.length).toBeLessThan(40);
  plots.draw("step 2", series);
  expect(written[1]).toBe("\u001b[3A\u001b[0J");
});

test("a line that is written in between stays, and nothing is erased twice", () => {
  const { written, plots } = screen(40, 10);
  plots.draw("step 1", series);
  plots.erase();
  plots.erase();
  expect(written.slice(1)).toEqual(["\u001b[4A\u001b[0J"]);
});
