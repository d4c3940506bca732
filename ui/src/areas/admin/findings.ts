import type { Check } from "./reports";

const BY_TROUBLE: Record<Check["status"], number> = { fail: 0, warn: 1, ok: 2 };

/** What needs somebody comes first; the rest keeps its order. */
export function byTrouble(checks: readonly Check[]): Check[] {
  return [...checks].sort((a, b) => BY_TROUBLE[a.status] - BY_TROUBLE[b.status]);
}

/** The whole in a sentence. */
export function verdict(checks: readonly Check[]): string {
  const failed = checks.filter(({ status }) => status === "fail").length;
  const warned = checks.filter(({ status }) => status === "warn").length;
  if (failed + warned === 0) return `All is well: ${checks.length} checks, nothing to do.`;
  const parts = [
    ...(failed > 0 ? [`${failed} ${failed === 1 ? "check fails" : "checks fail"}`] : []),
    ...(warned > 0 ? [`${warned} ${warned === 1 ? "gives" : "give"} a warning`] : []),
  ];
  return `${parts.join(", ")}, of ${checks.length}.`;
}
