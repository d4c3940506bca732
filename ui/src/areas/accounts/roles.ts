import type { Session } from "../../api/session";
import type { Auction } from "../../api/types";

/** Whether an administrator is signed in. What this shows, the server checks again. */
export function isAdmin(session: Session): boolean {
  return session.status === "signed-in" && session.account.roles.includes("admin");
}

/** Whether somebody is signed in who may have a channel to go live on. */
export function isHost(session: Session): boolean {
  return session.status === "signed-in" && session.account.roles.some((role) => role === "host" || role === "admin");
}

/** Whether the reader may stream to an auction and close it. */
export function mayUseDesk(auction: Auction, session: Session): boolean {
  return session.status === "signed-in" && (auction.is_mine === true || isAdmin(session));
}
