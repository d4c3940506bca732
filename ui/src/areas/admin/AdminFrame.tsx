import { Alert, Paper, Skeleton, Stack } from "@mantine/core";
import {
  IconAlertCircle, IconCoins, IconDroplet, IconKey, IconMail, IconShieldCheck, IconStethoscope, IconUsersGroup,
} from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { NavLink } from "react-router";
import { sentence } from "../../api/error";
import { Page } from "../../shell/Page";
import classes from "./AdminFrame.module.css";

const SECTIONS = [
  { path: "people", name: "People", Icon: IconUsersGroup },
  { path: "roles", name: "Roles", Icon: IconShieldCheck },
  { path: "keys", name: "Service keys", Icon: IconKey },
  { path: "costs", name: "Costs", Icon: IconCoins },
  { path: "leaks", name: "Leaks", Icon: IconDroplet },
  { path: "mail", name: "Mail", Icon: IconMail },
  { path: "doctor", name: "Doctor", Icon: IconStethoscope },
];

export interface AdminFrameProps {
  title: string;
  /** What the section is about, in a sentence or two. */
  about: ReactNode;
  action?: ReactNode;
  error?: Error | null;
  isPending?: boolean;
  children: ReactNode;
}

/** One section of the administrators' pages, beside the way to the others. */
export function AdminFrame({ title, about, action, error = null, isPending = false, children }: AdminFrameProps) {
  return (
    <div className={classes.frame}>
      <Sections />
      <Page title={title} lead={about} actions={action}>
        <Paper withBorder p={{ base: "md", sm: "xl" }}>
          <Stack gap="md">
            {error && <Alert role="alert" color="live" icon={<IconAlertCircle />} title={sentence(error)} />}
            {isPending ? <Skeleton h={90} radius="md" aria-label="Loading" role="status" /> : children}
          </Stack>
        </Paper>
      </Page>
    </div>
  );
}

function Sections() {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the sections lie in a row that is wider than the screen.
    const current = nav.current?.querySelector<HTMLElement>('[aria-current="page"]');
    if (nav.current && current) nav.current.scrollLeft = current.offsetLeft - nav.current.clientWidth / 2 + current.clientWidth / 2;
  }, []);
  return (
    <nav ref={nav} className={classes.sections} aria-label="Administration">
      {SECTIONS.map(({ path, name, Icon }) => (
        <NavLink key={path} to={`/admin/${path}`} className={classes.link ?? ""}>
          <Icon size={18} stroke={1.7} aria-hidden /> {name}
        </NavLink>
      ))}
    </nav>
  );
}
