import { expect, it } from "vitest";
import { topShare } from "./top-share.ts";

it.each([
  [[8, 7, 7, 1], 1],
  [[8, 8, 3, 1], 1 / 2],
  [[8, 8, 8, 1], 1 / 3],
  [[8, 8, 8, 8], 1 / 4],
  [[7, 8, 8, 8], 0],
  // A failed rating of a wrong response removes a rival, one of the correct response costs everything.
  [[7, null, 3, 3], 1],
  [[7, null, 7, 3], 1 / 2],
  [[null, 1, 1, 1], 0],
  [[-3, null, null, null], 1],
  [[null, null, null, null], 1 / 4],
])("%j earns %f", (scores, share) => {
  expect(topShare(scores)).toBeCloseTo(share, 12);
});
