/**
 * A file of a data set. Where no checksum is known here, the one that the host states is used, and kept from the first
 * download on.
 */
export interface DataFile {
  path: string;
  /** SHA-256, hex. */
  sha256?: string;
  /** SHA-1 of the file as a git blob, hex. */
  gitSha1?: string;
}

/** Official files in a repository: a data set of the hub, or on GitHub. */
export interface DataSet {
  host: "hub" | "github";
  /** `owner/name`. */
  repo: string;
  /** A commit, or a branch of the hub, which is pinned to the commit it stands for at the first download. */
  revision: string;
  files: DataFile[];
}
