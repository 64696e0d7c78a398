import { expect, test } from "vitest";
import { csvLine, jsonLine } from "./table-text";

test("commas, quotes and line breaks stay inside their field", () => {
  expect(csvLine(["a,b", 'say "so"', "two\nlines", "plain"])).toBe('"a,b","say ""so""","two\nlines",plain\r\n');
});

test.each(["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\r=x"])(
  "a text that a spreadsheet would follow is told as text: %j",
  (text) => {
    expect(csvLine([text]).replace(/^"/, "")).toMatch(/^'/);
  },
);

test("numbers stay numbers, and nothing stays empty", () => {
  expect(csvLine([-5, 0.25, true, null, undefined, "-"])).toBe("-5,0.25,true,,,'-\r\n");
});

test("what is no text is told as JSON", () => {
  expect(csvLine([["a", 1], { b: 2 }])).toBe('"[""a"",1]","{""b"":2}"\r\n');
});

test("a row of JSON has every column, and names cannot break it", () => {
  expect(JSON.parse(jsonLine(['a"b', "c"], ["</script>"]))).toEqual({ 'a"b': "</script>", c: null });
});
