import { InputError } from "../../core/errors.ts";

/** A server's address, taken apart so that its secrets are never part of what is shown. */
export interface ServerAddress {
  /** Scheme, host and port. */
  origin: string;
  /** Path before `/v1`, without a final slash. */
  root: string;
  /** Query string with its question mark, or `""`; sent with every request. */
  query: string;
  /** `Authorization` value of the user-info part, if there is one. */
  basicAuth: string | undefined;
  /** The address without user-info and query, for messages. */
  shown: string;
  /** What must not be shown. */
  secrets: string[];
}

/** Reads a base URL, given with or without `/v1`. Throws an `InputError` that does not repeat user-info or query. */
export function parseBaseUrl(text: string): ServerAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InputError("is not a URL; write it like http://localhost:8000/v1", { field: "baseUrl" });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new InputError(`has the scheme ${url.protocol}; only http: and https: are served`, { field: "baseUrl" });
  }
  const root = url.pathname.replace(/\/+$/, "").replace(/\/v1(\/chat\/completions)?$/, "");
  const [user, password] = [decode(url.username), decode(url.password)];
  const hasUser = user !== "" || password !== "";
  const basic = hasUser ? Buffer.from(`${user}:${password}`).toString("base64") : undefined;
  return {
    origin: url.origin,
    root,
    query: url.search,
    basicAuth: basic === undefined ? undefined : `Basic ${basic}`,
    shown: `${url.origin}${root}/v1`,
    secrets: [
      ...(password === "" ? [] : [password, url.password]),
      ...(user === "" ? [] : [user, url.username]),
      ...(basic === undefined ? [] : [basic]),
      ...url.searchParams.values(),
    ],
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
