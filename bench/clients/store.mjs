// Puts rows into a store and reads them again. Argument: {url, rows, inFlight, from, phase: "put" or "get"}.
import { stableHash } from "../../dist/core/index.js";
import { openStore } from "../../dist/store/index.js";
import { measureProcess } from "../lib/measure-process.mjs";

const { url, rows, inFlight, from, phase } = JSON.parse(process.argv[2]);
const text = "The response answers the query and gives its reasons, with a detail or two missing. ".repeat(15);
const keys = Array.from({ length: rows }, (_, index) => stableHash(from + index));
const usage = { promptTokens: 700, cachedPromptTokens: 400, outputTokens: 300 };
const store = await openStore(url);
const finish = measureProcess();
let next = 0;
let wrong = 0;
const worker = async () => {
  while (next < rows) {
    const index = next++;
    if (phase === "put") {
      await store.put("evaluations", keys[index], {
        text: `${index} ${text}`,
        finishReason: "stop",
        usage,
        milliseconds: 20,
      });
    } else {
      const value = await store.get("evaluations", keys[index]);
      if (!value?.text.startsWith(`${index} `)) wrong++;
    }
  }
};
await Promise.all(Array.from({ length: inFlight }, worker));
const measured = finish();
await store.close();
console.log(JSON.stringify({ rows, wrong, ...measured }));
