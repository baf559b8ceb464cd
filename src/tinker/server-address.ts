import { InputError } from "../core/errors.ts";

/** A Tinker server's address, its user-info taken out so that it is never part of what is shown. */
export interface TinkerAddress {
  /** Address that paths like `/healthz` are added to; ends with `/api/v1`. */
  root: string;
  /** `Authorization` value of the user-info part, if there is one. */
  basicAuth: string | undefined;
  /** What must not be shown. */
  secrets: string[];
}

/** Reads a base URL, given with or without `/api/v1`. Throws an `InputError` that does not repeat user-info. */
export function parseTinkerAddress(text: string): TinkerAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new InputError("is not a URL; write it like http://localhost:8000", { field: "baseUrl" });
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new InputError(`has the scheme ${url.protocol}; only http: and https: are served`, { field: "baseUrl" });
  }
  if (url.search !== "" || url.hash !== "") {
    throw new InputError("has a query or a fragment, which Tinker servers do not take; leave it out", {
      field: "baseUrl",
    });
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/api\/v1$/, "");
  const userInfo = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const basic = userInfo === ":" ? undefined : Buffer.from(userInfo).toString("base64");
  return {
    root: `${url.origin}${path}/api/v1`,
    basicAuth: basic === undefined ? undefined : `Basic ${basic}`,
    secrets: basic === undefined ? [] : [url.password, decodeURIComponent(url.password), userInfo, basic],
  };
}
