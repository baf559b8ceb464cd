const bars = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * A line of at most `width` bars, from the lowest value (a low bar) to the highest; longer series are averaged over equal
 * stretches. What is not a number leaves a gap. A flat series is a line of middle bars.
 */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const shown = stretches(values, width);
  const numbers = shown.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  return shown
    .map((value) => {
      if (value === undefined) return " ";
      const height = high > low ? (value - low) / (high - low) : 0.5;
      return bars[Math.min(bars.length - 1, Math.floor(height * bars.length))];
    })
    .join("");
}

function stretches(values: readonly (number | undefined)[], width: number): (number | undefined)[] {
  const finite = values.map((value) => (Number.isFinite(value) ? value : undefined));
  if (finite.length <= width) return finite;
  return Array.from({ length: width }, (_, index) => {
    const [start, end] = [index, index + 1].map((edge) => Math.round((edge * finite.length) / width));
    const stretch = finite.slice(start, end).filter((value) => value !== undefined);
    return stretch.length === 0 ? undefined : stretch.reduce((sum, value) => sum + value, 0) / stretch.length;
  });
}
