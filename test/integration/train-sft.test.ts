import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadPack } from "../../src/prompts/load-pack.ts";
import { openTinker } from "../../src/tinker/index.ts";
import { readTrainRun } from "../../src/train/checkpoints/index.ts";
import { writeExample } from "../../src/train/cold-start/write-answers.ts";
import type { EngineState } from "../../src/train/engine/index.ts";
import { builtCli, startCli } from "../built-cli.ts";
import { tinyModelPath, trainingVariables } from "../tiny-model.ts";

let main = "";
let folder = "";
let env: NodeJS.ProcessEnv = {};
let engine: EngineState;
const cerm = (...args: string[]) => startCli(main, args, { env });

beforeAll(async () => {
  main = await builtCli();
  folder = await mkdtemp(join(tmpdir(), "cerm-sft-"));
  const home = { CERM_HOME: join(folder, "home"), XDG_CONFIG_HOME: folder };
  env = { PATH: process.env.PATH, HOME: process.env.HOME, ...home, ...trainingVariables() };
  const up = ["engine", "up", "--model", await tinyModelPath(), "--max-lora-rank", "4", "--cpu", "--json"];
  const { code, out, err } = await cerm(...up).ended;
  expect({ code, err }).toMatchObject({ code: 0 });
  engine = JSON.parse(out) as EngineState;
  await writeFile(join(folder, "train.jsonl"), await conversations(8));
  await writeFile(join(folder, "held-out.jsonl"), await conversations(2, 100));
});
afterAll(async () => {
  await cerm("engine", "down").ended;
  await rm(folder, { recursive: true, force: true });
});

/** Short two-turn conversations of a judge, as JSON Lines. */
async function conversations(count: number, from = 0): Promise<string> {
  const pack = await loadPack("compact");
  const criteria = ["Accuracy", "Clarity", "Tone"].map((term) => ({ term, description: "How good it is" }));
  return Array.from({ length: count }, (_, index) => {
    const overall = (from + index) % 11;
    const score = { score: Math.round(overall / 2), rationale: "So." };
    const example = writeExample(pack, {
      ...{ id: `c${from + index}`, source: "test", criteria },
      query: { messages: [{ role: "user", content: `Question ${from + index}?` }] },
      evaluation: { response: "Yes.", criteria: [score, score, score], overall: { score: overall, rationale: "So." } },
    })!;
    return `${JSON.stringify({ id: example.id, messages: example.messages, train: example.train })}\n`;
  }).join("");
}

function sft(out: string) {
  const files = ["--data", join(folder, "train.jsonl"), "--held-out", join(folder, "held-out.jsonl")];
  const settings = ["--batch-size", "4", "--epochs", "3", "--learning-rate", "1e-2", "--rank", "4", "--seed", "3"];
  const work = ["--token-budget", "2048", "--evaluate-every", "3", "--checkpoint-every", "1", "--keep-last", "2"];
  return cerm("train", "sft", ...files, ...settings, ...work, "--json", "--out", join(folder, out));
}

interface Line {
  step: number;
  loss?: number;
  heldOutLoss?: number;
}
const metrics = async (out: string) =>
  (await readFile(join(folder, out, "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
const numbers = (lines: Line[]) => lines.map(({ step, loss, heldOutLoss }) => ({ step, loss, heldOutLoss }));

describe("cerm train sft on a real SkyRL", () => {
  test("lowers the loss on conversations it has not seen", async () => {
    const { code, out, err } = await sft("whole").ended;
    expect({ code, err }).toMatchObject({ code: 0 });
    const lines = await metrics("whole");
    expect(lines.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    const [before, half, after] = [lines[0]!, lines[3]!, lines[6]!].map(({ heldOutLoss }) => heldOutLoss!);
    expect(half).toBeLessThan(before!);
    expect(after).toBeLessThan(half!);
    expect(JSON.parse(out)).toMatchObject({ step: 6, totalSteps: 6, heldOutLoss: after });
  });

  test("killed after a checkpoint and started again, it takes the same steps with the same losses", async () => {
    const killed = sft("killed");
    await expect.poll(() => killed.written.err, { timeout: 300_000, interval: 50 }).toMatch(/step 3 of 6/);
    killed.child.kill("SIGKILL");
    expect((await killed.ended).signal).toBe("SIGKILL");
    const again = await sft("killed").ended;
    expect({ code: again.code, err: again.err }).toMatchObject({ code: 0 });
    expect(again.err).toMatch(/sft: step [2345] of 6 · held-out/);
    const [whole, resumed] = [numbers(await metrics("whole")), numbers(await metrics("killed"))];
    expect(resumed.map(({ step }) => step)).toEqual(whole.map(({ step }) => step));
    for (const [index, { loss, heldOutLoss }] of whole.entries()) {
      if (loss !== undefined) expect(resumed[index]!.loss).toBeCloseTo(loss, 5);
      if (heldOutLoss !== undefined) expect(resumed[index]!.heldOutLoss).toBeCloseTo(heldOutLoss, 5);
    }
  });

  test("keeps the last checkpoints and the best on the server, and no others", async () => {
    const { checkpoints } = await readTrainRun(join(folder, "whole"));
    expect(checkpoints.map(({ step }) => step)).toEqual([5, 6]);
    const client = await openTinker({ baseUrl: engine.url });
    try {
      const run = /^tinker:\/\/([^/]+)/.exec(checkpoints[0]!.path)![1]!;
      const saved = await client.checkpoints(run);
      const kept = saved.map(({ kind, name }) => `${kind} ${name.replace(/^.*\//, "")}`).sort();
      expect(kept).toEqual([
        "sampler step-000005",
        "sampler step-000006",
        "training step-000005",
        "training step-000006",
      ]);
    } finally {
      await client.close();
    }
  });
});
