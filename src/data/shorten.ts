/** A value as an error message shows it: JSON, at most `limit` characters. */
export function shorten(value: unknown, limit = 60): string {
  if (typeof value === "string") {
    const text = JSON.stringify(value.length > limit ? value.slice(0, limit) : value);
    return value.length > limit ? `${text.slice(0, -1)}…" (${grouped(value.length)} characters)` : text;
  }
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${grouped(value.length)}`;
  if (value === undefined) return "nothing";
  if (typeof value === "bigint") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}

/** An integer with commas between thousands: `1,048,576`. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
