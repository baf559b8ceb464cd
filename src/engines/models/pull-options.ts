import type { Environment, HubClientOptions } from "./hub-client.ts";
import type { LockOptions } from "./model-lock.ts";

/** How far a pull is. */
export interface PullProgress {
  /** `wait`: another process pulls the same model; `verify`: a file is read to check its hash. */
  phase: "wait" | "download" | "verify" | "extract";
  /** The file this is about (for `wait`, the model). */
  file: string;
  doneBytes: number;
  /** 0 where it is not known. */
  totalBytes: number;
}

export interface PullOptions extends Omit<HubClientOptions, "env"> {
  /** Where models are kept; made where it is missing. */
  directory: string;
  /** Default `process.env`. */
  env?: Environment;
  signal?: AbortSignal;
  onProgress?: (progress: PullProgress) => void;
  /** Gets one line before anything is downloaded: what, how large, from where. */
  say?: (line: string) => void;
  /** Bytes that may still be written on the volume of a directory. Default: asks the system. */
  freeBytes?: (directory: string) => Promise<number>;
  /** What to do while another process pulls the same model. */
  lock?: Pick<LockOptions, "wait" | "pollMs" | "heartbeatMs" | "staleMs">;
  /** Tries of a download in a row without a new byte. Default 5. */
  attempts?: number;
  /** Milliseconds before the second such try, doubled for each further one. Default 1,000. */
  retryDelayMs?: number;
  /** The clock for records. Default: the system's. */
  now?: () => Date;
}
