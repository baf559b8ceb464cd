export { type Clock, systemClock } from "../../core/clock.ts";
export { createOpenAIEngine, type OpenAIEngine } from "./create-openai-engine.ts";
export { formPattern, type Pattern } from "./form-pattern.ts";
export { formSchema } from "./form-schema.ts";
export { type Dialect, dialects, type OpenAIEngineOptions, type TimeoutOptions } from "./options.ts";
export { patternToGbnf } from "./pattern-gbnf.ts";
export { patternToRegex } from "./pattern-regex.ts";
