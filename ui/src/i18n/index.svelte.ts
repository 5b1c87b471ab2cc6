/** The message catalogue: `t.albums`, `t.albumCount(3)`. English is complete and comes along; other languages are loaded when chosen. */

import { en, type Catalogue } from "./en";

export type MessageKey = { [K in keyof Catalogue]: Catalogue[K] extends string ? K : never }[keyof Catalogue];

/** The languages there are, under their own names. */
export const languages: Record<string, { name: string; load: () => Promise<Catalogue> }> = {
  en: { name: "English", load: () => Promise.resolve(en) },
  de: { name: "Deutsch", load: () => import("./de").then((module) => module.de) },
};

class Language {
  /** The language of the words. */
  code = $state("en");
  /** The locale of dates and numbers: the browser's, if it speaks the same language. */
  locale = $state("en");
  messages = $state.raw<Catalogue>(en);

  /** Switches to a language; null follows the browser. */
  async choose(wanted: string | null): Promise<void> {
    const spoken = navigator.languages?.length ? navigator.languages : [navigator.language];
    const code = wanted && languages[wanted] ? wanted : (spoken.map((tag) => tag.split("-")[0] as string).find((tag) => languages[tag]) ?? "en");
    const chosen = languages[code] ?? languages.en!;
    this.messages = await chosen.load();
    this.code = code;
    this.locale = spoken.find((tag) => tag.split("-")[0] === code) ?? code;
    document.documentElement.lang = code;
    document.documentElement.dir = ["ar", "fa", "he", "ur"].includes(code) ? "rtl" : "ltr";
  }
}

export const language = new Language();

/** The messages of the chosen language; reading one inside a component follows a change of language. */
export const t: Catalogue = new Proxy({} as Catalogue, { get: (_, key) => language.messages[key as keyof Catalogue] });
