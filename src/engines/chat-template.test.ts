import { expect, test } from "vitest";
import { createChatTemplate } from "./chat-template.ts";

const noTokens = { bosToken: undefined, eosToken: undefined };
const messages = [
  { role: "system", content: " Be brief.\n" },
  { role: "user", content: "\n Hello " },
] as const;

function text(chatTemplate: string): string {
  return createChatTemplate({ chatTemplate, ...noTokens })(messages, false)
    .map((piece) => piece.text)
    .join("");
}

test.each([
  ["{% for m in messages %}[ {{ m.content }} ]{% endfor %}", "[  Be brief.\n ][ \n Hello  ]"],
  ["{% for m in messages %}[ {{ m.content | trim }} ]{% endfor %}", "[ Be brief. ][ Hello ]"],
  ["{% for m in messages %}[ {{ m.content.strip() }} ]{% endfor %}", "[ Be brief. ][ Hello ]"],
  ["{% for m in messages %}[ {{ m.content.rstrip() }} ]{% endfor %}", "[  Be brief. ][ \n Hello ]"],
])("what messages say is trimmed where the template trims it: %s", (template, expected) => {
  expect(text(template)).toBe(expected);
});

test("pieces say which message they come from, and empty messages have theirs", () => {
  const template = createChatTemplate({
    chatTemplate: "{{ messages[1].content }}<b>{{ messages[0].content }}",
    ...noTokens,
  });
  expect(template([messages[0], { role: "user", content: "" }], false)).toEqual([
    { kind: "content", text: "", message: 1 },
    { kind: "template", text: "<b>" },
    { kind: "content", text: " Be brief.\n", message: 0 },
  ]);
});
