import type { Criteria } from "../core/criteria.ts";
import type { Message } from "../core/message.ts";
import type { Query, Response } from "../core/query.ts";
import { neutraliseMarkers } from "./markers.ts";
import type { Pack, PackTemplate, TemplateName } from "./pack.ts";
import { renderQuery } from "./render-query.ts";
import { fillSegments, type TemplateSegments, templateSegments } from "./template-segments.ts";
import { maskThinking } from "./thinking.ts";
import { neutraliseVerdicts } from "./verdicts.ts";

/** What rendering needs of a response. */
export type ResponseText = Pick<Response, "text">;

/** Turn 1 of mode unified: asks for criteria from the query alone. */
export function renderCriteria(pack: Pack, query: Query): Message[] {
  return [{ role: "user", content: renderTemplate(pack, "criteria", { query: renderQuery(pack, query) }) }];
}

/** Turn 1 of mode per-response: asks for criteria from the query and the response that they will be used for. */
export function renderPerResponseCriteria(pack: Pack, query: Query, response: ResponseText): Message[] {
  return [{ role: "user", content: renderTemplate(pack, "per-response", both(pack, query, response)) }];
}

/**
 * Turn 2: the conversation of turn 1, the judge's criteria, and one response to evaluate. Up to the response itself the
 * messages are the same for all responses of a query. Thinking before the criteria is left out, as chat templates do.
 */
export function renderEvaluation(pack: Pack, turn1: Message[], criteria: Criteria, response: ResponseText): Message[] {
  const thinking = maskThinking(criteria.text);
  return [
    ...turn1,
    { role: "assistant", content: criteria.text.slice(thinking.answerStart) },
    { role: "user", content: renderTemplate(pack, "evaluation", { response: quoted(pack, response) }) },
  ];
}

/** The only turn of mode implicit: asks for the overall score without criteria. */
export function renderImplicit(pack: Pack, query: Query, response: ResponseText): Message[] {
  return [{ role: "user", content: renderTemplate(pack, "implicit", both(pack, query, response)) }];
}

/**
 * The only turn of mode pairwise: asks which of two responses is better, `a` shown first. Up to the first response the
 * messages are the same for all pairs of a query.
 */
export function renderPairwise(pack: Pack, query: Query, a: ResponseText, b: ResponseText): Message[] {
  const texts = {
    query: neutraliseVerdicts(renderQuery(pack, query)),
    responseA: neutraliseVerdicts(quoted(pack, a)),
    responseB: neutraliseVerdicts(quoted(pack, b)),
  };
  return [{ role: "user", content: renderTemplate(pack, "pairwise", texts) }];
}

/** Texts that a template shows, by the names they have in it. */
export type TemplateTexts = Partial<Record<"query" | "response" | "responseA" | "responseB", string>>;

/** Fills one template. `texts` are inserted as they are; they are values, so Jinja syntax in them means nothing. */
export function renderTemplate(pack: Pack, name: TemplateName, texts: TemplateTexts): string {
  const template = pack.templates[name];
  let segments = segmentsOf.get(template);
  if (segments === undefined) {
    const names = Object.keys(texts) as (keyof TemplateTexts)[];
    segments = templateSegments(names, (probes) => renderJinja(pack, name, probes)) ?? null;
    segmentsOf.set(template, segments);
  }
  return segments === null ? renderJinja(pack, name, texts) : fillSegments(segments, texts);
}

/** Templates that only insert their texts; `null` for one that does more. */
const segmentsOf = new WeakMap<PackTemplate, TemplateSegments | null>();

/** Fills one template with the Jinja engine. */
export function renderJinja(pack: Pack, name: TemplateName, texts: TemplateTexts): string {
  const { markers, headings, criterionScale, overallScale, form } = pack;
  return pack.templates[name].compiled.render({ markers, headings, criterionScale, overallScale, form, ...texts });
}

function both(pack: Pack, query: Query, response: ResponseText): { query: string; response: string } {
  return { query: renderQuery(pack, query), response: quoted(pack, response) };
}

function quoted(pack: Pack, response: ResponseText): string {
  return neutraliseMarkers(pack.markers, response.text);
}
