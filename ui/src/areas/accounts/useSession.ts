import { useSyncExternalStore } from "react";
import { currentSession, type Session, subscribe } from "../../api/session";

export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession);
}
