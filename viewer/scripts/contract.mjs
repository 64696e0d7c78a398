// Writes src/contract/manifest.ts from the JSON Schema that the Python package generates: one fact, one home.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const schemaPath = fileURLToPath(new URL("../../schema/atlas.schema.json", import.meta.url));
const typesPath = fileURLToPath(new URL("../src/contract/manifest.ts", import.meta.url));
const BANNER = "/** Generated from schema/atlas.schema.json by `npm run contract`; change the schema's source instead. */";

/** Titles of single properties would each become a type of their own, and `prefixItems` is not understood. */
function simplified(node, isProperty = false) {
  if (Array.isArray(node)) return node.map((child) => simplified(child));
  if (node === null || typeof node !== "object") return node;
  const { title, prefixItems, properties, ...rest } = node;
  const kept = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, simplified(value)]));
  if (title && !isProperty && properties) kept.title = title;
  if (prefixItems) kept.items = prefixItems.map((child) => simplified(child, true));
  if (properties) {
    kept.properties = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, simplified(value, true)]));
  }
  return kept;
}

const schema = simplified(JSON.parse(readFileSync(schemaPath, "utf8")));
const types = await compile(schema, "Manifest", { additionalProperties: false, bannerComment: BANNER, format: false });
writeFileSync(typesPath, types);
