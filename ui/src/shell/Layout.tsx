import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import {
  IconBroadcast, IconGavel, IconLayoutGrid, IconLogout, IconPlaylist, IconSettings, IconUserCircle, IconUsersGroup,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, NavLink, useLocation } from "react-router";
import { shownEmail } from "../areas/accounts/oidc";
import { signOut } from "../areas/accounts/operations";
import { isAdmin, isHost } from "../areas/accounts/roles";
import { useSession } from "../areas/accounts/useSession";
import { Bell } from "../areas/notifications/Bell";
import { ColorScheme } from "./ColorScheme";
import classes from "./Layout.module.css";
import { OfflineBanner } from "./OfflineBanner";
import { type Place, placeOf } from "./place";

/** What every page stands in: skip link, header, banner, main. */
export function Layout({ children }: { children: ReactNode }) {
  const session = useSession();
  return (
    <>
      <a className="skip-link" href="#main">Skip to the content</a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/now" className={classes.brand} aria-label="Rostrum, home">
            <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="30" height="30" />
            <span className={classes.name}>Rostrum</span>
          </Link>
          <nav className={classes.nav} aria-label="Main">
            <NavLink to="/now" className={classes.link ?? ""}>Now</NavLink>
            <PlaceLink to="/auctions" place="buy">Buy</PlaceLink>
            <PlaceLink to="/sell" place="sell">Sell</PlaceLink>
            <NavLink to="/my-bids" className={classes.link ?? ""}>My bids</NavLink>
            {/* On a phone these are in the account's menu. */}
            {isHost(session) && <NavLink to="/my-channel" className={classes.extra ?? ""}>My channel</NavLink>}
            {isAdmin(session) && <NavLink to="/channels" className={classes.extra ?? ""}>Channels</NavLink>}
          </nav>
          <Group gap={4} wrap="nowrap">
            <ColorScheme />
            <AccountCorner />
          </Group>
        </div>
      </header>
      <OfflineBanner />
      <main id="main" tabIndex={-1} className={classes.main}>{children}</main>
    </>
  );
}

function PlaceLink({ to, place, children }: { to: string; place: Place; children: ReactNode }) {
  const isHere = placeOf(useLocation().pathname) === place;
  return <Link to={to} className={classes.link ?? ""} aria-current={isHere ? "page" : undefined}>{children}</Link>;
}

function AccountCorner() {
  const session = useSession();
  const { pathname, search } = useLocation();
  if (session.status === "unknown") return <span className={classes.corner} />;
  if (session.status === "anonymous") {
    const isSigningIn = pathname === "/sign-in" || pathname === "/register";
    const next = isSigningIn ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return <Button component={Link} to={`/sign-in${next}`} size="xs">Sign in</Button>;
  }
  return (
    <>
      <Bell accountId={session.account.id} />
      <Menu position="bottom-end" width={230} withinPortal>
        <Menu.Target>
          <ActionIcon aria-label={`Account: ${session.account.name}`} data-testid="account-menu">
            <IconUserCircle size={24} stroke={1.6} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {session.account.name}
            <br />
            {shownEmail(session.account.email)}
          </Menu.Label>
          <Menu.Item component={Link} to="/auctions/new" leftSection={<IconGavel size={16} />}>New listing</Menu.Item>
          <Menu.Item component={Link} to="/groups" leftSection={<IconPlaylist size={16} />}>Groups</Menu.Item>
          {isHost(session) && (
            <Menu.Item component={Link} to="/my-channel" leftSection={<IconBroadcast size={16} />}>Your channel</Menu.Item>
          )}
          {isAdmin(session) && (
            <Menu.Item component={Link} to="/channels" leftSection={<IconLayoutGrid size={16} />}>All channels</Menu.Item>
          )}
          <Menu.Item component={Link} to="/account" leftSection={<IconSettings size={16} />}>Your account</Menu.Item>
          {isAdmin(session) && (
            <Menu.Item component={Link} to="/admin" leftSection={<IconUsersGroup size={16} />}>Administration</Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item onClick={() => void signOut()} leftSection={<IconLogout size={16} />}>Sign out</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
