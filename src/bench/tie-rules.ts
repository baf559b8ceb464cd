/** What equal scores earn, in the words every result uses. */
export const tieRules = {
  strict: "strict: equal scores earn 0",
  half: "half credit: equal scores earn 1/2",
  share: "shared: 1/k where the correct response shares the highest score with k-1 others",
} as const;
