import { Anchor, Paper, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { Page } from "../../shell/Page";

export interface AccountPageProps {
  title: string;
  lead?: ReactNode;
  /** The way out for whoever came to the wrong page. */
  other?: { question: string; answer: string; to: string };
  children: ReactNode;
}

/** The sheet of paper on which one signs in, registers, and sets a password. */
export function AccountPage({ title, lead, other, children }: AccountPageProps) {
  return (
    <Page title={title} lead={lead} width="27rem">
      <Paper withBorder p={{ base: "lg", xs: "xl" }}>
        <Stack gap="md">{children}</Stack>
      </Paper>
      {other && (
        <Text ta="center">
          {other.question} <Anchor component={Link} to={other.to} underline="always">{other.answer}</Anchor>
        </Text>
      )}
    </Page>
  );
}
