/** Keys as they are printed on keyboards. */

const caps: Record<string, string> = { ArrowRight: "→", ArrowLeft: "←", ArrowUp: "↑", ArrowDown: "↓", Shift: "⇧", Space: "Space" };

/** "Shift+ArrowRight" as ["⇧", "→"], "g a" as ["g", "a"]. */
export const keyCaps = (keys: string): string[] => keys.split(/[+ ]/).map((key) => caps[key] ?? (key.length === 1 && keys.includes("+") ? key.toUpperCase() : key));
