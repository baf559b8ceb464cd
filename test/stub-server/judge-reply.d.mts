/** FNV-1a of a text, 32 bits. */
export function hashText(text: string): number;
/** The content a judge would answer: criteria, or an evaluation with boxed scores. `variation` gives other scores. */
export function judgeReply(messages: { role: string; content: string }[], variation?: number): string;
