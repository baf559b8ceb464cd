import type { Query } from "../core/query.ts";
import { neutraliseMarkers } from "./markers.ts";
import type { Pack } from "./pack.ts";

/**
 * The text of a query for its block. A single user message is its content; several messages stand one after another,
 * each under a heading such as `[Turn 1: system]`. Anything in a message that reads like a heading or another marker
 * is neutralised, so a message cannot pose as another turn.
 */
export function renderQuery(pack: Pick<Pack, "markers">, query: Query): string {
  const { markers } = pack;
  const [only] = query.messages;
  if (query.messages.length === 1 && only?.role === "user") return neutraliseMarkers(markers, only.content);
  return query.messages
    .map((message, index) => {
      const heading = markers.turn.replace("{i}", String(index + 1)).replace("{role}", message.role);
      return `${heading}\n${neutraliseMarkers(markers, message.content)}`;
    })
    .join("\n\n");
}
