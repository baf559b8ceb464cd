import { createHash } from "node:crypto";
import { crc32, deflateRawSync } from "node:zlib";

/** A package as a wheel would hold it. */
export interface FakeWheel {
  name: string;
  version: string;
  license?: string;
  files: Record<string, Buffer>;
  /** Replaces the hash that RECORD gives for every file. */
  recordedHash?: string;
}

/** The bytes of a wheel: a zip archive with METADATA and RECORD. */
export function fakeWheel(wheel: FakeWheel): Buffer {
  const info = `${wheel.name.replaceAll("-", "_")}-${wheel.version}.dist-info`;
  const license = wheel.license === undefined ? "" : `License: ${wheel.license}\n`;
  const metadata = `Metadata-Version: 2.1\nName: ${wheel.name}\nVersion: ${wheel.version}\n${license}\nName: not-this-one\n`;
  const record = Object.entries(wheel.files).map(([file, bytes]) => {
    const hash = wheel.recordedHash ?? createHash("sha256").update(bytes).digest("base64url");
    return `${file},sha256=${hash},${bytes.length}\n`;
  });
  return zipOf({
    ...wheel.files,
    [`${info}/METADATA`]: Buffer.from(metadata),
    [`${info}/RECORD`]: Buffer.from(record.join("")),
  });
}

/** A zip archive with deflated entries. */
export function zipOf(files: Record<string, Buffer>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [file, bytes] of Object.entries(files)) {
    const name = Buffer.from(file);
    const packed = deflateRawSync(bytes);
    // From "version needed" to "extra field length", which both kinds of header share.
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([Buffer.from("PK\x03\x04"), shared, name, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), shared, tail, name]));
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(central.length, 8);
  end.writeUInt16LE(central.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
