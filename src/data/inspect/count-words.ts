/** The number of runs of anything but white space. */
export function countWords(text: string): number {
  let words = 0;
  let inside = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    const space = unit <= 0x20 || unit === 0xa0 || (unit >= 0x2000 && isWideSpace(unit));
    if (!space && !inside) words++;
    inside = !space;
  }
  return words;
}

function isWideSpace(unit: number): boolean {
  return unit <= 0x200a || unit === 0x2028 || unit === 0x2029 || unit === 0x202f || unit === 0x205f || unit === 0x3000;
}
