export { recordEngine } from "./record-engine.ts";
export { requestKey } from "./recording-file.ts";
export { replayEngine } from "./replay-engine.ts";
