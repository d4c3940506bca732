/** How many digits a code has. */
export const CODE_DIGITS = 6;

/** The digits of what was typed or pasted: `123 456`, `123-456` and `Your code is 123456.` are all the same code. */
export function codeDigits(text: string): string {
  return text.replace(/\D/g, "").slice(0, CODE_DIGITS);
}
