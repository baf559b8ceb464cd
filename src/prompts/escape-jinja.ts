/**
 * Text as a Jinja template that renders to exactly that text. Braces that Jinja would read are written as expressions;
 * the rest, such as `\boxed{}`, stays readable. `beforeExpression` says that an expression follows directly.
 */
export function escapeJinja(text: string, place: { beforeExpression: boolean }): string {
  // `-}`, `%}` and `#}` before a line break, and `{-` after spaces at a line's start, are changed by block trimming.
  const risky = place.beforeExpression ? /(?<=[-%#])\}|\{(?=[{%#-]|$)/g : /(?<=[-%#])\}|\{(?=[{%#-])/g;
  return text.replace(risky, (brace) => `{{ '${brace}' }}`);
}
