/** Plurals and numbers inside messages: "#" stands for the number, written as the locale writes it. */

export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** A function for one locale that picks the right form and fills in the number. */
export function plurals(locale: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (count, forms) => (forms[rules.select(count)] ?? forms.other).replaceAll("#", numbers.format(count));
}
