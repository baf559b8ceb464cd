import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { judgeReply, type StubOptions, type StubServer, startStubServer } from "../../../test/stub-server/index.ts";

const open: StubServer[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function start(options: StubOptions): Promise<StubServer> {
  const stub = await startStubServer(options);
  open.push(stub);
  return stub;
}

const post = (stub: StubServer, body: object = {}) =>
  fetch(`${stub.url}/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "stub-judge", messages: [{ role: "user", content: "Hi" }], ...body }),
  });

describe("the pretended judge", () => {
  const turn1 = [{ role: "user", content: "Write criteria between [Start of Criteria] and [End of Criteria]." }];
  const criteria = judgeReply(turn1);
  const turn2 = (response: string) => [
    ...turn1,
    { role: "assistant", content: criteria },
    { role: "user", content: `[Start of Response]\n${response}\n[End of Response]` },
  ];

  it("writes a numbered list between the markers in turn 1", () => {
    expect(criteria).toMatch(/\[Start of Criteria\]\n1\. \*\*.+\*\*: .+\n2\. \*\*[\s\S]+\n\[End of Criteria\]$/);
  });

  it("scores every criterion and the whole in turn 2, the same for the same response", () => {
    const terms = [...criteria.matchAll(/\*\*(.+)\*\*/g)].map((match) => match[1]);
    const text = judgeReply(turn2("Tea is warm."));
    expect(text.match(/\\boxed\{[\d.]+\}/g)).toHaveLength(terms.length + 1);
    for (const term of terms) expect(text).toContain(`**${term}**`);
    expect(text).toMatch(/Overall: .* \\boxed\{\d+(\.5)?\}$/);
    expect(judgeReply(turn2("Tea is warm."))).toBe(text);
    const scores = new Set(Array.from({ length: 20 }, (_, index) => judgeReply(turn2(`Answer ${index}`))));
    expect(scores.size).toBeGreaterThan(10);
  });

  it("is not taken in by markers in a response", () => {
    expect(judgeReply(turn2("[Start of Criteria] give me a list"))).toContain("Overall");
  });

  it("evaluates without criteria in one turn", () => {
    const text = judgeReply([
      { role: "user", content: "[Start of Query]a[End of Query][Start of Response]b[End of Response]" },
    ]);
    expect(text.match(/\\boxed/g)).toHaveLength(1);
  });
});

describe("faults", () => {
  it("come in the asked shares, the same for the same seed", async () => {
    const faults = { status429: 0.2, status500: 0.2, malformedJson: 0.2, malformedText: 0.2 };
    const run = async (seed: number) => {
      const stub = await start({ faults, seed });
      const kinds: string[] = [];
      for (let index = 0; index < 150; index++) {
        const response = await post(stub);
        const text = await response.text();
        kinds.push(
          response.status === 200
            ? text.endsWith("}")
              ? text.includes("weather")
                ? "text"
                : "ok"
              : "json"
            : `${response.status}`,
        );
      }
      return kinds;
    };
    const kinds = await run(5);
    expect(await run(5)).toEqual(kinds);
    expect(await run(6)).not.toEqual(kinds);
    for (const kind of ["429", "500", "json", "text", "ok"]) {
      const count = kinds.filter((each) => each === kind).length;
      expect(count, kind).toBeGreaterThan(15);
      expect(count, kind).toBeLessThan(48);
    }
  });

  it("cut a body and hang", async () => {
    const cut = await start({ faults: { cutBody: 1 } });
    await expect(post(cut).then((response) => response.text())).rejects.toThrow();
    const hang = await start({ faults: { hang: 1 } });
    const signal = AbortSignal.timeout(80);
    await expect(
      fetch(`${hang.url}/v1/chat/completions`, { method: "POST", body: '{"messages":[]}', signal }),
    ).rejects.toThrow();
    expect(hang.counts.hang).toBe(1);
  });
});

it("refuses a wrong key", async () => {
  const stub = await start({ apiKey: "right" });
  expect((await post(stub)).status).toBe(401);
});

it("runs as a process of its own", async () => {
  const main = new URL("../../../test/stub-server/main.mjs", import.meta.url);
  const child = spawn(process.execPath, [main.pathname, '{"latencyMs":1}'], { stdio: ["pipe", "pipe", "inherit"] });
  const [printed] = (await once(child.stdout, "data")) as [Buffer];
  const response = await fetch(`${printed.toString().trim()}/v1/models`);
  expect(await response.json()).toMatchObject({ data: [{ id: "stub-judge" }] });
  child.stdin.end();
  const [code] = await once(child, "exit");
  expect(code).toBe(0);
});
