import { Button, Group, Text } from "@mantine/core";
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { Dialog } from "./Dialog";

/** Asks before a page is left, or closed, while it holds what was typed and not saved. */
export function UnsavedGuard({ isUnsaved }: { isUnsaved: boolean }) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => isUnsaved && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!isUnsaved) return;
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", hold);
    return () => window.removeEventListener("beforeunload", hold);
  }, [isUnsaved]);
  const stay = () => blocker.reset?.();
  return (
    <Dialog title="Leave without saving?" isOpen={blocker.state === "blocked"} onClose={stay}>
      <Text>What you changed on this page is not saved yet.</Text>
      <Group justify="end">
        <Button variant="default" data-autofocus onClick={stay}>Stay here</Button>
        <Button color="live" onClick={() => blocker.proceed?.()}>Leave without saving</Button>
      </Group>
    </Dialog>
  );
}
