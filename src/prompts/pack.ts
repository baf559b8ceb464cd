import type { Template } from "@huggingface/jinja";
import type { PackMetadata } from "./pack-metadata.ts";

/** The templates of a pack; each is a file `<name>.jinja`. */
export const templateNames = ["criteria", "evaluation", "per-response", "implicit", "pairwise"] as const;

export type TemplateName = (typeof templateNames)[number];

export interface PackTemplate {
  file: string;
  /** The Jinja text. */
  source: string;
  compiled: Template;
  /** The pack has no such file: the default pack's stands in. */
  borrowed?: true;
}

/** A prompt pack: what is asked of a judge, and how its answer is laid out. Made by `loadPack`. */
export interface Pack extends PackMetadata {
  /** Folder the pack was read from. */
  directory: string;
  templates: Record<TemplateName, PackTemplate>;
  /**
   * `name@version#hash`, the hash (12 hex digits) over the metadata and the pack's own templates: equal packs ask the
   * same. A borrowed template is not in it; who uses it adds its text.
   */
  identity: string;
}
