import { useSyncExternalStore } from "react";
import { isServerLost, subscribeReachability } from "../api/reachability";
import classes from "./OfflineBanner.module.css";

/** Says that the device has no network, or that the server does not answer; the pages reconnect by themselves. */
export function OfflineBanner() {
  const isOnline = useSyncExternalStore(subscribeNetwork, () => navigator.onLine);
  const isLost = useSyncExternalStore(subscribeReachability, isServerLost);
  const what = isOnline ? "The server cannot be reached; we keep trying." : "You are offline.";
  return (
    <div role="status" className={classes.place}>
      {(!isOnline || isLost) && (
        <p className={classes.banner} data-testid="offline">{what} What you see is the last that the server said.</p>
      )}
    </div>
  );
}

function subscribeNetwork(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
