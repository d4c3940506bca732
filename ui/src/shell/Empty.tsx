import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** Nothing to show, and what to do about it. */
export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Paper withBorder p={{ base: "lg", sm: "xl" }} role="status">
      <Stack align="center" gap="sm" ta="center" py="lg">
        <Title order={2}>{title}</Title>
        {children && (
          <Text c="dimmed" maw="36rem" component="div" style={{ textWrap: "pretty" }}>
            {children}
          </Text>
        )}
        {action && <Group mt="xs" justify="center">{action}</Group>}
      </Stack>
    </Paper>
  );
}
