import { type PlotSeries, plotTable } from "../train/metrics/index.ts";

/** A block of small plots on standard error that is drawn anew in place, below the lines that were written before. */
export class LivePlots {
  readonly #stream: Pick<NodeJS.WriteStream, "write" | "columns" | "rows">;
  #height = 0;

  constructor(stream: Pick<NodeJS.WriteStream, "write" | "columns" | "rows"> = process.stderr) {
    this.#stream = stream;
  }

  /** Draws the plots, as many as there is room for, with a line above them. */
  draw(head: string, series: readonly PlotSeries[]): void {
    const { columns = 80, rows = 24 } = this.#stream;
    const table = plotTable(series, columns).slice(0, Math.max(1, rows - 3));
    const lines = [head.slice(0, columns - 1), ...table];
    this.erase();
    this.#stream.write(`${lines.join("\n")}\n`);
    this.#height = lines.length;
  }

  /** Removes the block, so that lines can be written in its place. */
  erase(): void {
    if (this.#height > 0) this.#stream.write(`\u001b[${this.#height}A\u001b[0J`);
    this.#height = 0;
  }
}
