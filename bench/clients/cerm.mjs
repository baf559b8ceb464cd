// cerm's whole judge: criteria, evaluations, parsing, SQLite store. Argument: {url, queries, responses, inFlight, store}.
import { openEngine } from "../../dist/engines/index.js";
import { Judge } from "../../dist/judge/index.js";
import { loadPack } from "../../dist/prompts/index.js";
import { openStore } from "../../dist/store/index.js";
import { measureProcess } from "../lib/measure-process.mjs";
import { syntheticItems } from "../lib/synthetic-items.mjs";

const { url, queries, responses, inFlight, store: storeUrl, reportEvery } = JSON.parse(process.argv[2]);
const { engine } = await openEngine({ baseUrl: url, maxConcurrency: inFlight });
const store = await openStore(storeUrl);
const judge = new Judge({ engine, pack: await loadPack("default"), store });
const inputs = syntheticItems(queries, responses);
// A short run is measured without the making of its texts; a long one has to make them on the way.
const source = reportEvery === 0 ? [...inputs] : inputs;
const finish = measureProcess();
let items = 0;
let scored = 0;
let unscored = 0;
for await (const judgment of judge.judgeAll(source)) {
  for (const { reward } of judgment.responses) {
    if (reward.kind === "scored") scored++;
    else unscored++;
  }
  if (++items % reportEvery === 0) {
    const megabytes = (bytes) => bytes / 2 ** 20;
    const { rss, heapUsed } = process.memoryUsage();
    const { maxRssMb, seconds } = finish();
    console.error(JSON.stringify({ items, seconds, rssMb: megabytes(rss), heapMb: megabytes(heapUsed), maxRssMb }));
  }
}
const measured = finish();
await engine.close();
await store.close();
console.log(JSON.stringify({ evaluations: scored, unscored, ...measured }));
