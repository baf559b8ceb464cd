import { isUtf8 } from "node:buffer";

/** Stands for a cell that cannot be read, so that one cell does not fail its whole row group. */
export class BrokenCell {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** How cells of text are decoded: text that is not UTF-8 and JSON that is not JSON become a `BrokenCell`. */
export const cellParsers = {
  stringFromBytes(bytes: Uint8Array | undefined): unknown {
    if (!bytes) return bytes;
    return isUtf8(bytes) ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8") : notUtf8;
  },
  jsonFromBytes(bytes: Uint8Array | undefined): unknown {
    if (!bytes) return bytes;
    if (!isUtf8(bytes)) return notUtf8;
    try {
      return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
    } catch (error) {
      return new BrokenCell(`not valid JSON (${(error as Error).message})`);
    }
  },
};

const notUtf8 = new BrokenCell("not UTF-8");

/**
 * A cell as the JSON value it stands for: integers of 64 bits as numbers where they are exact, else as text; dates as
 * ISO 8601; bytes as base64. Members of a struct that are null are left out, since a struct cannot lack a member. A
 * broken cell comes back as it is.
 */
export function jsonOfCell(cell: unknown): unknown {
  if (cell === undefined || cell === null) return null;
  if (typeof cell === "bigint") {
    const number = Number(cell);
    return Number.isSafeInteger(number) ? number : String(cell);
  }
  if (typeof cell !== "object" || cell instanceof BrokenCell) return cell;
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? null : cell.toISOString();
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString("base64");
  if (Array.isArray(cell) || ArrayBuffer.isView(cell)) {
    const items = Array.from(cell as ArrayLike<unknown>, jsonOfCell);
    return items.find((item) => item instanceof BrokenCell) ?? items;
  }
  const members = Object.entries(cell)
    .map(([name, member]): [string, unknown] => [name, jsonOfCell(member)])
    .filter(([, member]) => member !== null);
  return members.find(([, member]) => member instanceof BrokenCell)?.[1] ?? Object.fromEntries(members);
}
