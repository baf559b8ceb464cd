/** Runs every contender once a round; another's that fails is entered into `missing` and left out from then on. */
export async function runRounds(contenders, count, missing) {
  const runs = {};
  for (let round = 0; round < count; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      if (name in missing) continue;
      try {
        runs[name] = [...(runs[name] ?? []), await run()];
      } catch (error) {
        if (name.startsWith("cerm")) throw error;
        missing[name] = error.message;
      }
    }
  }
  return runs;
}
