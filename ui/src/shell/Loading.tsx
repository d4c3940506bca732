import { Center, Loader } from "@mantine/core";

/** Something is on its way; the label says what. */
export function Loading({ label }: { label: string }) {
  return (
    <Center mih="40vh" role="status" aria-label={label}>
      <Loader type="dots" />
    </Center>
  );
}
