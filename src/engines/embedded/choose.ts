import type { Program, Tokenizer } from "./step.ts";

/** Branches with less probability than this are not explored; their share is left out and the rest is normalised. */
const negligible = 0.01;

export interface Choice {
  /** Index of the chosen option. */
  index: number;
  /** Probability of every option, in their order; sums to 1. */
  probabilities: number[];
  /** Probability the model gave to the options' first tokens together, among the whole vocabulary. */
  mass: number;
  /** Tokens of the chosen option, which the caller feeds next. */
  tokens: number[];
}

interface Node {
  children: Map<number, Node>;
  /** Option that ends here. */
  option?: number;
}

/** A place in the tree with its probability and the tokens that lead there. */
interface Branch {
  node: Node;
  probability: number;
  path: number[];
}

/**
 * Reads the probability of every option at this place and picks one: the most probable at temperature 0, else a draw
 * from p^(1/temperature). Options are walked as a tree of tokens, so that "1", "1.5" and "10" compete fairly: `end` is
 * the token that follows an option and closes it. Where none is known, an option that begins another one gets what the
 * model gives to all tokens that do not continue it. Leaves the sequence as it was after `pending`.
 */
export function* choose(
  options: string[],
  pending: { erase: number; feed: number[] },
  end: number | undefined,
  tokenizer: Tokenizer,
  sampling: { temperature: number; random: () => number },
): Program<Choice> {
  const tokenized = options.map((option) => tokenizer.tokenize(option));
  const root = buildTree(tokenized, end);
  const probabilities = new Array<number>(options.length).fill(0);

  const first = yield { ...pending, want: { kind: "logits", tokens: [...root.children.keys()] } };
  const mass = root.option === undefined ? massOf(root, first.logprobs) : 1;
  const open: Branch[] = [];
  const share = (branch: Branch, logprobs: Map<number, number>) => {
    const branches = split(branch, logprobs, probabilities).map(descend);
    const largest = Math.max(...branches.map(({ probability }) => probability));
    for (const next of branches) {
      const { node, probability } = next;
      if (node.children.size === 0) probabilities[node.option!]! += probability;
      else if (probability >= negligible || probability === largest) open.push(next);
    }
  };

  share({ node: root, probability: 1, path: [] }, first.logprobs);
  let erase = 0;
  while (open.length > 0) {
    const branch = open.pop()!;
    const wanted = [...branch.node.children.keys()];
    const result = yield { erase, feed: branch.path, want: { kind: "logits", tokens: wanted } };
    erase = branch.path.length;
    share(branch, result.logprobs);
  }
  if (erase > 0) yield { erase, feed: [], want: { kind: "nothing" } };

  const total = probabilities.reduce((sum, probability) => sum + probability, 0);
  const normalised = probabilities.map((probability) => probability / total);
  const index = pick(normalised, sampling);
  return { index, probabilities: normalised, mass: Math.min(1, mass), tokens: tokenized[index]! };
}

function buildTree(tokenized: number[][], end: number | undefined): Node {
  const root: Node = { children: new Map() };
  for (const [option, tokens] of tokenized.entries()) {
    let node = root;
    for (const token of end === undefined ? tokens : [...tokens, end]) {
      const next = node.children.get(token) ?? { children: new Map<number, Node>() };
      node.children.set(token, next);
      node = next;
    }
    node.option = option;
  }
  return root;
}

function massOf(node: Node, logprobs: Map<number, number>): number {
  return [...node.children.keys()].reduce((sum, token) => sum + Math.exp(logprobs.get(token)!), 0);
}

/** Shares a branch's probability among its children, and the option that ends here if there is one. */
function split({ node, probability, path }: Branch, logprobs: Map<number, number>, probabilities: number[]): Branch[] {
  const largest = Math.max(...[...node.children.keys()].map((token) => logprobs.get(token)!));
  const weights = [...node.children].map(
    ([token, child]) => [token, child, Math.exp(logprobs.get(token)! - largest)] as const,
  );
  const ends = node.option === undefined ? 0 : Math.max(0, 1 - massOf(node, logprobs)) / Math.exp(largest);
  const total = weights.reduce((sum, [, , weight]) => sum + weight, ends);
  if (node.option !== undefined) probabilities[node.option]! += (probability * ends) / total;
  return weights.map(([token, child, weight]) => ({
    node: child,
    probability: (probability * weight) / total,
    path: [...path, token],
  }));
}

/** Follows a branch to where it splits or ends: nothing has to be read where only one token is possible. */
function descend({ node, probability, path }: Branch): Branch {
  const tokens = [...path];
  let here = node;
  while (here.children.size === 1 && here.option === undefined) {
    const [[token, child]] = [...here.children] as [[number, Node]];
    tokens.push(token);
    here = child;
  }
  return { node: here, probability, path: tokens };
}

function pick(probabilities: number[], { temperature, random }: { temperature: number; random: () => number }): number {
  if (temperature === 0) return probabilities.indexOf(Math.max(...probabilities));
  // Relative to the largest, so that a small temperature does not turn every weight into 0.
  const largest = Math.max(...probabilities);
  const weights = probabilities.map((probability) => (probability / largest) ** (1 / temperature));
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return index;
  }
  return weights.findLastIndex((weight) => weight > 0);
}
