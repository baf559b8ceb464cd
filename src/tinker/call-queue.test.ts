import fc from "fast-check";
import { expect, test } from "vitest";
import { CallQueue, type QueuedCall } from "./call-queue.ts";
import { TinkerError } from "./tinker-error.ts";

/** What becomes of a call: at being handed over, or at its result. */
type Fate = "done" | "refused" | "lost" | "fails";

interface Planned {
  kind: QueuedCall<number>["kind"];
  fate: Fate;
  submitTicks: number;
  resultTicks: number;
}

const ticks = async (count: number) => {
  for (let tick = 0; tick < count; tick += 1) await null;
};

/** Makes all calls at once; what each came to, and which were handed over. */
async function makeCalls(plan: Planned[]) {
  const queue = new CallQueue();
  const handedOver: number[] = [];
  const seqIds: number[] = [];
  const results = plan.map(({ kind, fate, submitTicks, resultTicks }, index) =>
    queue.run({
      what: `call ${index}`,
      kind,
      submit: async (seqId) => {
        seqIds.push(seqId);
        handedOver.push(index);
        await ticks(submitTicks);
        if (fate === "refused") throw new TinkerError("refused", "no");
        if (fate === "lost") throw new TinkerError("lost-answer", "lost", { resumable: true });
        return String(index);
      },
      result: async () => {
        await ticks(resultTicks);
        if (fate === "fails") throw new TinkerError("failed", "failed");
        return index;
      },
    }),
  );
  return { settled: await Promise.allSettled(results), handedOver, seqIds };
}

const planned = fc.record({
  kind: fc.constantFrom("pass", "pass", "step", "other", "load") as fc.Arbitrary<Planned["kind"]>,
  fate: fc.constantFrom("done", "done", "done", "refused", "lost", "fails") as fc.Arbitrary<Fate>,
  submitTicks: fc.nat(5),
  resultTicks: fc.nat(20),
});

test("calls are handed over in their order, under ascending sequence numbers", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(planned, { maxLength: 12 }), async (plan) => {
      const { handedOver, seqIds } = await makeCalls(plan);
      expect(handedOver).toEqual([...handedOver].sort((a, b) => a - b));
      expect(seqIds).toEqual(seqIds.map((_, index) => index + 1));
    }),
  );
});

test("a step succeeds only if every pass, step and load before it did, whatever the timing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(planned, { maxLength: 12 }), async (plan) => {
      const { settled, handedOver } = await makeCalls(plan);
      const isDone = (index: number) => settled[index]!.status === "fulfilled";
      plan.forEach(({ kind, fate }, index) => {
        const depended = plan.map((_, each) => each).filter((each) => each < index && plan[each]!.kind !== "other");
        if (kind === "step" && isDone(index)) expect(depended.every(isDone)).toBe(true);
        // And nothing fails without a reason.
        const allWell = plan.slice(0, index).every((each) => each.kind === "other" || each.fate === "done");
        if (allWell) expect([isDone(index), handedOver.includes(index)]).toEqual([fate === "done", true]);
      });
    }),
    { numRuns: 500 },
  );
});

test("after a refusal that was seen, a new pass and its step succeed", async () => {
  const queue = new CallQueue();
  const call = (kind: Planned["kind"], submit: () => Promise<string>) =>
    queue.run({ what: kind, kind, submit, result: async () => kind });
  const fine = async () => "id";
  const refuse = async () => Promise.reject(new TinkerError("refused", "no"));
  await expect(call("pass", refuse)).rejects.toMatchObject({ fault: "refused" });
  await expect(call("step", fine)).rejects.toMatchObject({ fault: "broken-off", resumable: false });
  await expect(call("pass", fine)).resolves.toBe("pass");
  await expect(call("step", fine)).resolves.toBe("step");
});
