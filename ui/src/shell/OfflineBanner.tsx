import { useSyncExternalStore } from "react";
import classes from "./OfflineBanner.module.css";

/** Says that the device has no network; the pages reconnect by themselves. */
export function OfflineBanner() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status">
      {!isOnline && <p className={classes.banner}>You are offline. What you see is the last that the server said.</p>}
    </div>
  );
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
}
