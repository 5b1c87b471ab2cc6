/** Pass phrases that can be typed on a phone or a television. */

const syllables = "ba be bi bo da de di do fa fe fi fo ga go ha he hi ho ja jo ka ke ki ko la le li lo lu ma me mi mo mu na ne ni no pa pe pi po ra re ri ro ru sa se si so su ta te ti to tu va ve vi vo wa we wi ya yo za ze zo".split(" ");

/** Four made-up words of three syllables, about 70 bits from the browser's own random numbers. */
export function newWords(): string {
  const random = crypto.getRandomValues(new Uint32Array(12));
  const parts = [...random].map((value) => syllables[value % syllables.length] as string);
  return [0, 3, 6, 9].map((at) => parts.slice(at, at + 3).join("")).join("-");
}
