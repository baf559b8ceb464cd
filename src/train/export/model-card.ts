import { readFile } from "node:fs/promises";
import { basename, isAbsolute, join } from "node:path";
import type { Checkpoint, ReadTrainRun } from "../checkpoints/index.ts";

/** The form of what is exported. */
export type ExportFormat = "peft" | "gguf" | "merged";

export interface ModelCardOptions {
  format: ExportFormat;
  /** The base model as people know it; of a folder or file on this machine only the name is said. */
  baseModel: string;
  rank: number;
  alpha: number;
  /** The run it comes from, where it is known. */
  run?: ReadTrainRun;
  checkpoint?: Checkpoint;
  /** Where the weights were on the server, where they were. */
  source?: string;
  /** The base model's licence, where it says. */
  license?: string;
  version: string;
}

const files: Record<ExportFormat, string> = {
  peft: "a LoRA adapter in PEFT's format (adapter_config.json, adapter_model.safetensors)",
  gguf: "a LoRA adapter for llama.cpp (adapter.gguf)",
  merged: "the whole model with the adapter merged into its weights (safetensors)",
};

/** The README.md of an exported model: base, data, settings, results, use. Nothing in it is made up: what is not known is left out. */
export async function modelCard(options: ModelCardOptions): Promise<string> {
  const { format, rank, alpha, run, checkpoint, source, license, version } = options;
  const baseModel = withoutPlace(options.baseModel);
  const metrics = run === undefined ? [] : await readMetrics(run.directory, checkpoint?.step);
  const head = [
    "---",
    `base_model: ${JSON.stringify(baseModel)}`,
    ...(license === undefined ? [] : [`license: ${JSON.stringify(license)}`]),
    `library_name: ${format === "merged" ? "transformers" : format === "peft" ? "peft" : "gguf"}`,
    "tags: [generative-reward-model, judge, cerm]",
    "---",
  ];
  const facts: [string, unknown][] = [
    ["Form", files[format]],
    ["Base model", baseModel],
    ["Adapter", `LoRA, rank ${rank}, alpha ${alpha}`],
    [
      "Method",
      run === undefined ? undefined : run.method === "sft" ? "supervised fine-tuning" : "two-stage rollout RL",
    ],
    ["Step", checkpoint?.step],
    ["Held-out measure", checkpoint?.score],
    ["Weights", source],
    ["Run", run === undefined ? undefined : `${run.run}, begun ${run.startedAt}, cerm ${run.version}`],
    ["Exported with", `cerm ${version}`],
  ];
  const parts = [
    head.join("\n"),
    `# Judge trained from ${baseModel}`,
    "A generative reward model: it writes criteria for a query and evaluates responses by them, with a score from 0 to 10.",
    table(["", ""], facts),
    ...section("Data", run === undefined ? undefined : table(["", ""], dataOf(run))),
    ...section("Settings", run === undefined ? undefined : table(["setting", "value"], settingsOf(run))),
    ...section("Results", metrics.length === 0 ? undefined : resultsOf(metrics)),
    ...section("Use", useOf(format)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function section(title: string, content: string | undefined): string[] {
  return content === undefined || content === "" ? [] : [`## ${title}`, content];
}

function dataOf(run: ReadTrainRun): [string, unknown][] {
  return Object.entries({ ...run.settings, ...run.about }).filter(([name]) => isAboutData(name));
}

/** A text, or the name alone where it is an absolute path; of a converted GGUF's folder, without its hash. */
function withoutPlace(text: string): string {
  return isAbsolute(text) ? basename(text).replace(/-[0-9a-f]{12}$/, "") : text;
}

/** Where things were on the machine that trained says nothing to others. */
const places = ["baseUrl", "modelFolder"];

function settingsOf(run: ReadTrainRun): [string, unknown][] {
  const all = Object.entries({ ...run.settings, ...run.about });
  return all.filter(([name]) => !isAboutData(name) && !places.includes(name));
}

function isAboutData(name: string): boolean {
  return /^(data|heldOut|pairs|train|conversations|sources)/i.test(name);
}

type Metrics = Record<string, unknown>;

/** The lines of metrics.jsonl up to a step; none where there is no file. */
async function readMetrics(directory: string, lastStep = Number.POSITIVE_INFINITY): Promise<Metrics[]> {
  const text = await readFile(join(directory, "metrics.jsonl"), "utf8").catch(() => "");
  const lines = text.split("\n").flatMap((line): Metrics[] => {
    try {
      return [JSON.parse(line) as Metrics];
    } catch {
      // The last line of a run that goes on may not be whole yet.
      return [];
    }
  });
  return lines.filter(({ step }) => typeof step === "number" && step <= lastStep);
}

/** Each measure at its first and last step. */
function resultsOf(metrics: readonly Metrics[]): string {
  const measured = new Map<string, { first: [number, number]; last: [number, number] }>();
  for (const line of metrics)
    for (const [name, value] of numbersOf(line)) {
      const point: [number, number] = [line.step as number, value];
      measured.set(name, { first: measured.get(name)?.first ?? point, last: point });
    }
  const rows = [...measured].map(([name, { first, last }]) => [name, at(first), at(last)]);
  return [`| measure | first | last |`, "|---|---|---|", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
}

/** Numbers of a line by dotted name, counters of time and place excepted. */
function numbersOf(value: Metrics, prefix = ""): [string, number][] {
  return Object.entries(value).flatMap(([name, member]): [string, number][] => {
    if (typeof member === "number") return name === "step" && prefix === "" ? [] : [[prefix + name, member]];
    if (typeof member !== "object" || member === null || Array.isArray(member)) return [];
    return numbersOf(member as Metrics, `${prefix}${name}.`);
  });
}

function at([step, value]: [number, number]): string {
  return `${Number(value.toPrecision(4))} (step ${step})`;
}

function table(head: [string, string], rows: [string, unknown][]): string {
  const known = rows.filter(([, value]) => value !== undefined && value !== null);
  const cells = known.map(([name, value]) => `| ${name} | ${cell(value)} |`);
  return known.length === 0 ? "" : [`| ${head.join(" | ")} |`, "|---|---|", ...cells].join("\n");
}

function cell(value: unknown): string {
  const text = typeof value === "string" ? withoutPlace(value) : JSON.stringify(value);
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function useOf(format: ExportFormat): string {
  const code = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;
  if (format === "gguf") return code("sh", "cerm judge items.jsonl --model BASE.gguf --lora adapter.gguf");
  if (format === "peft")
    return code(
      "python",
      `from peft import AutoPeftModelForCausalLM\nmodel = AutoPeftModelForCausalLM.from_pretrained("FOLDER")`,
    );
  return code("sh", "vllm serve FOLDER\ncerm judge items.jsonl --engine openai --base-url http://localhost:8000/v1");
}
