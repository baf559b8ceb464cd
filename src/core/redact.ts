/** Shortest text that is treated as a secret: below it, hiding would only mangle messages. */
const shortestSecret = 4;

/**
 * Makes a function that replaces every secret in a text, as it is, percent-encoded, base64-encoded or escaped in JSON,
 * with `[hidden]`.
 */
export function makeRedactor(secrets: string[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < shortestSecret) continue;
    forms.add(secret);
    forms.add(encodeURIComponent(secret));
    forms.add(Buffer.from(secret).toString("base64"));
    forms.add(JSON.stringify(secret).slice(1, -1));
  }
  // Longest first, so that a secret inside another does not leave the rest of the longer one.
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => ordered.reduce((result, form) => result.replaceAll(form, "[hidden]"), text);
}

/** Whether a header of this name usually holds a secret. */
export function isSecretHeader(name: string): boolean {
  return /auth|key|token|secret|cookie|password/i.test(name);
}
