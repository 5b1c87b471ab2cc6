/** A text without its case and accents, for comparing what was typed with what is there. */
export const fold = (text: string): string => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase().trim();
