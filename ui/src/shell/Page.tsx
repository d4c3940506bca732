import { Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useRef } from "react";
import { shorten } from "./format";
import classes from "./Page.module.css";

// What a heading shows on a phone without becoming the page.
const LONG_TITLE_CHARACTERS = 90;

export interface PageProps {
  title: string;
  /** Shown under the heading. */
  lead?: ReactNode;
  /** Beside the heading. */
  actions?: ReactNode;
  /** Whether the heading is for screen readers only, where the page speaks for itself. */
  isHeadingHidden?: boolean;
  width?: string;
  /** Whether the page uses a wide screen to its edges. */
  isWide?: boolean;
  children: ReactNode;
}

/** A page: document title, one heading that takes the focus on arrival, and the content. */
export function Page({ title, lead, actions, isHeadingHidden = false, width = "76rem", isWide = false, children }: PageProps) {
  const isLong = title.length > LONG_TITLE_CHARACTERS;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // Arriving by a link inside the application is announced as a page load would be.
    if (document.activeElement && document.activeElement !== document.body) heading.current?.focus();
    window.scrollTo(0, 0);
  }, []);
  return (
    <Stack gap="lg" w="100%" maw={isWide ? undefined : width} mx="auto" data-wide={isWide || undefined}>
      <title>{`${shorten(title)} · Rostrum`}</title>
      <Group justify="space-between" align="end" gap="md" className={isHeadingHidden ? "visually-hidden" : undefined}>
        <div style={{ minWidth: 0, flex: "1 1 16rem" }}>
          <Title
            order={1} ref={heading} tabIndex={-1} className={classes.heading} title={isLong ? title : undefined}
            data-long={isLong || undefined}
          >
            <bdi>{title}</bdi>
          </Title>
          {lead && (
            <Text c="dimmed" mt={6} component="div">
              {lead}
            </Text>
          )}
        </div>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
