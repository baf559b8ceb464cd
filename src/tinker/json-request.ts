import * as z from "zod";

/** The answer to a request whose result is asked for later. */
export const jsonRequest = z.object({ request_id: z.union([z.string(), z.int().transform(String)]) });
