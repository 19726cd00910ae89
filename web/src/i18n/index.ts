import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type en from "./en.json";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    enableSelector: false;
  }
}

/** The languages there are, each with its own name. */
export const languages = [
  { code: "en", name: "English" },
  { code: "zh-CN", name: "简体中文" },
] as const;

export type Language = (typeof languages)[number]["code"];

const key = "crowsnest.language";

const catalogues: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import("./en.json"),
  "zh-CN": () => import("./zh-CN.json"),
};

function isLanguage(code: string | null): code is Language {
  return languages.some((l) => l.code === code);
}

/** The language chosen before, else that of the account, else the first of the browser's that there is. */
function preferred(account = ""): Language {
  const stored = localStorage.getItem(key);
  if (isLanguage(stored)) {
    return stored;
  }
  if (isLanguage(account)) {
    return account;
  }
  for (const wanted of navigator.languages) {
    const match = languages.find((l) => l.code.split("-")[0] === wanted.toLowerCase().split("-")[0]);
    if (match) {
      return match.code;
    }
  }
  return "en";
}

async function switchTo(code: Language) {
  if (!i18next.hasResourceBundle(code, "translation")) {
    const catalogue = await catalogues[code]();
    i18next.addResourceBundle(code, "translation", catalogue.default);
  }
  await i18next.changeLanguage(code);
  document.documentElement.lang = code;
}

/** Loads the one catalogue that is needed. Must end before anything is shown. */
export async function startI18n(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: {},
    fallbackLng: false, // the catalogues are complete; a test holds that
    interpolation: { escapeValue: false }, // React escapes
    react: { useSuspense: false },
  });
  await switchTo(preferred());
}

export async function chooseLanguage(code: Language): Promise<void> {
  localStorage.setItem(key, code);
  await switchTo(code);
}

/** Shows the language of an account, unless one was chosen on this browser. */
export async function offerLanguage(account: string): Promise<void> {
  const wanted = preferred(account);
  if (i18next.language !== wanted) {
    await switchTo(wanted);
  }
}

/** Shows what was just chosen for the account, whatever was chosen on this browser before. */
export async function followLanguage(account: string): Promise<void> {
  localStorage.removeItem(key);
  await offerLanguage(account);
}
