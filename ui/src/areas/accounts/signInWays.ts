import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, unwrap } from "../../api/client";

/** How to prove who one is: by a code from the mailbox or by a password. */
export type Way = "code" | "password";

// Which way this browser's reader chose last; nothing about who they are.
const WAY_KEY = "rostrum.sign-in-way";

/** What this installation offers. While nobody knows, or when asking failed, a password is what always works. */
export function useMethods() {
  return useQuery({
    queryKey: ["sign-in-methods"],
    queryFn: () => unwrap(api.GET("/api/auth/methods")),
    staleTime: 60_000,
  });
}

/** The way to show: the reader's choice here or last time, else the code. */
export function useWay(hasCodes: boolean): [Way, (way: Way) => void] {
  const [chosen, setChosen] = useState(() => localStorage.getItem(WAY_KEY));
  const choose = (way: Way) => {
    rememberWay(way);
    setChosen(way);
  };
  return [hasCodes && chosen !== "password" ? "code" : "password", choose];
}

export function rememberWay(way: Way): void {
  localStorage.setItem(WAY_KEY, way);
}
