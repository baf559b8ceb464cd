import { editDistance } from "../../core/edit-distance.ts";

/** Up to `limit` of `names` that look most like `wanted`, best first: those that contain it, then those few edits away. */
export function nearNames(wanted: string, names: readonly string[], limit = 5): string[] {
  const target = wanted.toLowerCase();
  return names
    .map((name) => ({ name, distance: distanceTo(target, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(3, target.length / 2))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, limit)
    .map(({ name }) => name);
}

function distanceTo(target: string, name: string): number {
  // A name that contains the other is near however much longer it is.
  if (target !== "" && (name.includes(target) || target.includes(name))) return 0;
  return editDistance(target, name);
}
