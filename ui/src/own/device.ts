/** What a browser is called among the players of one person. */

const browsers: [RegExp, string][] = [[/Edg(A|iOS)?\//, "Edge"], [/OPR\//, "Opera"], [/Vivaldi\//, "Vivaldi"], [/SamsungBrowser\//, "Samsung"], [/(Firefox|FxiOS)\//, "Firefox"], [/(Chrome|CriOS|Chromium)\//, "Chrome"], [/Safari\//, "Safari"]];
const systems: [RegExp, string][] = [[/iPhone/, "iPhone"], [/iPad/, "iPad"], [/Android/, "Android"], [/CrOS/, "ChromeOS"], [/Windows/, "Windows"], [/Macintosh/, "Mac"], [/Linux/, "Linux"]];

/** A name such as "Firefox, Linux" that none of `taken` has. */
export function deviceName(agent: string, taken: readonly string[] = []): string {
  const of = (known: [RegExp, string][]) => known.find(([sign]) => sign.test(agent))?.[1] ?? "";
  const name = [of(browsers), of(systems)].filter(Boolean).join(", ") || "Browser";
  let free = name;
  for (let n = 2; taken.includes(free); n += 1) free = `${name} ${n}`;
  return free;
}
