/** Why a text is no e-mail address, roughly; the server knows exactly. */
export function checkEmail(email: string): string | null {
  return /^\s*\S+@\S+\s*$/.test(email) ? null : "Write an e-mail address, such as ada@example.org";
}

/** Why a text is no display name. */
export function checkName(name: string): string | null {
  return name.trim() ? null : "Write the name that others see";
}

/** Why a new password and its repetition cannot be taken. */
export function checkNewPassword(password: string): string | null {
  return Array.from(password).length >= 8 ? null : "Write at least 8 characters";
}
