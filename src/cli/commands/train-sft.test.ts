import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { cliHome } from "../../../test/cli-home.ts";
import { runCli } from "../../../test/run-cli.ts";
import { startTinkerServer, type TinkerServerOptions } from "../../../test/tinker-server/index.ts";
import { byteTokenizer, specialId } from "../../engines/tinker/testing/byte-tokenizer.ts";

const home = cliHome();

/** A model's folder with a token for every byte. */
async function modelFolder(): Promise<string> {
  const folder = join(home.path, "model");
  await mkdir(folder, { recursive: true });
  const { tokenizer, chatTemplate, eosToken, bosToken } = byteTokenizer();
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(tokenizer));
  const config = { eos_token: eosToken, bos_token: bosToken, chat_template: chatTemplate };
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(config));
  return folder;
}

async function server(options: TinkerServerOptions = {}) {
  const started = await startTinkerServer(options);
  onTestFinished(() => started.close());
  return started;
}

const conversation = (id: string) => ({
  id,
  messages: [
    { role: "user", content: `q ${id}` },
    { role: "assistant", content: "CRITERIA" },
    { role: "user", content: "CRITERIA?" },
    { role: "assistant", content: "score" },
  ],
  train: [2],
});

describe("cerm train sft", () => {
  let count = 0;
  let out = "";
  beforeEach(() => {
    out = join(home.path, `run-${count++}`);
  });

  test("sends each conversation as often as there are epochs, with weight on the trained turn alone", async () => {
    const training = await server();
    const data = await home.file("train.jsonl", ["a", "b", "c"].map(conversation));
    const heldOut = await home.file("held-out.jsonl", [conversation("h")]);
    const args = ["--data", data, "--held-out", heldOut, "--base-url", training.url, "--model", await modelFolder()];
    const settings = ["--base-model", "tiny", "--batch-size", "2", "--epochs", "2", "--rank", "4", "--json"];
    const { code, json, notes } = await runCli(["train", "sft", ...args, ...settings, "--out", out]);
    expect({ code, notes }).toMatchObject({ code: 0 });
    expect(json()).toEqual([expect.objectContaining({ out, step: 4, totalSteps: 4, loss: 1, heldOutLoss: 1 })]);
    expect(notes[0]).toContain("sft: train: 3 conversations, 198 tokens");

    const text = (tokens: number[]) =>
      tokens.map((id) => (id < 256 ? String.fromCharCode(id) : id === specialId("<|im_end|>") ? "$" : "#")).join("");
    const passes = training.effects.flatMap(({ pass }) => (pass === undefined || pass.forwardOnly ? [] : [pass]));
    const seen = passes.flatMap(({ data: sent }) => sent.map(({ input }) => /q (\w)/.exec(text(input))![1]));
    expect(seen.toSorted()).toEqual(["a", "a", "b", "b", "c", "c"]);
    for (const { data: sent, loss } of passes) {
      expect(loss).toBe("cross_entropy");
      for (const { arrays } of sent) {
        const { weights, target_tokens: target } = arrays as { weights: number[]; target_tokens: number[] };
        expect(text(target.filter((_, at) => weights[at]! > 0))).toBe("score$");
      }
    }
    const created = training.effects.find(({ type }) => type === "create_model");
    expect(created?.body).toMatchObject({ base_model: "tiny", lora_config: { rank: 4, seed: 0 } });
    const {
      kind,
      method,
      settings: written,
    } = JSON.parse(await readFile(join(out, "run.json"), "utf8")) as Record<string, object>;
    expect({ kind, method, written }).toMatchObject({
      kind: "train",
      method: "sft",
      written: { batchSize: 2, learningRate: 1e-5, rank: 4 },
    });
  });

  test("takes its settings from a recipe, and options win over it", async () => {
    const training = await server();
    await home.file("train.jsonl", [conversation("a")]);
    await modelFolder();
    const recipe = await home.file(
      "sft.yaml",
      `data: train.jsonl\nmodel: ./model\nbaseModel: tiny\nbaseUrl: ${training.url}\nepochs: 9\nlearningRate: 0.5\nschedule: constant\nwarmup: 0\n`,
    );
    const { code } = await runCli(["train", "sft", recipe, "--out", out, "--epochs", "2"]);
    expect(code).toBe(0);
    const steps = training.effects.filter(({ type }) => type === "optim_step");
    expect(steps.map(({ body }) => body?.adam_params)).toMatchObject([
      // The first clears what an earlier model may have left in its place.
      ...[{ learning_rate: 0 }, { learning_rate: 0.5 }, { learning_rate: 0.5 }],
    ]);
  });

  test("too long conversations end it before anything is trained, or are left out and counted", async () => {
    const training = await server();
    const long = {
      ...conversation("long"),
      messages: [
        { role: "user", content: "x".repeat(300) },
        { role: "assistant", content: "y" },
      ],
      train: [1],
    };
    const data = await home.file("train.jsonl", [conversation("a"), long]);
    const args = [
      "train",
      "sft",
      "--data",
      data,
      "--base-url",
      training.url,
      "--base-model",
      "tiny",
      "--model",
      await modelFolder(),
      "--max-tokens",
      "200",
      "--out",
      out,
    ];
    const refused = await runCli(args);
    expect(refused.code).toBe(2);
    expect(refused.notes.join("\n")).toContain('1 of 2 conversations have more than 200 tokens, the longest ("long")');
    expect(training.effects).toEqual([]);
    const dropped = await runCli([...args, "--too-long", "drop", "--epochs", "1"]);
    expect(dropped.code).toBe(0);
    expect(dropped.notes[0]).toContain("1 conversations, ");
    expect(dropped.notes[0]).toContain("; 1 with more than 200 left out");
  });

  test("a server that is lost ends it with an error, and the same command goes on", async () => {
    const training = await server();
    const data = await home.file("train.jsonl", ["a", "b", "c", "d"].map(conversation));
    const args = [
      "train",
      "sft",
      "--data",
      data,
      "--base-url",
      training.url,
      "--base-model",
      "tiny",
      "--model",
      await modelFolder(),
    ];
    const settings = ["--batch-size", "1", "--epochs", "1", "--checkpoint-every", "1", "--out", out];
    training.failWork("/forward_backward", "out of memory");
    const failed = await runCli([...args, ...settings]);
    expect(failed.code).toBe(1);
    expect(failed.notes.at(-1)).toContain("out of memory");
    const again = await runCli([...args, ...settings]);
    expect(again.code).toBe(0);
    const lines = (await readFile(join(out, "metrics.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([1, 2, 3, 4]);
  });

  test.each([
    [["--out", "x"], "name the conversations to train on: --data FILE"],
    [["--data", "none.jsonl", "--out", "x"], "none.jsonl"],
  ])("says what is missing: %j", async (args, message) => {
    const { code, notes } = await runCli(["train", "sft", ...args]);
    expect(code).toBe(2);
    expect(notes.join("\n")).toContain(message);
  });
});
