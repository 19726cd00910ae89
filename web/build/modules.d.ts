// The plugin comes without types; ESLint reads it, nothing else does.
declare module "eslint-plugin-jsx-a11y";
