/** Verbs that rubric questions ask with, in their base form. */
const verbs =
  `account acknowledge address adhere adjust advocate align allocate allow analyze answer apply arrange articulate
assess avoid balance build calculate capture celebrate choose clarify classify communicate compare complete comply compose connect
comprise concentrate conduct conform consider consist construct contain convey correct correspond cover craft create critique
define deliver demonstrate depict derive describe design detail detect determine develop devise discuss display elaborate
elucidate emphasize employ enhance ensure establish evaluate evoke examine execute explain explore express feature find focus follow form
formulate generate give handle highlight honor identify illustrate implement include incorporate indicate infer integrate
interpret introduce keep leverage list maintain make mention minimize narrate navigate offer optimize organize outline pertain possess
predict present preserve promote propose provide prove reconcile reference refer reflect refrain refuse represent respect
respond retain select serve show solve specify start state stipulate suggest summarize support take trace track translate
understand uphold use utilize validate verify visualize write`.split(/\s+/);

const bases = new Set(verbs);
const participles = new Set(verbs.flatMap((verb) => [`${verb}ing`, `${verb.replace(/e$/, "")}ing`]));

/** Whether a word is such a verb: `"include"`. */
export function isVerb(word: string): boolean {
  return bases.has(word.toLowerCase());
}

/** Whether a word is such a verb's participle: `"including"`. */
export function isParticiple(word: string): boolean {
  return participles.has(word.toLowerCase());
}

/** Whether a word is an adverb by its ending: `"clearly"`. */
export function isAdverb(word: string): boolean {
  return /^[a-z]{3,}ly$/i.test(word);
}

/** Whether a text ends with such a verb in any form, and so lacks what follows: "how well it incorporates". */
export function endsWithVerb(text: string): boolean {
  const last = /[a-z]+$/i.exec(text)?.[0] ?? "";
  return (
    [last, last.replace(/s$/, ""), last.replace(/es$/, ""), last.replace(/ies$/, "y")].some(isVerb) ||
    isParticiple(last)
  );
}

/** A verb's third person: `"identify"` gives `"identifies"`. */
export function thirdPerson(verb: string): string {
  if (/[^aeiou]y$/i.test(verb)) return `${verb.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh|o)$/i.test(verb) ? `${verb}es` : `${verb}s`;
}
