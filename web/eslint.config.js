import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const spoken = "/^(aria-label|title|placeholder|label|alt|description|error|nothingFoundMessage)$/";

export default defineConfig(
  { ignores: ["dist", "node_modules", "src/data/schema.ts", "public", "test-results"] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  a11y.flatConfigs.strict,
  hooks.configs.flat.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["src/**/*.tsx"],
    ignores: ["src/**/*.test.tsx", "src/test/**"],
    rules: {
      // Everything people read is in the catalogues, else a language is half translated.
      "no-restricted-syntax": [
        "error",
        { selector: "JSXText[value=/\\p{L}/u]", message: "Put the text into the catalogues in src/i18n." },
        { selector: `JSXAttribute[name.name=${spoken}] > Literal[value=/\\p{L}/u]`, message: "Put the text into the catalogues in src/i18n." },
        { selector: `JSXAttribute[name.name=${spoken}] > JSXExpressionContainer > :matches(Literal[value=/\\p{L}/u], TemplateLiteral[quasis.0.value.raw=/\\p{L}/u])`, message: "Put the text into the catalogues in src/i18n." },
        { selector: "JSXExpressionContainer > Literal[value=/\\p{L}{2}/u]:not(JSXAttribute Literal)", message: "Put the text into the catalogues in src/i18n." },
      ],
    },
  },
  // Scripts of the build read JSON, which has no type before it is looked at.
  { files: ["build/*.js"], rules: { "@typescript-eslint/no-unsafe-assignment": "off" } },
  {
    files: ["src/pages/**", "src/components/**", "src/app/**"],
    rules: {
      "no-restricted-globals": ["error", { name: "fetch", message: "Pages ask the data layer in src/data." }],
      "no-restricted-imports": ["error", { patterns: [{ group: ["@/data/client", "openapi-fetch"], message: "Pages ask a resource's hooks in src/data, not the client." }] }],
    },
  },
  { files: ["**/*.js"], languageOptions: { globals: { console: "readonly", process: "readonly", URL: "readonly" } } },
);
