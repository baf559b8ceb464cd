import type { Pattern } from "./form-pattern.ts";

/** Never part of a model's text; "any character" is "any but this one". */
const nul = "\0";

/**
 * A pattern whose repetitions are exactly the non-empty texts that hold none of `stops` and do not end with the
 * beginning of one. It is read off the automaton that searches for the stops (Aho and Corasick 1975): a unit is a path
 * from its start state back to it, and the states between are removed one by one (Arden's rule).
 */
export function unitWithout(stops: string[]): Pattern {
  const needles = stops.filter((stop) => stop !== "");
  const alphabet = [...new Set(needles.flatMap((stop) => [...stop]))];
  const hasStop = (text: string) => needles.some((stop) => text.endsWith(stop));
  const prefixes = new Set<string>();
  for (const stop of needles) {
    const characters = [...stop];
    for (let length = 1; length < characters.length; length++) prefixes.add(characters.slice(0, length).join(""));
  }
  const next = (state: string, character: string): string | undefined => {
    const read = [...state, character];
    if (hasStop(read.join(""))) return undefined;
    for (let from = 0; from < read.length; from++) {
      const suffix = read.slice(from).join("");
      if (prefixes.has(suffix)) return suffix;
    }
    return "";
  };

  // edges.get(p).get(q): how to get from state p to q; q = "" is the way home.
  const edges = new Map<string, Map<string, Pattern>>();
  for (const state of ["", ...prefixes]) {
    const byTarget = new Map<string, string[]>();
    for (const character of alphabet) {
      const target = next(state, character);
      if (target !== undefined) byTarget.set(target, [...(byTarget.get(target) ?? []), character]);
    }
    const row = new Map<string, Pattern>();
    for (const [target, chars] of byTarget) if (target !== "") row.set(target, { kind: "chars", chars, except: false });
    const home = byTarget.get("") ?? [];
    const others = alphabet.filter((character) => !home.includes(character));
    row.set("", { kind: "chars", chars: others.length === 0 ? [nul] : others, except: true });
    edges.set(state, row);
  }
  // Longest first: their ways home go through shorter ones.
  for (const state of [...prefixes].sort((a, b) => b.length - a.length)) remove(edges, state);
  return edges.get("")!.get("")!;
}

function remove(edges: Map<string, Map<string, Pattern>>, state: string): void {
  const row = edges.get(state)!;
  edges.delete(state);
  const loop = row.get(state);
  row.delete(state);
  const stay: Pattern[] = loop === undefined ? [] : [{ kind: "repeat", item: loop, min: 0 }];
  for (const other of edges.values()) {
    const way = other.get(state);
    if (way === undefined) continue;
    other.delete(state);
    for (const [target, rest] of row) {
      const detour: Pattern = { kind: "sequence", items: [way, ...stay, rest] };
      const direct = other.get(target);
      other.set(target, direct === undefined ? detour : { kind: "either", items: [direct, detour] });
    }
  }
}
