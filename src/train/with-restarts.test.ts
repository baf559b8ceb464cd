import { expect, test } from "vitest";
import { TinkerError } from "../tinker/tinker-error.ts";
import { withRestarts } from "./with-restarts.ts";

const lost = new TinkerError("forgotten", "model unknown", { resumable: true });

/** Trains with a server that fails so many times; how it ended, how often it was tried, and what was said. */
async function train(failures: Error[], restarts: number, signal?: AbortSignal) {
  const said: string[] = [];
  let tries = 0;
  const once = async () => {
    const failure = failures[tries++];
    if (failure !== undefined) throw failure;
    return "trained";
  };
  const say = (line: string) => void said.push(line);
  const end = await withRestarts(once, { restarts, signal, say }).catch((error: Error) => error.message);
  return { end, tries, said };
}

test("a server that was lost is begun again with, as often as allowed", async () => {
  const again = "model unknown; beginning again at the last checkpoint";
  expect(await train([lost, lost], 2)).toEqual({ end: "trained", tries: 3, said: [again, again] });
  const { end, tries, said } = await train([lost, lost], 1);
  expect({ end, tries }).toEqual({ end: "model unknown", tries: 2 });
  expect(said).toEqual([again, expect.stringContaining("the same command goes on from the last checkpoint")]);
});

test("what no restart would change, and whoever interrupts, ends it at once", async () => {
  const refused = new TinkerError("refused", "unknown loss");
  expect(await train([refused], 3)).toEqual({ end: "unknown loss", tries: 1, said: [] });
  expect(await train([lost], 3, AbortSignal.abort())).toEqual({ end: "model unknown", tries: 1, said: [] });
});
