import type { Role } from "../../api/types";

/** What the roles are called and stand for, the one that may least first. */
export const ROLES: { value: Role; description: string }[] = [
  { value: "member", description: "Takes part." },
  { value: "host", description: "Goes on air." },
  { value: "admin", description: "Runs the installation: people, keys, channels, every auction." },
];

/** One thing that people do here, and the roles that let them. */
export interface Ability {
  what: string;
  roles: readonly Role[];
  note?: string;
}

const EVERYBODY: readonly Role[] = ["member", "host", "admin"];

/** What an account may do by each of its roles. The server decides it again for every request. */
export const ABILITIES: readonly Ability[] = [
  { what: "Watch, bid and talk in an auction’s room", roles: EVERYBODY, note: "Watching needs no account." },
  { what: "Sell in an auction of one’s own, and stream it", roles: EVERYBODY, note: "With auctions.sellers = \"host\", hosts and administrators only." },
  { what: "Keep groups of programmes and ask for a channel", roles: EVERYBODY },
  { what: "Go on air on an assigned channel", roles: EVERYBODY, note: "An administrator assigns it, or approves a request for one." },
  { what: "Announce shows", roles: ["host", "admin"] },
  { what: "Create, assign, book and delete channels; decide requests", roles: ["admin"] },
  { what: "Run or stop anybody’s auction and channel", roles: ["admin"] },
  { what: "Add people, change roles, make service keys", roles: ["admin"] },
  { what: "See costs, leaks, undelivered mail and the doctor’s findings", roles: ["admin"] },
];
