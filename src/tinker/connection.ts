import { type Call, createCall } from "./call.ts";
import { type Await, createAwait } from "./future.ts";
import { createHttp, type Http } from "./http.ts";
import { type ResolvedTinkerOptions, resolveTinkerOptions, type TinkerOptions } from "./options.ts";
import { parseTinkerAddress } from "./server-address.ts";

/** What every part of a client needs to talk to its server. */
export interface Connection {
  readonly options: ResolvedTinkerOptions;
  readonly http: Http;
  readonly call: Call;
  readonly awaitResult: Await;
}

/** Prepares calls to a server; nothing is sent. Throws an `InputError` for options that make no sense. */
export function createConnection(given: TinkerOptions): Connection {
  const options = resolveTinkerOptions(given);
  const http = createHttp(parseTinkerAddress(given.baseUrl), options);
  const call = createCall(http, options);
  return { options, http, call, awaitResult: createAwait(call, http, options) };
}
