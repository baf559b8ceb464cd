import type { ChatCodec as WholeCodec } from "../../../engines/tinker/index.ts";

/** What rollouts need of a model's codec. */
export type ChatCodec = Pick<WholeCodec, "encode" | "decode" | "stop" | "contextTokens">;
