import { fileURLToPath } from "node:url";

/** Where tests keep what they fetch and make once: `CERM_TEST_CACHE`, else inside node_modules. */
export const cacheDirectory =
  process.env.CERM_TEST_CACHE ?? fileURLToPath(new URL("../node_modules/.cache/cerm-test", import.meta.url));
