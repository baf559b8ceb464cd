/** Whether a row has all of these fields. */
export function hasFields(row: Record<string, unknown>, ...names: string[]): boolean {
  return names.every((name) => name in row);
}

/** Whether a field holds a list of objects; in CSV that is a text, which is none. */
export function isObjectList(value: unknown): value is Record<string, unknown>[] {
  return Array.isArray(value) && value.every((one) => one !== null && typeof one === "object" && !Array.isArray(one));
}
