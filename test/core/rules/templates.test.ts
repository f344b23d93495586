import { describe, expect, test } from "bun:test";
import { ExactNumber, type JsonObject } from "../../../src/core/events/json.ts";
import { checkTemplate } from "../../../src/core/rules/templates/check-template.ts";
import { renderOptions } from "../../../src/core/rules/templates/render-options.ts";
import { renderTemplate } from "../../../src/core/rules/templates/render-template.ts";
import { parseTemplate, type TemplateTarget } from "../../../src/core/rules/templates/template.ts";
import { eventOf, NOW, ORDER } from "./orders.ts";

function filled(text: string, target: TemplateTarget, after: JsonObject = {}): string {
  const event = eventOf({ after, before: { status: "paid" } });
  return renderTemplate(parseTemplate(text), target, { event, entity: "Order", ruleName: "big-orders", now: NOW });
}

const NASTY = `a"b\\c\n<&'>\r\nSet-Cookie: x`;

describe("a template", () => {
  test("is filled with the rows, the event and the rule", () => {
    const text =
      "{{rule.name}}: {{ op }} of {{ event.entity }} {{ new.id }} from {{ old.status }} by {{ claims.sub }} at {{ now }}";
    expect(filled(text, "text", { id: 7 })).toBe(
      "big-orders: update of Order 7 from paid by ada at 2026-03-01T12:00:00Z",
    );
    expect(filled("{{ new.data.lines[0]['unit price'] }}", "text", { data: { lines: [{ "unit price": 3.5 }] } })).toBe(
      "3.5",
    );
    expect(filled("{{ '{{' }} {{ '}}' }}", "text")).toBe("{{ }}");
  });

  test("keeps all digits", () => {
    expect(
      filled("{{ new.id }} {{ new.weight }}", "text", { id: new ExactNumber("9007199254740993"), weight: 1e-7 }),
    ).toBe("9007199254740993 0.0000001");
    expect(filled("[{{ new.id }}]", "json", { id: new ExactNumber("9007199254740993") })).toBe("[9007199254740993]");
  });

  test("writes nothing for what is missing, and null in JSON", () => {
    expect(filled("<{{ new.note }}>", "text")).toBe("<>");
    expect(filled('{"note": {{ new.note }}, "text": "<{{ new.note }}>"}', "json")).toBe('{"note": null, "text": "<>"}');
  });

  test("escapes for where it goes", () => {
    const json = filled('{"whole": {{ new.note }}, "part": "it is: {{ new.note }}", "{{ new.note }}": 1}', "json", {
      note: NASTY,
    });
    expect(JSON.parse(json)).toEqual({ whole: NASTY, part: `it is: ${NASTY}`, [NASTY]: 1 });
    expect(filled("x{{ new.note }}", "header", { note: NASTY })).toBe(`xa"b\\c <&'> Set-Cookie: x`);
    expect(filled("{{ new.note }}", "html", { note: NASTY })).toBe("a&quot;b\\c\n&lt;&amp;&#39;&gt;\r\nSet-Cookie: x");
    expect(decodeURIComponent(filled("/a/{{ new.note }}", "url", { note: NASTY }))).toBe(`/a/${NASTY}`);
    expect(filled("{{ new.note }}", "url", { note: "a/../b?c#d'()\ud800" })).toBe(
      "a%2F..%2Fb%3Fc%23d%27%28%29%EF%BF%BD",
    );
  });

  test.each([
    ['{"a": {{ new.id }}, "b": ["{{ new.id }}"]}', true],
    ['{"a": {{ new.id }}', false],
    ['{"a": "{{ new.id }}}', false],
    ['"\\"{{ new.id }}"', true],
  ])("%s is JSON for every value: %p", (text, expected) => {
    expect(checkTemplate(text, "json", ORDER, ["update"], []).length === 0).toBe(expected);
  });

  test.each([
    ["a {{ new.totl }}", '1:6 unknown field of Order "totl"; did you mean "total"?'],
    ["a\n{{ nwe.total }}", '2:4 unknown root "nwe"; did you mean "new"?'],
    [
      "{{ total }}",
      '1:4 unknown root "total"; there is new, old, op, now, claims, event, rule; a field is new.… or old.…',
    ],
    ["{{ event.occuredAt }}", '1:4 unknown field of event "occuredAt"; did you mean "occurredAt"?'],
    ["{{ rule.version }}", "1:4 of a rule there is rule.name"],
    ["{{ new.total", "1:1 this {{ has no }}"],
    ["{{ new.total + 1 }}", '1:14 expected }}, found "+"'],
    ["{{ }}", "1:4 expected a field or a value, found the end"],
    ["{{ new.note.x }}", "1:4 new.note is text and has no parts"],
  ])("%p: %s", (text, expected) => {
    const [problem] = checkTemplate(text, "text", ORDER, ["update"], ["text"]);
    expect(`${problem?.line}:${problem?.column} ${problem?.message}`).toBe(expected);
  });

  test("is rendered in the options that take templates, and nowhere else", () => {
    const big = new ExactNumber("12345678901234567890");
    const options = { url: "/{{ new.note }}", headers: { "x-id": ["{{ op }}"] }, secret: "{{ op }}", n: [1, big] };
    const input = { event: eventOf({ after: { note: "a b" } }), entity: "Order", ruleName: "r", now: NOW };
    expect(renderOptions(options, { url: "url", headers: "header", n: "text" }, input)).toStrictEqual({
      url: "/a%20b",
      headers: { "x-id": ["update"] },
      secret: "{{ op }}",
      n: [1, big],
    });
  });

  test("knows which operations have which row", () => {
    expect(checkTemplate("{{ old.id }}", "text", ORDER, ["insert"], [])[0]?.message).toBe(
      "old.id: insert has no old row",
    );
    expect(checkTemplate("{{ old.id }}", "text", ORDER, ["insert", "update"], [])).toEqual([]);
  });

  test("is bounded", () => {
    expect(checkTemplate("{{op}}".repeat(300), "text", ORDER, ["update"], [])[0]?.message).toBe(
      "a template has at most 256 values",
    );
    expect(checkTemplate("x".repeat(70_000), "text", ORDER, ["update"], [])[0]?.message).toBe(
      "a template has at most 65536 characters",
    );
  });
});
