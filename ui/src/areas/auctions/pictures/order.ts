/** Most pictures of one auction; the server's limit. */
export const PICTURES_MAX = 10;
/** Largest file, the server's limit. */
export const FILE_BYTES_MAX = 12 * 1024 * 1024;
/**
 * What the server reads. The kinds are named one by one because phones then hand over a JPEG where they would store a
 * HEIC; they offer the camera all the same.
 */
export const ACCEPTED = "image/jpeg,image/png,image/webp,image/gif";

/** The list with one item moved to another place; places outside the list are its ends. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, index) => index !== from);
  const item = items[from];
  if (item === undefined) return rest;
  const place = Math.max(0, Math.min(to, rest.length));
  return [...rest.slice(0, place), item, ...rest.slice(place)];
}

/** Why a file need not be sent; the server has the last word on the others. */
export function refusal(file: { size: number; type: string }): string | undefined {
  if (file.size > FILE_BYTES_MAX) return `Larger than ${FILE_BYTES_MAX / 1024 / 1024} MB`;
  if (file.type !== "" && !ACCEPTED.split(",").includes(file.type)) return "Not a JPEG, PNG, WebP or GIF file";
  return undefined;
}
