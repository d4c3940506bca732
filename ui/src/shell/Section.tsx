import { Alert, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { type ReactNode, useId } from "react";
import { sentence } from "../api/error";

export interface SectionProps {
  title: string;
  /** What the section is about, in a sentence or two. */
  about: ReactNode;
  action?: ReactNode;
  error: Error | null;
  isPending: boolean;
  children: ReactNode;
}

/** One list of the page: heading, what it is, an action, then the list or why there is none. */
export function Section({ title, about, action, error, isPending, children }: SectionProps) {
  const id = useId();
  return (
    <Paper withBorder p={{ base: "md", sm: "xl" }} component="section" aria-labelledby={id}>
      <Stack gap="md">
        <Group justify="space-between" align="start" gap="md">
          <div style={{ flex: "1 1 16rem" }}>
            <Title order={2} id={id}>{title}</Title>
            <Text c="dimmed" size="sm" mt={4}>{about}</Text>
          </div>
          {action}
        </Group>
        {error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(error)} />}
        {isPending ? <Skeleton h={90} radius="md" aria-label="Loading" role="status" /> : children}
      </Stack>
    </Paper>
  );
}
