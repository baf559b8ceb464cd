import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { builtCli, startCli } from "../../test/built-cli.ts";
import { cliHome, testItems } from "../../test/cli-home.ts";
import { turnOf } from "../../test/fake-engine.ts";

const home = cliHome();
let main = "";
beforeAll(async () => {
  main = await builtCli();
}, 120_000);
const start = (args: string[]) => startCli(main, args, { env: home.environment() });
const lines = (text: string) => text.split("\n").filter((line) => line !== "");

test("items on standard input, results on standard output, exit code 0; usage errors exit with 2", async () => {
  const stub = await home.stub();
  const { child, ended } = start(["rank", "--base-url", stub.url, "--store", "none"]);
  child.stdin!.end(
    testItems(3)
      .map((item) => `${JSON.stringify(item)}\n`)
      .join(""),
  );
  const { code, out, err } = await ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(lines(out).map((line) => JSON.parse(line).id)).toEqual(["item-0", "item-1", "item-2"]);
  expect(await start(["judge", "--no-such-option"]).ended).toMatchObject({ code: 2, out: "" });
});

test("an interrupt keeps what is done and exits with 130; the same command finishes the rest", async () => {
  let held = true;
  const stub = await home.stub({
    respond: ({ body }) =>
      held && body !== undefined && body.messages[0]!.content.includes("Question 7?") ? { hang: true } : undefined,
  });
  const file = await home.file("interrupt.jsonl", testItems(12));
  const out = `${home.path}/interrupted.jsonl`;
  const args = ["judge", file, "--out", out, "--base-url", stub.url, "--store", "none"];
  const interrupted = start(args);
  const written = () => readFile(out, "utf8").then(lines, () => []);
  await expect.poll(written, { timeout: 15_000 }).toHaveLength(7);
  interrupted.child.kill("SIGINT");
  expect(await interrupted.ended).toMatchObject({ code: 130, err: expect.stringContaining("what was done is kept") });
  held = false;
  expect(await start(args).ended).toMatchObject({ code: 0, err: expect.stringContaining("7 were there already") });
  expect((await written()).map((line) => JSON.parse(line).id)).toEqual(testItems(12).map(({ id }) => id));
});

test("killed at any moment, it loses what was in flight and nothing else", async () => {
  const stub = await home.stub({ latencyMs: 15 });
  const file = await home.file("killed.jsonl", testItems(40));
  const out = `${home.path}/killed-out.jsonl`;
  const args = ["judge", file, "--out", out, "--base-url", stub.url, "--store", "none", "--max-concurrency", "2"];
  const killed = start(args);
  const written = () => readFile(out, "utf8").then(lines, () => []);
  await expect.poll(async () => (await written()).length, { timeout: 15_000, interval: 20 }).toBeGreaterThan(3);
  killed.child.kill("SIGKILL");
  expect(await killed.ended).toMatchObject({ signal: "SIGKILL" });
  expect((await written()).length).toBeLessThan(40);
  expect(await start(args).ended).toMatchObject({ code: 0 });
  expect((await written()).map((line) => JSON.parse(line).id)).toEqual(testItems(40).map(({ id }) => id));
});

test("a reader that has seen enough is no failure and gets no trace", async () => {
  const stub = await home.stub();
  const file = await home.file("many.jsonl", testItems(300));
  const { child, written, ended } = start(["judge", file, "--base-url", stub.url, "--store", "none"]);
  child.stdout!.once("data", () => child.stdout!.destroy());
  expect(await ended).toMatchObject({ code: 0, err: "" });
  expect(lines(written.out)[0]).toContain('"item-0"');
  expect(stub.counts.completions).toBeLessThan(900);
});

test("each turn of a conversation reaches the server in its role", async () => {
  const stub = await home.stub({ keepRequests: true });
  const messages = [
    { role: "system", content: "Be kind." },
    { role: "user", content: "Hello?" },
    { role: "assistant", content: "Yes?" },
    { role: "user", content: "Why is the sky blue?" },
  ];
  const file = await home.file("conversation.jsonl", [{ messages, responses: ["Scattering."] }]);
  expect(await start(["judge", file, "--base-url", stub.url, "--store", "none"]).ended).toMatchObject({ code: 0 });
  const asked = stub.requests.flatMap(({ body }) => body ?? []);
  expect(asked.map((body) => turnOf(body as Parameters<typeof turnOf>[0]))).toEqual(["criteria", "evaluation"]);
  for (const { content } of messages) expect(asked[0]!.messages[0]!.content).toContain(content);
});
