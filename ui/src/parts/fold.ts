/** A text without its case and accents, for comparing what was typed with what is there. */
export const fold = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase().trim();

/** A name without its leading English article, by whose first letter it is filed. */
export const withoutArticle = (name: string): string => name.replace(/^(the|an?)\s+(?=\S)/i, "");
